import { describe, expect, it } from "vitest";
import type { StepRecord } from "#server/engine/contract.ts";
import { openChannel, type Port } from "./channel.ts";
import { Outbox } from "./outbox.ts";
import type { FromRunner } from "./protocol.ts";

const step = (seq: number, more: Partial<StepRecord> = {}): StepRecord => ({
  seq,
  node: "n",
  type: "change",
  from: null,
  port: null,
  at: 1,
  state: "queued",
  ...more,
});

function setup() {
  const batches: FromRunner[][] = [];
  const port: Port = {
    connected: true,
    on: () => undefined,
    send: (batch) => batches.push(structuredClone(batch) as FromRunner[]) > 0, // serialised when it is sent, as IPC does
  };
  const channel = openChannel<FromRunner, never>(port, () => undefined);
  const outbox = new Outbox(channel);
  outbox.open("r");
  const turn = () => new Promise((done) => setImmediate(() => setImmediate(done)));
  return { outbox, channel, batches, turn };
}

describe("what a run records, on its way", () => {
  it("leaves once a turn, with all of that turn", async () => {
    const { outbox, batches, turn } = setup();
    outbox.record("r", [step(1, { msg: "{}" })], []);
    outbox.record("r", [step(1, { state: "done", durationMs: 2 }), step(2, { from: 1, msg: "{}" })], []);
    await turn();
    outbox.record("r", [step(2, { state: "done" })], [{ type: "debug", data: {} }]);
    await turn();
    expect(batches).toHaveLength(2);
    expect(batches[0]).toEqual([
      expect.objectContaining({
        steps: [step(1, { msg: "{}", state: "done", durationMs: 2 }), step(2, { from: 1, msg: "{}" })],
      }),
    ]);
    expect(batches[1]).toEqual([expect.objectContaining({ steps: [step(2, { state: "done" })] })]);
  });

  it("loses nothing that is recorded between the sending and the next turn", async () => {
    const { outbox, channel, batches, turn } = setup();
    outbox.record("r", [step(1, { msg: "{}" })], []);
    channel.flush();
    outbox.record("r", [step(2, { msg: "{}" })], []);
    await turn();
    expect(batches.flat().flatMap((m) => (m.type === "records" ? m.steps.map(({ seq }) => seq) : []))).toEqual([1, 2]);
  });

  it("resolves a commit when the worker says so, not before, and earlier ones with it", async () => {
    const { outbox, batches, turn } = setup();
    const resolved: string[] = [];
    outbox.record("r", [step(1)], []);
    void outbox.commit("r").then(() => resolved.push("first"));
    outbox.record("r", [step(2)], []);
    void outbox.commit("r").then(() => resolved.push("second"));
    await turn();
    const marks = batches.flat().map((m) => (m.type === "records" ? [m.mark, m.steps.map(({ seq }) => seq)] : null));
    expect(marks).toEqual([
      [1, [1]],
      [2, [2]],
    ]);
    expect(resolved).toEqual([]);
    outbox.committed("r", 2);
    await turn();
    expect(resolved).toEqual(["first", "second"]);
  });

  it("holds a run back while much of it is not durable, and lets it go on when it is", async () => {
    const { outbox, turn } = setup();
    const big = step(1, { msg: "x".repeat(3_000_000) });
    expect(outbox.record("r", [big], [])).toBeUndefined();
    let free = false;
    void outbox.record("r", [{ ...big, seq: 2 }], [])?.then(() => (free = true));
    await turn();
    expect(free).toBe(false);
    outbox.committed("r", 1);
    await turn();
    expect(free).toBe(true);
    expect(outbox.record("r", [step(3)], [])).toBeUndefined();
  });

  it("keeps the order of records and of what is said beside them", async () => {
    const { outbox, batches, turn } = setup();
    outbox.record("r", [step(1)], []);
    outbox.say("r", { type: "call", runId: "r", ref: { step: 1, n: 1 }, op: "tool.list", args: {} });
    outbox.record("r", [step(2)], []);
    await turn();
    expect(batches.flat().map(({ type }) => type)).toEqual(["records", "call", "records"]);
  });
});
