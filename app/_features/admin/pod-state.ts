import type { State } from "#app/_ui/theme/palette.ts";
import type { PodState, PodView } from "#server/features/pods/schema.ts";
import type { podWords } from "./pod-words.ts";

/** The colour and icon of each state; its word is in `podWords`. */
export const POD_STATE: Record<PodState, State> = {
  starting: "running",
  warm: "idle",
  claimed: "ok",
  draining: "waiting",
  terminated: "idle",
  failed: "fault",
};

/** Whose it is: "Ana · Line 3". */
export const seatOf = ({ userName, workspaceName }: Pick<PodView, "userName" | "workspaceName">): string =>
  [userName, workspaceName].filter(Boolean).join(" · ");

/** What a pod is doing, in words; "" when it does nothing. */
export function busyWith(busy: PodView["busy"], words: (typeof podWords)["en"]): string {
  if (!busy) return "";
  return [
    busy.runs > 0 ? words.busyRuns(busy.runs) : "",
    busy.http > 0 ? words.busyHttp(busy.http) : "",
    busy.timers > 0 ? words.busyTimers(busy.timers) : "",
  ]
    .filter(Boolean)
    .join(", ");
}

export const isOver = ({ state }: Pick<PodView, "state">): boolean => state === "terminated" || state === "failed";
