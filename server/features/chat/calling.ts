import type { Deps } from "../deps.ts";
import type { DiscoveryDeps } from "../own-tools/index.ts";
import type { Execution, RecordedCall, RunUsage } from "../runs/index.ts";
import type { TurnTools } from "./turn-tools.ts";
import type { ToolPart, Turn } from "./turn.schema.ts";

/** How a call came out for now. `waiting`: for a person; the turn is to be suspended when the others have ended. */
export type CallState = "done" | "waiting";

/** What a call came to, or that it waits; for whoever made it to write down. */
export type CallOutcome =
  { state: "done"; result: unknown; failed: boolean; durationMs: number } | { state: "waiting" };

/** What calls of a turn share. */
export interface Calling {
  deps: DiscoveryDeps & Pick<Deps, "tools" | "db" | "live" | "clock">;
  execution: Execution;
  emit: Execution["emit"];
  turn: Turn;
  usage: RunUsage;
  tools: TurnTools;
  /** Whether a person sees the turn, who can fill in what is asked. */
  interactive: boolean;
  /** What the turn asked for before it was suspended, with the answers. */
  asked: readonly RecordedCall[];
  /** Which tools there are has changed. */
  changed(): void;
}

export const done = (result: unknown, failed = false, durationMs = 0): CallOutcome => ({
  state: "done",
  result,
  failed,
  durationMs,
});

/** The place of a call in its turn, which stays the same whoever takes the turn up. */
export function placeOf({ turn }: Pick<Calling, "turn">, { callId }: Pick<ToolPart, "callId">) {
  const step = turn.steps.find(({ calls }) => calls.some((call) => call.callId === callId));
  const place = step?.calls.findIndex((call) => call.callId === callId) ?? -1;
  if (!step || place < 0) throw new Error(`the call ${callId} is of no step of this turn`);
  return { step: step.part, place: place + 1 };
}
