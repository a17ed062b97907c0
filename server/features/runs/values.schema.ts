/** What the pages need of runs as values: without a library, so that they stay light. */

export const RUN_KINDS = ["chat", "agent", "chain", "flow", "code_agent"] as const;
export const RUN_STATUSES = [
  "queued",
  "running",
  "waiting",
  "paused",
  "needs_decision",
  "completed",
  "failed",
  "cancelled",
  "timed_out",
] as const;
export const ENDED = ["completed", "failed", "cancelled", "timed_out"] as const;

/** Not over, held by nobody, until `resumeRun`: for an approval, at a breakpoint, for what to do about an open effect. */
export const SUSPENDED = ["waiting", "paused", "needs_decision"] as const;

export type SuspendedStatus = (typeof SUSPENDED)[number];
export type EndedStatus = (typeof ENDED)[number];
export const hasEnded = (status: (typeof RUN_STATUSES)[number]): status is EndedStatus =>
  (ENDED as readonly string[]).includes(status);

/** The last event of each run has one of these types, and no other event has. */
export const TERMINAL_EVENTS = ["done", "error", "cancelled"] as const;
export const isTerminal = (type: string): boolean => (TERMINAL_EVENTS as readonly string[]).includes(type);
