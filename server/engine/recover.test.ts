import { afterEach, describe, expect, it } from "vitest";
import type { Graph, Start, StepRecord } from "#server/engine/contract.ts";
import { createEngine } from "#server/engine/engine.ts";
import type { Ended, Engine } from "#server/engine/engine-types.ts";
import { ROUTING } from "#server/engine/test-flows-routing.ts";
import { SEQUENCES } from "#server/engine/test-flows-sequences.ts";
import { TIME } from "#server/engine/test-flows-time.ts";
import { contextsOf, HandClock, isOver, logOf, MemoryHost, scripted, settled } from "#server/engine/test-engine.ts";

/*
 * The heart of the engine: a run that is cut off after any of its records and gone on with ends as if nothing had happened.
 * Every flow is executed once undisturbed, then again from every prefix of its log, at once and after a downtime.
 */
const DOWNTIMES = [0, 60_000];

let engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  engines = [];
});

interface Executed {
  how: Ended;
  host: MemoryHost;
}

async function execute(graph: Graph, start: Start, answer: (op: string, args: unknown) => unknown, from?: Prefix) {
  const clock = new HandClock(from?.now);
  const host = new MemoryHost(clock, answer);
  for (const [key, value] of from?.answers ?? []) host.answers.set(key, value);
  const engine = createEngine({ host, clock, flush: "each", overrides: { function: scripted } });
  engines.push(engine);
  await engine.plan(graph);
  if (from) engine.setContexts(contextsOf(from.records), true);
  const run = { runId: "run_1", graph: graph.key, start };
  const ending = engine.start(from ? { ...run, log: logOf(from.records) } : run);
  const how = await settled(ending, clock, host);
  return { how, host } satisfies Executed;
}

interface Prefix {
  records: StepRecord[];
  answers: Map<string, unknown>;
  now: number;
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

describe.each([...ROUTING, ...SEQUENCES, ...TIME])("a run with $name", (flow) => {
  const { graph, start = { node: "in" }, answer = () => null, comes } = flow;
  it("ends the same from every point at which it may be cut off, and repeats nothing that had ended", async () => {
    const whole = await execute(graph, start, answer);
    const records = whole.host.steps;
    expect(["completed", "failed"]).toContain(whole.how.status);
    expect(records.length).toBeGreaterThan(5);
    expect(sorted(arrived(records))).toEqual(sorted(comes));
    const all = deliveries(records);
    for (const downtime of DOWNTIMES)
      for (let cut = 1; cut < whole.host.batches.length; cut++) {
        const batches = whole.host.batches.slice(0, cut);
        const before = batches.flatMap(({ steps }) => steps);
        if (before.length === 0) continue;
        const ended = new Set(
          logOf(before)
            .steps.filter(isOver)
            .map(({ seq }) => seq),
        );
        const answers = new Map([...whole.host.answers].filter(([key]) => known(before, key)));
        const now = batches.at(-1)!.at + downtime;
        const { how, host } = await execute(graph, start, answer, { records: before, answers, now });
        const where = `cut after record ${cut} of ${whole.host.batches.length}, ${downtime} ms later`;
        expect(how, where).toEqual(whole.how);
        expect(
          host.steps.filter(({ seq }) => ended.has(seq)),
          where,
        ).toEqual([]);
        expect(deliveries([...before, ...host.steps]), where).toEqual(all);
        const refs = host.carriedOut.map(({ ref }) => `${ref.step}/${ref.n}`);
        expect(
          refs.filter((ref) => answers.has(ref)),
          where,
        ).toEqual([]);
      }
  }, 120_000);
});

/** Payloads that reached debug nodes. */
const arrived = (records: StepRecord[]) =>
  logOf(records)
    .steps.filter(({ type }) => type === "debug")
    .map(({ msg }) => (JSON.parse(msg) as { payload?: unknown }).payload ?? null);
const sorted = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();

/** Whether a call's answer was there at the cut: its step had begun then. */
const known = (records: StepRecord[], key: string) =>
  logOf(records).steps.some(({ seq, state }) => key.startsWith(`${seq}/`) && state !== "queued");
