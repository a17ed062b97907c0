import type { ContextWrite, StepRecord } from "#server/engine/contract.ts";
import { sha256 } from "#server/kernel/crypto.ts";
import type { NewEvent } from "./events.ts";
import type { Ending } from "./end-run.ts";
import type { RecordedCall } from "./kinds.ts";
import { toJsonb } from "./events.ts";
import { veiled, type Secrets } from "./secrets.ts";
import type { StepChange } from "./steps.schema.ts";

/** Larger messages are stored once for each content, beside the steps. */
const INLINE_CHARS = 8_192;
export const PREVIEW_CHARS = 200;
/** Changes of steps that one event carries. */
const CHANGES_PER_EVENT = 1_000;

/** A step as its row is written. JSON columns are texts. */
export interface StepRow {
  record: StepRecord;
  input: string | null;
  preview: string | null;
  outputs: string | null;
  context: string | null;
}

/** What is gathered of one run between two writes. It becomes durable as a whole. */
export interface Pending {
  events: NewEvent[];
  /** Where among the events those of the steps belong. */
  stepsAt: number;
  changes: Map<number, StepChange>;
  steps: Map<number, StepRow>;
  calls: Map<string, { call: RecordedCall; args: string; result: string | null }>;
  payloads: Map<string, string>;
  /** Writes to contexts that outlive the run; the last one to a key counts. */
  shared: Map<string, ContextWrite & { stamp: number }>;
  ending: Ending | null;
  /** About how many characters. */
  size: number;
  /** Settled when it is durable or lost; made when somebody waits for it. */
  settled: PromiseWithResolvers<void> | null;
}

export const emptyPending = (): Pending => ({
  events: [],
  stepsAt: 0,
  changes: new Map(),
  steps: new Map(),
  calls: new Map(),
  payloads: new Map(),
  shared: new Map(),
  ending: null,
  size: 0,
  settled: null,
});

export function addEvent(pending: Pending, type: string, data: Record<string, unknown>, secrets: Secrets): void {
  const last = pending.events.at(-1);
  // Pieces of the same passage that wait together are one event: fewer rows, same text.
  if (type === "content" && last?.type === "content" && last.data["part"] === data["part"]) {
    last.data = { ...last.data, text: `${String(last.data["text"])}${String(data["text"])}` };
    return;
  }
  // What a debug node shows is for people only: nothing goes on from it. An answer is for whoever asked, who gets it whole.
  const sealed = type === "debug" || type === "http_reply" ? secrets.masked(toJsonb(data)) : null;
  const shown = sealed ? (JSON.parse(type === "debug" ? veiled(sealed) : sealed) as typeof data) : data;
  pending.events.push({ type, data: shown });
  pending.size += 500;
}

export function addStep(pending: Pending, record: StepRecord, secrets: Secrets): void {
  if (pending.changes.size === 0) pending.stepsAt = pending.events.length;
  const before = pending.steps.get(record.seq);
  const { input, preview } = record.msg === undefined ? (before ?? {}) : addMessage(pending, record.msg, secrets);
  const outputs = record.out?.length
    ? `[${record.out.map(({ port, msg }) => `{"port":${port},"msg":${secrets.masked(msg)}}`).join(",")}]`
    : (before?.outputs ?? null);
  const context = record.context?.length ? `[${record.context.map(contextJson).join(",")}]` : (before?.context ?? null);
  pending.steps.set(record.seq, {
    record: before ? { ...before.record, ...record } : record,
    input: input ?? null,
    preview: preview ?? null,
    outputs,
    context,
  });
  for (const write of record.context ?? [])
    if (!write.scope.startsWith("node:"))
      pending.shared.set(`${write.scope} ${write.key}`, { ...write, stamp: ++stamp });
  pending.changes.set(record.seq, { ...pending.changes.get(record.seq), ...changeOf(record) });
  pending.size += 300 + (outputs?.length ?? 0) + (context?.length ?? 0);
}

function addMessage(pending: Pending, msg: string, secrets: Secrets): { input: string; preview: string | null } {
  const masked = secrets.masked(msg);
  pending.size += masked.length;
  if (masked.length <= INLINE_CHARS) return { input: masked, preview: null };
  const hash = sha256(masked);
  pending.payloads.set(hash, masked);
  return { input: `{"$payload":"${hash}"}`, preview: previewOf(masked) };
}

/** The first characters of a message, for people. */
export const previewOf = (json: string): string =>
  veiled(json.slice(0, PREVIEW_CHARS * 3))
    .slice(0, PREVIEW_CHARS)
    .toWellFormed();

export function addCall(pending: Pending, call: RecordedCall, secrets: Secrets): void {
  const args = secrets.masked(JSON.stringify(call.args ?? null));
  const result = call.result === undefined ? null : secrets.masked(JSON.stringify(call.result));
  pending.calls.set(`${call.step}/${call.n}`, { call, args, result });
  pending.size += args.length + (result?.length ?? 0);
}

/** Writes of several runs to one key keep their order, in whatever order the runs are written. */
let stamp = 0;

const contextJson = ({ scope, key, value, order }: ContextWrite) => {
  const head = `"scope":${JSON.stringify(scope)},"key":${JSON.stringify(key)}`;
  return `{${head}${order === undefined ? "" : `,"order":${order}`}${value === undefined ? "" : `,"value":${value}`}}`;
};

const changeOf = ({ seq, node, from, port, state, at, startedAt, durationMs, error, statusText }: StepRecord) => ({
  seq,
  node,
  from,
  port,
  status: state,
  at,
  ...(startedAt === undefined ? {} : { startedAt }),
  ...(durationMs === undefined ? {} : { durationMs }),
  ...(error === undefined ? {} : { error }),
  ...(statusText === undefined ? {} : { statusText }),
});

/** The events of the whole, those of the steps among them. */
export function eventsOf({ events, stepsAt, changes }: Pending): NewEvent[] {
  if (changes.size === 0) return events;
  const all = [...changes.values()];
  const ofSteps: NewEvent[] = [];
  for (let i = 0; i < all.length; i += CHANGES_PER_EVENT)
    ofSteps.push({ type: "steps", data: { steps: all.slice(i, i + CHANGES_PER_EVENT) } });
  return [...events.slice(0, stepsAt), ...ofSteps, ...events.slice(stepsAt)];
}
