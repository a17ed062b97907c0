import { clockTime } from "../time/format-time.ts";

export interface Span {
  /** ms */
  from: number;
  /** ms; null while it goes on. */
  to: number | null;
}

export interface TimelineScale {
  start: number;
  end: number;
  /** Elapsed ms at which a line is drawn, from 0. */
  ticks: number[];
  /** Share of the width, 0 to 1. */
  at: (time: number) => number;
}

const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
];

/** A round length on the axis: "500 ms", "5 s", "01:30". */
export function tickLabel(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1_000) return `${ms} ms`;
  return ms < 60_000 ? `${ms / 1_000} s` : clockTime(ms);
}

/** A scale over all spans; those that go on reach to `now`. About `wanted` ticks at round lengths, six at most more. */
export function timelineScale(spans: Span[], now: number, wanted = 5): TimelineScale {
  let start = spans[0]?.from ?? now;
  let last = start;
  for (const { from, to } of spans) {
    start = Math.min(start, from);
    last = Math.max(last, from, to ?? now);
  }
  const length = Math.max(1, last - start);
  const step = STEPS.find((one) => length / one <= wanted) ?? Math.ceil(length / wanted / 86_400_000) * 86_400_000;
  const ticks = Array.from({ length: Math.floor(length / step) + 1 }, (_, i) => i * step);
  const at = (time: number) => Math.min(1, Math.max(0, (time - start) / length));
  return { start, end: start + length, ticks, at };
}
