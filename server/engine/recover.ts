import type { RunLog, Snapshot, StepRecord } from "#server/engine/contract.ts";
import { deliver } from "#server/engine/deliver.ts";
import { close, work } from "#server/engine/work.ts";
import { perform } from "#server/engine/effects.ts";
import { Expected } from "#server/engine/expected.ts";
import { callerOf, eventOf } from "#server/engine/links.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import { codeOf, messageOf } from "#server/engine/problems.ts";
import type { Run } from "#server/engine/run.ts";
import { restore } from "#server/engine/snapshot.ts";
import { stepOf, type Step } from "#server/engine/step.ts";
import type { Gap } from "#server/engine/timers.ts";

type Logged = StepRecord & { msg: Snapshot };

/** Turns of the event loop in which a step comes from what came back to its next call, if nothing else is between. */
const TURNS = 20;

const isOver = (record: StepRecord) => record.state !== "queued" && record.state !== "running";
const endOf = (record: StepRecord) => (record.startedAt ?? record.at) + (record.durationMs ?? 0);

/** When the last thing happened that the log tells of. */
export function lastMoment(log: RunLog): number {
  return log.steps.reduce((latest, record) => Math.max(latest, endOf(record), record.at), 0);
}

/** The times in which the run was not executed: those that the host knows, and the one that ends now. */
export function gapsOf(log: RunLog | undefined, now: number): Gap[] {
  if (!log || log.steps.length === 0) return [];
  const last = { from: Math.min(lastMoment(log), now), to: now };
  const before = (log.gaps ?? []).filter((gap) => gap.to <= last.from && gap.to > gap.from);
  return last.to > last.from ? [...before, last] : before;
}

/**
 * Goes on with an interrupted run. Stateful nodes are fed again with what they had got, in its order and at its times, with
 * their timers between; open steps of other nodes are executed again; what either sends and is in the log already is not
 * sent again (Expected). Then messages that waited for their turn get it, and timers run on with the time they had left.
 */
export async function recover(run: Run, log: RunLog): Promise<void> {
  const steps = [...log.steps].sort((a, b) => a.seq - b.seq);
  run.seq = steps.at(-1)?.seq ?? 0;
  run.expected = new Expected(steps, (id) => run.plan.entry(id)?.keeping === "stateful");
  for (const { seq, node } of steps) run.senders.set(seq, node);
  keepReturns(run, steps);
  restoreContexts(run, steps);
  restoreResults(run, steps);
  const given = new Map<FlowNode, Logged[]>();
  for (const record of steps) {
    const node = run.node(record.node);
    if (!node || !run.isStateful(node) || record.startedAt === undefined) continue;
    given.set(node, [...(given.get(node) ?? []), record]);
  }
  for (const [node, records] of given) await feed(run, node, records);
  for (const record of inOrder(run, steps)) {
    const node = run.node(record.node);
    if (run.ended || !node) continue;
    const msg = restore(record.msg) as Message; // a message
    const goOn = () => {
      if (record.state !== "queued") again(run, record, node, msg, steps);
      else if (isImmediate(run, record)) deliver(run, makeStep(run, record, false), node, msg);
      else run.queue.add(makeStep(run, record, false), node, msg);
    };
    const call = record.type === "link out" ? eventOf(msg) : undefined;
    // what it brings back is waited for by a step that has not come to its call again
    if (call !== undefined && run.open.has(callerOf(call)) && !run.returns.called.has(call))
      run.returns.await(call, goOn);
    else goOn();
  }
  await callsMade(run);
  run.release();
}

/** Gives steps that are executed again some turns to come to the calls that they had made: others wait for that. */
async function callsMade(run: Run): Promise<void> {
  const open = (event: string) => run.open.has(callerOf(event));
  for (let quiet = 0; quiet < TURNS && !run.ended && run.returns.expects(open);) {
    const before = run.returns.called.size;
    await turn();
    quiet = run.returns.called.size > before ? 0 : quiet + 1;
  }
}

/** Its duration counts from its first delivery. */
function takeUp(run: Run, step: Step): void {
  step.state = "running";
  step.begun = performance.now() - Math.max(0, run.clock.now() - (step.startedAt ?? step.at));
}

/** Messages to catch, status, complete and link nodes are worked on at once, in the middle of what their sender does. */
const isImmediate = (run: Run, record: StepRecord): boolean =>
  record.port === -1 && run.plan.entry(record.node)?.keeping !== "stateful";

/**
 * What is to be done, in its order: first those that were worked on in the middle of another step, the innermost first,
 * then steps and messages as they came. Steps of stateful nodes that have begun were fed.
 */
function inOrder(run: Run, steps: Logged[]): Logged[] {
  const open = steps.filter((record) => !isOver(record));
  const inner = open.filter((record) => isImmediate(run, record)).toReversed();
  const rest = open.filter(
    (record) =>
      !isImmediate(run, record) && (record.state === "queued" || run.plan.entry(record.node)?.keeping !== "stateful"),
  );
  return [...inner, ...rest];
}

function makeStep(run: Run, record: Logged, replayed: boolean): Step {
  const entry = run.plan.entry(record.node);
  const sender = record.from === null ? null : (run.senders.get(record.from) ?? null);
  return stepOf(record, sender, replayed, entry?.effect === "direct", entry?.terminal ?? false);
}

/** Node contexts are what the ended steps wrote; those of the workspace the host has given. */
function restoreContexts(run: Run, steps: Logged[]): void {
  const writes = steps
    .flatMap((record) => (isOver(record) ? (record.context ?? []) : []))
    .filter(({ scope }) => scope.startsWith("node:"))
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  run.store.load(writes);
  run.writes = writes.at(-1)?.order ?? 0;
}

/** Outputs, the answer of http response, and whether an error was left to itself. */
function restoreResults(run: Run, steps: Logged[]): void {
  const caught = new Set(steps.filter(({ type, port }) => type === "catch" && port === -1).map(({ from }) => from));
  for (const record of steps) {
    if (record.state === "failed" && record.error && !caught.has(record.seq))
      run.uncaught ??= { seq: record.seq, error: record.error };
    if (record.state !== "done") continue;
    const [reply] = record.out ?? [];
    if (record.type === "http response" && reply) run.outputs.reply(record.seq, restore(reply.msg) as never); // as own-nodes.ts wrote it
    if (run.plan.entry(record.node)?.terminal)
      run.outputs.end(record.seq, record.node, record.out?.map(({ msg }) => msg) ?? [record.msg]);
  }
}

/** One stateful node, alone: its messages in the order in which it got them, its timers where they were due. */
async function feed(run: Run, node: FlowNode, records: Logged[]): Promise<void> {
  const inbox = run.inbox(node);
  const settled = async () => {
    do await turn();
    while (inbox.immediates > 0 && !run.ended);
  };
  const order = records.sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0) || a.seq - b.seq);
  for (const record of order) {
    while (!run.ended && inbox.fireDue(record.startedAt ?? 0)) await settled();
    if (run.ended) return;
    const step = makeStep(run, record, isOver(record));
    takeUp(run, step);
    if (!step.replayed) run.open.set(step.seq, step);
    run.note(node, step);
    work(run, step, node, restore(record.msg) as Message); // a message
    await settled();
  }
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** A step of a node that keeps nothing: from its message, at the time at which it had it. */
function again(run: Run, record: Logged, node: FlowNode, msg: Message, steps: Logged[]): void {
  const step = makeStep(run, record, false);
  takeUp(run, step);
  run.open.set(step.seq, step);
  run.note(node, step);
  if (!step.direct) work(run, step, node, msg);
  else if (hasAnswered(record, steps)) finish(run, step, steps);
  else perform(run, step, node, msg, true);
}

/** A direct effect whose result or error is in the log: all that it sent was kept with it. */
const hasAnswered = (record: Logged, steps: Logged[]): boolean =>
  steps.some(({ from, port, type }) => from === record.seq && (port !== -1 || type === "catch"));

function finish(run: Run, step: Step, steps: Logged[]): void {
  const caught = steps.find(({ from, port, type }) => from === step.seq && port === -1 && type === "catch");
  const problem = caught && (restore(caught.msg) as { error?: unknown }).error; // as Scope.handleError wrote it
  if (problem) step.error = { code: codeOf(problem), message: messageOf((problem as { message?: unknown }).message) };
  close(run, step, problem ? "failed" : "done");
}

/**
 * A link call or function that is executed again sends its message to the link in node again, which has had it. If a link
 * out node has brought something back and has ended, it brings it again.
 */
function keepReturns(run: Run, steps: Logged[]): void {
  for (const record of steps) {
    if (record.type !== "link out" || record.state !== "done") continue;
    const node = run.node(record.node);
    const msg = restore(record.msg) as Message; // a message
    const call = eventOf(msg);
    if (!node || call === undefined) continue;
    run.returns.keep(call, () => {
      const step = makeStep(run, record, true);
      takeUp(run, step);
      work(run, step, node, msg);
    });
  }
}
