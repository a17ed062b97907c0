import { expect, test } from "@playwright/test";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { ensureDatabase, startCluster } from "#server/postgres/cluster.ts";
import { descendants, freePort, startInstance, type Instance } from "#tests/support/instance.ts";
import { startCountingUpstream } from "#tests/support/mcp-upstream.ts";
import { startScriptedModel } from "#tests/support/scripted-model.ts";
import { allSse, readSse, type Received } from "#tests/support/sse.ts";

test.setTimeout(180_000);

const headers = (token: string) => ({ Authorization: `Bearer ${token}`, "Content-Type": "application/json" });
const ask = (product: Instance, token: string, message: string) =>
  fetch(`${product.url}/chat/completions`, {
    method: "POST",
    headers: headers(token),
    body: JSON.stringify({ message }),
  });

/** Watches a run to its end, coming back after each broken connection as a browser does. */
async function follow(product: Instance, token: string, runId: string): Promise<Received[]> {
  const all: Received[] = [];
  for (const until = Date.now() + 60_000; Date.now() < until; await pause(200)) {
    const response = await fetch(`${product.url}/api/runs/${runId}/events`, {
      headers: { ...headers(token), "Last-Event-ID": String(all.length) },
    }).catch(() => null);
    if (response?.ok) all.push(...(await allSse(response)));
    if (["done", "error", "cancelled"].includes(all.at(-1)?.event ?? "")) return all;
  }
  throw new Error(`the run did not end:\n${JSON.stringify(all.at(-1))}`);
}
/** The text as a reader sees it in the end: without what was withdrawn. */
function shownText(events: Received[]): string {
  const withdrawn = new Set(
    events
      .filter(({ event }) => event === "content_withdrawn")
      .map(({ data }) => (data["data"] as { part: number }).part),
  );
  return events
    .filter(({ event, data }) => event === "content" && !withdrawn.has((data["data"] as { part: number }).part))
    .map(({ data }) => (data["data"] as { text: string }).text)
    .join("");
}
const numbered = (events: Received[]) =>
  expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, i) => i + 1));

test("kill -9 of the worker, then of web, in the middle of an answer: it completes whole, no tool is called twice", async () => {
  const upstream = await startCountingUpstream();
  const words = Array.from({ length: 60 }, (_, i) => `word${i} `);
  const slowly = words.flatMap((word) => [word, 50]);
  const model = await startScriptedModel((request) =>
    request.messages.at(-1)?.role === "tool"
      ? { text: slowly }
      : { calls: [{ name: "mcp__book", args: { material: "M-1", amount: 1 } }] },
  );
  const product = await startInstance({
    env: { MCP_URL: upstream.url, LLM_URL_FREE: model.url, LLM_URL_PREMIUM: model.url },
  });
  try {
    const token = await product.token("operator");
    const stream = readSse(await ask(product, token, "Book M-1"));
    let runId = "";
    for (let event = await stream.next(); !event.done; event = await stream.next()) {
      runId ||= String(event.value.data["runId"]);
      if (event.value.event === "content") break;
    }
    product.kill("worker");
    await pause(1_500);
    product.kill("web");
    await product.ready();
    const events = await follow(product, token, runId);
    numbered(events);
    expect(events.at(-1)?.event).toBe("done");
    expect(shownText(events)).toBe(words.join(""));
    expect(upstream.calls().map(({ name }) => name)).toEqual(["book"]);
    expect(events.some(({ event }) => event === "content_withdrawn")).toBe(true);
    const session = (await (await fetch(`${product.url}/chat/sessions`, { headers: headers(token) })).json()) as {
      items: { id: string }[];
    };
    const messages = (await (
      await fetch(`${product.url}/chat/sessions/${session.items[0]?.id}/messages`, { headers: headers(token) })
    ).json()) as { items: { role: string; parts: { type: string; text?: string }[] }[] };
    expect(messages.items.map(({ role }) => role)).toEqual(["user", "assistant"]);
    expect(messages.items[1]?.parts.filter(({ type }) => type === "text").map(({ text }) => text)).toEqual([
      words.join(""),
    ]);
  } finally {
    await product.remove();
    await Promise.all([upstream.stop(), model.stop()]);
  }
});

test("the database away for ten seconds: clear answers meanwhile, then everything goes on by itself", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "osf-away-"));
  const cluster = await startCluster({ folder, durable: false });
  await ensureDatabase(cluster, "osf");
  const database = await startGate(Number(new URL(cluster.url("osf")).port));
  const address = new URL(cluster.url("osf"));
  address.port = String(database.port);
  const model = await startScriptedModel(() => ({
    text: Array.from({ length: 40 }, (_, i) => `w${i} `).flatMap((word) => [word, 100]),
  }));
  const product = await startInstance({
    env: {
      DATABASE_URL: address.href,
      JWT_SECRET: "a secret of tests that is long enough",
      HOST: "127.0.0.1",
      LLM_URL_FREE: model.url,
    },
  });
  try {
    const post = (route: string, body: unknown, token?: string) =>
      fetch(`${product.url}${route}`, {
        method: "POST",
        headers: token ? headers(token) : { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
    const person = { email: "first@example.com", password: "a long enough passphrase", name: "First" };
    expect((await post("/auth/register", person)).status).toBe(201);
    const { token } = (await (
      await post("/auth/login", { email: person.email, password: person.password })
    ).json()) as { token: string };
    const begun = await readSse(await ask(product, token, "tell me")).next();
    const runId = String((begun.value as Received).data["runId"]);
    await pause(500);

    database.close();
    await pause(200);
    const started = Date.now();
    const refused = await fetch(`${product.url}/api/runs`, { headers: headers(token) });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(await refused.json()).toMatchObject({ code: "database.away" });
    expect(Date.now() - started).toBeLessThan(5_000);
    expect((await fetch(`${product.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${product.url}/health/ready`)).status).toBe(503);
    await pause(10_000 - (Date.now() - started));
    database.open();

    await product.ready();
    const events = await follow(product, token, runId);
    numbered(events);
    expect(events.at(-1)?.event).toBe("done");
    expect(shownText(events)).toBe(Array.from({ length: 40 }, (_, i) => `w${i} `).join(""));
    expect((await fetch(`${product.url}/api/runs`, { headers: headers(token) })).status).toBe(200);
  } finally {
    await product.remove();
    database.close();
    await Promise.all([model.stop(), cluster.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
});

test("kill -9 of the launcher leaves nothing running, and the next start finds everything again", async () => {
  const port = String(await freePort());
  const first = await startInstance({ env: { PORT: port } });
  const token = await first.token("operator");
  const sent = await fetch(`${first.url}/chat/sessions`, {
    method: "POST",
    headers: headers(token),
    body: JSON.stringify({ message: "Which alarms are open?" }),
  });
  expect(sent.status).toBe(201);
  const family = descendants(first.launcher.pid ?? -1).map(({ pid }) => pid);
  expect(family.length).toBeGreaterThan(4);
  first.launcher.kill("SIGKILL");
  await expect.poll(() => family.filter(isAlive), { timeout: 30_000 }).toEqual([]);

  const second = await startInstance({ dataDir: first.dataDir, env: { PORT: port } });
  try {
    expect(second.accounts()).toEqual(first.accounts());
    const sessions = (await (
      await fetch(`${second.url}/chat/sessions`, { headers: headers(await second.token("operator")) })
    ).json()) as { items: { title: string }[] };
    expect(sessions.items.map(({ title }) => title)).toEqual(["Which alarms are open?"]);
    const third = await startInstance({ dataDir: first.dataDir }).catch((error: Error) => error);
    expect(String(third)).toMatch(/already running at/i);
    const children = descendants(second.launcher.pid ?? -1).map(({ pid }) => pid);
    expect(await second.stop()).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
  } finally {
    await second.remove();
  }
});

/** A process that ended but was not reaped by whoever inherited it is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** A way to a port that can be closed: connections break, new ones are refused. */
async function startGate(target: number) {
  const port = await freePort();
  const sockets = new Set<net.Socket>();
  let server: net.Server | undefined;
  const open = () => {
    server = net.createServer((near) => {
      const far = net.connect(target, "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => (sockets.delete(socket), other.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    server.listen(port, "127.0.0.1");
  };
  open();
  return {
    port,
    open,
    close() {
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
