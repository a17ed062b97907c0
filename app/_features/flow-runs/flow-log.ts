import type { StepChange } from "#server/features/runs/steps.schema.ts";
import type { RunEventView } from "#server/features/runs/schema.ts";

/** What a run did at one node so far. */
export interface NodeTally {
  count: number;
  queued: number;
  running: number;
  done: number;
  failed: number;
  dropped: number;
  /** Numbers of its steps, in order. */
  steps: number[];
  /** Milliseconds of all its ended steps. */
  totalMs: number;
  status: { text: string; fill: string } | null;
}

export interface DebugMessage {
  seq: number;
  at: number;
  node: string;
  name: string;
  property: string;
  value: unknown;
}

export interface LogLine {
  seq: number;
  at: number;
  node: string;
  level: string;
  message: string;
}

/** A time in which the run, or one of its steps, waited for something outside. `to` null: it still does. */
export interface Wait {
  kind: "approval" | "suspended" | "interrupted";
  /** Of the step that asked; null: the run as a whole. */
  step: number | null;
  approvalId: string | null;
  title: string;
  from: number;
  to: number | null;
}

/** Messages that went from an output of a node to another: `sender/port → receiver → count`. */
export type Traffic = Map<string, Map<string, { count: number; open: number }>>;

/**
 * Everything that the events of a flow's run tell, kept up to date event by event: a run of many thousands of steps is not
 * gone through again with each of them. Changed in place; `version` tells that something changed.
 */
export interface FlowLog {
  version: number;
  /** By number − 1. */
  steps: StepChange[];
  nodes: Map<string, NodeTally>;
  traffic: Traffic;
  debug: DebugMessage[];
  log: LogLine[];
  waits: Wait[];
  /** When the first and the last thing happened, ms. */
  first: number | null;
  last: number;
  /** How often it was taken up. */
  attempts: number;
  over: boolean;
}

export const createFlowLog = (): FlowLog => ({
  version: 0,
  steps: [],
  nodes: new Map(),
  traffic: new Map(),
  debug: [],
  log: [],
  waits: [],
  first: null,
  last: 0,
  attempts: 0,
  over: false,
});

/** Lists of what nodes said end here; a loop that prints without end must not fill the browser. */
const MOST_LINES = 5_000;

export const trafficKey = (sender: string, port: number): string => `${sender}/${port}`;

const string = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

export function readFlowEvents(log: FlowLog, events: readonly RunEventView[]): void {
  for (const event of events) readEvent(log, event);
  if (events.length > 0) log.version++;
}

function readEvent(log: FlowLog, { seq, type, data, at: moment }: RunEventView): void {
  const at = moment.getTime();
  log.first ??= at;
  switch (type) {
    case "status":
      log.attempts = number(data["attempt"]) ?? 1;
      // a run that was suspended is taken up again, which is no interruption
      if (
        log.attempts > 1 &&
        !log.waits.some(({ kind, to }) => kind === "suspended" && (to === null || to >= log.last))
      )
        log.waits.push({ kind: "interrupted", step: null, approvalId: null, title: "", from: log.last, to: at });
      break;
    case "steps":
      // our own writer makes these events: their shape is StepChange[]
      for (const change of Array.isArray(data["steps"]) ? (data["steps"] as StepChange[]) : []) readStep(log, change);
      break;
    case "debug":
      if (log.debug.length < MOST_LINES)
        log.debug.push({
          seq,
          at,
          node: string(data["node"]),
          name: string(data["name"]),
          property: string(data["property"]),
          value: data["value"],
        });
      break;
    case "log":
      if (log.log.length < MOST_LINES)
        log.log.push({
          seq,
          at,
          node: string(data["node"]),
          level: string(data["level"]),
          message: string(data["message"]),
        });
      break;
    case "node_status":
      tallyOf(log, string(data["node"])).status = data["text"]
        ? { text: string(data["text"]), fill: string(data["fill"]) }
        : null;
      break;
    case "approval_required":
      log.waits.push({
        kind: "approval",
        step: number(data["step"]),
        approvalId: string(data["approvalId"]),
        title: string(data["title"]),
        from: at,
        to: null,
      });
      break;
    case "approval_decided":
      endWaits(log, at, (wait) => wait.kind === "approval" && wait.approvalId === string(data["approvalId"]));
      break;
    case "suspended":
      log.waits.push({
        kind: "suspended",
        step: null,
        approvalId: null,
        title: string(data["status"]),
        from: at,
        to: null,
      });
      break;
    case "resumed":
      endWaits(log, at, ({ kind }) => kind === "suspended");
      break;
    case "done":
    case "error":
    case "cancelled":
      endWaits(log, at, () => true);
      log.over = true;
      break;
  }
  log.last = Math.max(log.last, at);
}

function endWaits(log: FlowLog, at: number, which: (wait: Wait) => boolean): void {
  for (const wait of log.waits) if (wait.to === null && which(wait)) wait.to = at;
}

function tallyOf(log: FlowLog, node: string): NodeTally {
  let tally = log.nodes.get(node);
  if (!tally) {
    tally = { count: 0, queued: 0, running: 0, done: 0, failed: 0, dropped: 0, steps: [], totalMs: 0, status: null };
    log.nodes.set(node, tally);
  }
  return tally;
}

const isOpen = ({ status }: StepChange) => status === "queued" || status === "running";

function readStep(log: FlowLog, change: StepChange): void {
  const before = log.steps[change.seq - 1];
  const tally = tallyOf(log, change.node);
  if (before) {
    tally[before.status]--;
    tally.totalMs -= before.durationMs ?? 0;
  } else {
    tally.count++;
    tally.steps.push(change.seq);
  }
  // what an earlier change told and this one leaves out still holds
  const step = { ...before, ...change };
  tally[step.status]++;
  tally.totalMs += step.durationMs ?? 0;
  log.steps[change.seq - 1] = step;
  log.last = Math.max(log.last, step.at, (step.startedAt ?? 0) + (step.durationMs ?? 0));

  const sender = step.from === null ? undefined : log.steps[step.from - 1];
  if (!sender || step.port === null) return;
  const key = trafficKey(sender.node, step.port);
  let targets = log.traffic.get(key);
  if (!targets) log.traffic.set(key, (targets = new Map()));
  const flow = targets.get(step.node) ?? { count: 0, open: 0 };
  targets.set(step.node, {
    count: flow.count + (before ? 0 : 1),
    open: flow.open + (isOpen(step) ? 1 : 0) - (before && isOpen(before) ? 1 : 0),
  });
}
