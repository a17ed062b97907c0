import type { CallOp, CallRef, ContextWrite, Snapshot, StepRecord, StepState } from "#server/engine/contract.ts";
import type { Dice } from "#server/engine/ids.ts";

/** A delivery that has not ended. What has ended is in the records only. */
export interface Step {
  readonly seq: number;
  readonly node: string;
  readonly type: string;
  readonly name: string | undefined;
  readonly from: number | null;
  readonly port: number | null;
  /** The node that sent the message. */
  readonly sender: string | null;
  readonly at: number;
  state: StepState;
  startedAt: number | undefined;
  /** performance.now() at the delivery. */
  begun: number;
  error: { code: string; message: string } | undefined;
  statusText: string | undefined;
  out: { port: number; msg: Snapshot }[] | undefined;
  /** Characters of `out`. */
  outChars: number;
  /** Contexts written: scope and key → how to read the value at the end. */
  writes: Map<string, { scope: string; key: string; read: () => unknown }> | undefined;
  /** `done` was called, or the handler has returned and takes none. */
  answered: boolean;
  /** Timers and immediates of the step that are pending. */
  timers: number;
  /** Calls to the host that are under way. */
  calls: number;
  /** Calls so far; the last one's number. */
  lastCall: number;
  /** Approvals that are open, of `calls`. */
  waits: CallRef[] | undefined;
  dice: Dice | undefined;
  /** It had ended before the run was interrupted: it is executed for the state of its node only. */
  readonly replayed: boolean;
  /** Acts outside by itself: what it sends is delivered when that is durable. */
  readonly direct: boolean;
  /** Its record is due, with `more`. */
  changed: boolean;
  more: Partial<More> | undefined;
  /** For terminal nodes: what reached it (where nothing is recorded its payload alone). */
  payload: Snapshot | object | undefined;
}

/** What is told of a step once, with the change that it came by. */
export type More = Pick<StepRecord, "msg" | "durationMs" | "error" | "out" | "context">;

/** Whether an operation's answer may take days. */
export const isLong = (op: CallOp): boolean => op === "approval.request";

export function contextWrites(
  step: Step,
  take: (value: unknown) => Snapshot,
  next: () => number,
): ContextWrite[] | undefined {
  if (!step.writes) return undefined;
  return [...step.writes.values()].map(({ scope, key, read }) => {
    const value = read();
    const write = { scope, key, value: value === undefined ? undefined : take(value) };
    return scope.startsWith("node:") ? { ...write, order: next() } : write;
  });
}

export const BLANK = {
  state: "queued",
  startedAt: undefined,
  begun: 0,
  error: undefined,
  statusText: undefined,
  out: undefined,
  outChars: 0,
  writes: undefined,
  answered: false,
  timers: 0,
  calls: 0,
  lastCall: 0,
  waits: undefined,
  dice: undefined,
  replayed: false,
  direct: false,
  changed: false,
  more: undefined,
  payload: undefined,
} as const satisfies Partial<Step>;

/** A step of a log: to be delivered, or executed again. `replayed`: it had ended. */
export function stepOf(
  record: StepRecord & { msg: Snapshot },
  sender: string | null,
  replayed: boolean,
  direct: boolean,
  terminal: boolean,
): Step {
  return {
    ...BLANK,
    seq: record.seq,
    node: record.node,
    type: record.type,
    name: record.name,
    from: record.from,
    port: record.port,
    sender,
    at: record.at,
    startedAt: record.startedAt,
    replayed,
    direct,
    payload: terminal ? record.msg : undefined,
  };
}
