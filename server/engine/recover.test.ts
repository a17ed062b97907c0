import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { StepRecord } from "#server/engine/contract.ts";
import { createEngine } from "#server/engine/engine.ts";
import { functionNodeOverride } from "#server/engine/isolate/index.ts";
import type { Ended, Engine } from "#server/engine/engine-types.ts";
import type { TestFlow } from "#server/engine/test-nodes.ts";
import { OSF } from "#server/engine/test-flows-osf.ts";
import { ROUTING } from "#server/engine/test-flows-routing.ts";
import { STOCK } from "#server/engine/test-flows-stock.ts";
import { SEQUENCES } from "#server/engine/test-flows-sequences.ts";
import { TIME } from "#server/engine/test-flows-time.ts";
import { contextsOf, HandClock, isOver, logOf, MemoryHost, scripted, settled } from "#server/engine/test-engine.ts";

/*
 * The heart of the engine: a run that is cut off after any of its records and gone on with ends as if nothing had happened.
 * Every flow is executed once undisturbed, then again from every prefix of its log, at once and after a downtime.
 */
const OSF_NODES = path.resolve(import.meta.dirname, "../../nodered-nodes/node-red-contrib-osf");
const DOWNTIMES = [0, 60_000];

interface Life {
  how: Ended;
  host: MemoryHost;
}

/** What is durable at a cut. */
interface Durable {
  records: StepRecord[];
  answers: Map<string, unknown>;
  gaps: { from: number; to: number }[];
  now: number;
}

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

type Execute = (from?: Durable) => Promise<Life>;

/** Executes a flow on one engine, each time with a clock and a host of its own. */
async function executor(
  { graph, start = { node: "in" }, answer = () => null }: Omit<TestFlow, "comes">,
  flush: "turn" | "each",
): Promise<Execute> {
  let clock = new HandClock();
  let host = new MemoryHost(clock, answer);
  const made = createEngine({
    host: {
      record: (...args) => host.record(...args),
      commit: () => host.commit(),
      call: (...args) => host.call(...args),
    },
    clock: { now: () => clock.now(), after: (ms, fn) => clock.after(ms, fn) },
    flush,
    packages: [OSF_NODES],
    overrides: { function: graph.nodes.some((node) => "func" in node) ? functionNodeOverride : scripted },
  });
  engine = made;
  await made.plan(graph);
  return async (from) => {
    clock = new HandClock(from?.now);
    host = new MemoryHost(clock, answer);
    for (const [key, value] of from?.answers ?? []) host.answers.set(key, value);
    made.setContexts(contextsOf(from?.records ?? []), true);
    const log = from && { log: { ...logOf(from.records), gaps: from.gaps } };
    const how = await settled(made.start({ runId: "run_1", graph: graph.key, start, ...log }), clock, host);
    return { how, host };
  };
}

/** What of a life is durable after so many of its batches. */
function cutAt(before: Durable | undefined, { host }: Life, cut: number, downtime: number): Durable {
  const batches = host.batches.slice(0, cut);
  const records = [...(before?.records ?? []), ...batches.flatMap(({ steps }) => steps)];
  const said = batches.flatMap(({ events }) => events.filter(({ type }) => type === "interruption"));
  return {
    records,
    answers: new Map([...host.answers].filter(([key]) => isKnown(records, key))),
    gaps: [...(before?.gaps ?? []), ...said.map(({ data }) => data as { from: number; to: number })],
    now: (batches.at(-1)?.at ?? 0) + downtime,
  };
}

/** What was sent to whom, without the ids of messages and sequences, which tell when and not what. */
function deliveries(records: StepRecord[]): string[] {
  const log = logOf(records).steps;
  const nodeOf = new Map(log.map(({ seq, node }) => [seq, node]));
  return log
    .map(({ node, from, port, msg, state, error, out }) => {
      const plain = (text: string) =>
        JSON.stringify(JSON.parse(text), (key, value: unknown) =>
          ["_msgid", "_linkSource", "stack"].includes(key) ||
          (key === "id" && typeof value === "string" && /^[\da-f]{16}$/.test(value))
            ? undefined
            : value,
        );
      const sent = (out ?? []).map((one) => [one.port, plain(one.msg)]);
      const sender = from === null ? null : nodeOf.get(from);
      return JSON.stringify([sender, port, node, plain(msg), state, error ?? null, sent]);
    })
    .sort();
}

/** Demands that a life after a cut ends as the whole one did, and does nothing a second time. */
function check(where: string, whole: Life, before: Durable, { how, host }: Life): void {
  const ended = new Set(
    logOf(before.records)
      .steps.filter(isOver)
      .map(({ seq }) => seq),
  );
  expect(how, where).toEqual(whole.how);
  expect(
    host.steps.filter(({ seq }) => ended.has(seq)),
    where,
  ).toEqual([]);
  expect(deliveries([...before.records, ...host.steps]), where).toEqual(deliveries(whole.host.steps));
  const doubled = host.carriedOut.filter(({ ref }) => before.answers.has(`${ref.step}/${ref.n}`));
  expect(doubled, where).toEqual([]);
}

describe.each<Omit<TestFlow, "comes"> & { comes?: unknown[] }>([...ROUTING, ...SEQUENCES, ...TIME, ...OSF, ...STOCK])(
  "a run with $name",
  (flow) => {
    it("ends the same from every point at which it may be cut off, and repeats nothing that had ended", async () => {
      const execute = await executor(flow, "each");
      const whole = await execute();
      expect(["completed", "failed"]).toContain(whole.how.status);
      if (flow.comes) expect(sorted(arrived(whole.host.steps))).toEqual(sorted(flow.comes));
      for (const downtime of DOWNTIMES)
        for (let cut = 1; cut < whole.host.batches.length; cut++) {
          const before = cutAt(undefined, whole, cut, downtime);
          const where = `cut after record ${cut} of ${whole.host.batches.length}, ${downtime} ms later`;
          check(where, whole, before, await execute(before));
        }
    }, 120_000);

    it("does so when it is cut off again", async () => {
      const execute = await executor(flow, "each");
      const whole = await execute();
      const { length } = whole.host.batches;
      let lives = 0;
      for (let cut = 1; cut < length; cut += 4) {
        const first = cutAt(undefined, whole, cut, 5_000);
        const second = await execute(first);
        for (let again = 1; again < second.host.batches.length; again += 5) {
          const before = cutAt(first, second, again, 7_000);
          const where = `cut after record ${cut} of ${length}, then after ${again} of ${second.host.batches.length}`;
          check(where, whole, before, await execute(before));
          lives++;
        }
      }
      expect(lives).toBeGreaterThan(0);
    }, 120_000);
  },
);

describe.each([...ROUTING, ...SEQUENCES, ...TIME, ...OSF, ...STOCK])("a run with $name, recorded by turns", (flow) => {
  it("ends the same from every point, too", async () => {
    const execute = await executor(flow, "turn");
    const whole = await execute();
    let lives = 0;
    for (let cut = 1; cut < whole.host.batches.length; cut++) {
      const before = cutAt(undefined, whole, cut, 5_000);
      if (before.records.length === 0) continue;
      check(`cut after turn ${cut} of ${whole.host.batches.length}`, whole, before, await execute(before));
      lives++;
    }
    expect(lives).toBeGreaterThan(0);
  }, 60_000);
});

/** Payloads that reached debug nodes. */
const arrived = (records: StepRecord[]) =>
  logOf(records)
    .steps.filter(({ type }) => type === "debug")
    .map(({ msg }) => (JSON.parse(msg) as { payload?: unknown }).payload ?? null);
const sorted = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();

/** Whether a call's answer was there at the cut: its step had begun then. */
const isKnown = (records: StepRecord[], key: string) =>
  logOf(records).steps.some(({ seq, state }) => key.startsWith(`${seq}/`) && state !== "queued");
