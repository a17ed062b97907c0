import { expect, it } from "vitest";
import { legacySession, type LegacyChannel } from "./legacy-session.ts";
import type { PeerChange } from "./peer.ts";

it("tells a request what is said on no stream of a request only while it is the only one", async () => {
  const changes: PeerChange[] = [];
  const sent: number[] = [];
  const channel = {
    request: async ({ id }: { id: number }) => void sent.push(id),
    notify: async () => undefined,
    close: async () => undefined,
  } as unknown as LegacyChannel; // all that is asked of it here
  const session = legacySession(channel, (change) => changes.push(change));
  const told: string[] = [];
  const call = (who: string) =>
    session.request(
      {
        method: "tools/call",
        params: { name: "t" },
        timeoutMs: 5_000,
        notify: ({ params }) => void told.push(`${who}: ${String(params["data"])}`),
        // Only one of them can be asked: that makes nobody else's log its own.
        ...(who === "ana" && { ask: async () => ({}) }),
      },
      {},
    );
  const log = (data: string) =>
    session.hear({ jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data } });
  const answer = (id: number | undefined) => session.hear({ jsonrpc: "2.0", id: id!, result: {} });

  const ana = call("ana");
  await expect.poll(() => sent.length).toBe(1);
  log("one");
  const ben = call("ben");
  await expect.poll(() => sent.length).toBe(2);
  log("two");
  answer(sent[0]);
  await ana;
  log("three");
  answer(sent[1]);
  await ben;
  expect(told).toEqual(["ana: one", "ben: three"]);
  expect(changes).toEqual([{ kind: "log", params: { level: "info", data: "two" } }]);
});
