import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect, vi } from "vitest";
import { it } from "#tests/support/world.ts";
import { openLive } from "./live.ts";

/** A way to the database on which everything stops without a word, as when a network is cut. */
async function road(to: string) {
  const target = new URL(to);
  const there = { host: target.hostname, port: Number(target.port) };
  const cut = new Set<Socket>();
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(there);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("data", (chunk) => cut.has(from) || into.write(chunk));
      from.on("error", () => undefined);
      from.on("close", () => into.destroy());
    }
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has one
  return {
    url: target.href,
    cutAll: () => open.forEach((socket) => cut.add(socket)),
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

it("notices that its connection is dead although nobody said so, tells of the gap, and hears again", async ({
  world: { deps },
}) => {
  const way = await road(deps.settings.databaseUrl);
  const live = await openLive({ url: way.url, sql: deps.sql, log: deps.log, pace: { askMs: 50, answerMs: 500 } });
  const heard: string[] = [];
  let gaps = 0;
  live.subscribe("t", (payload) => heard.push(payload));
  live.onGap(() => gaps++);
  await live.publish("t", "before");
  await vi.waitFor(() => expect(heard).toEqual(["before"]));
  way.cutAll();
  await vi.waitFor(() => expect(gaps).toBe(1), { timeout: 5_000 });
  await live.publish("t", "after");
  await vi.waitFor(() => expect(heard).toEqual(["before", "after"]));
  await live.close();
  way.close();
});

it("listens on one connection after many were cut, and on none once it is closed", async ({ world: { deps } }) => {
  const listening = async () =>
    (
      await deps.sql.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'live-test'`,
      )
    ).rows.map(({ pid }) => pid);
  const url = new URL(deps.settings.databaseUrl);
  url.searchParams.set("application_name", "live-test");
  const live = await openLive({ url: url.href, sql: deps.sql, log: deps.log });
  for (let cut = 0; cut < 3; cut++) {
    const before = await listening();
    expect(before).toHaveLength(1);
    await deps.sql.query("SELECT pg_terminate_backend($1)", before);
    await vi.waitFor(async () => {
      const now = await listening();
      expect(now).toHaveLength(1);
      expect(now).not.toEqual(before);
      expect(live.connected).toBe(true);
    });
  }
  await live.close();
  await vi.waitFor(async () => expect(await listening()).toEqual([]));
});
