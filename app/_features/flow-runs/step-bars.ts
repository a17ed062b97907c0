import type { State } from "#app/_ui/theme/palette.ts";
import type { TimelineGap, TimelineStep } from "#app/_ui/timeline/timeline.tsx";
import type { StepChange } from "#server/features/runs/steps.schema.ts";
import type { FlowLog } from "./flow-log.ts";

export interface BarWords {
  waitWorker: string;
  waitWorkerDetail: string;
  gapQueued: string;
  gapApproval: string;
  gapSuspended: string;
  gapInterrupted: string;
}

/** A wait shorter than this needs no word, ms. */
const WORTH_SAYING = 500;

export const STEP_STATE: Record<StepChange["status"], State> = {
  queued: "waiting",
  running: "running",
  done: "ok",
  failed: "fault",
  dropped: "idle",
};

export const barId = (seq: number): string => `step-${seq}`;
export const seqOf = (id: string | null): number | null => {
  const found = id === null ? null : /^step-(\d+)$/.exec(id);
  return found ? Number(found[1]) : null;
};

/**
 * A bar for each step of a flow's run, with the stretches in which it waited and why. `nameOf` says what a node is
 * called; `endedAt` ends what was under way when the run ended.
 */
export function stepBars(
  log: FlowLog,
  { createdAt, endedAt }: { createdAt: Date; endedAt: Date | null },
  nameOf: (node: string) => string,
  words: BarWords,
): TimelineStep[] {
  const bars: TimelineStep[] = [];
  const created = createdAt.getTime();
  const end = endedAt?.getTime() ?? (log.over ? log.last : null);
  const begin = log.steps[0]?.at ?? log.first ?? end;
  if (begin !== null && begin - created >= WORTH_SAYING)
    bars.push({
      id: "wait",
      label: words.waitWorker,
      detail: words.waitWorkerDetail,
      state: "waiting",
      from: created,
      to: begin,
    });

  const approvals = new Map<number, { from: number; to: number | null }[]>();
  for (const { kind, step, from, to } of log.waits)
    if (kind === "approval" && step !== null) approvals.set(step, [...(approvals.get(step) ?? []), { from, to }]);
  const rests = log.waits.filter(({ kind }) => kind !== "approval");

  for (const step of log.steps) {
    if (!step) continue; // its first change is still on its way
    const started = step.startedAt ?? null;
    const late = started !== null && started - step.at >= WORTH_SAYING;
    const from = late || started === null ? step.at : started;
    const open = step.status === "queued" || step.status === "running";
    const to = open ? end : Math.max(from, (started ?? step.at) + (step.durationMs ?? 0));
    const gaps: TimelineGap[] = [];
    if (late) gaps.push({ from: step.at, to: started, reason: words.gapQueued });
    const asked = approvals.get(step.seq) ?? [];
    for (const wait of asked) gaps.push({ ...wait, to: wait.to ?? end, reason: words.gapApproval });
    for (const rest of rests) {
      // what asked shows its own wait
      if (asked.length > 0 && rest.kind === "suspended") continue;
      const upTo = rest.to ?? end;
      if (rest.from >= (to ?? Infinity) || (upTo !== null && upTo <= from)) continue;
      gaps.push({
        from: Math.max(from, rest.from),
        to: upTo === null ? null : to === null ? upTo : Math.min(upTo, to),
        reason: rest.kind === "suspended" ? words.gapSuspended : words.gapInterrupted,
      });
    }
    const waiting = asked.some((wait) => wait.to === null) && end === null;
    bars.push({
      id: barId(step.seq),
      label: nameOf(step.node),
      state: waiting ? "waiting" : open && end !== null ? "idle" : STEP_STATE[step.status],
      from,
      to,
      ...(step.error ? { detail: step.error.message } : step.statusText ? { detail: step.statusText } : {}),
      ...(gaps.length > 0 ? { gaps } : {}),
    });
  }
  return bars;
}
