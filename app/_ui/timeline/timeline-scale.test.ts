import { expect, it } from "vitest";
import { tickLabel, timelineScale } from "./timeline-scale.ts";

it("reaches from the first start to the last end, or to now for what goes on", () => {
  const scale = timelineScale(
    [
      { from: 1_000, to: 2_000 },
      { from: 1_500, to: null },
    ],
    5_000,
  );
  expect([scale.start, scale.end]).toEqual([1_000, 5_000]);
  expect(scale.at(3_000)).toBe(0.5);
});
it("keeps what lies outside within the picture", () => {
  const scale = timelineScale([{ from: 0, to: 100 }], 100);
  expect([scale.at(-50), scale.at(900)]).toEqual([0, 1]);
});
it("draws lines at round lengths, five or so", () => {
  expect(timelineScale([{ from: 0, to: 4_300 }], 0).ticks).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
  expect(timelineScale([{ from: 7, to: 7 + 130 }], 0).ticks).toEqual([0, 50, 100]);
  expect(timelineScale([{ from: 0, to: 20 * 86_400_000 }], 0).ticks).toHaveLength(6);
});
it("survives nothing, and an instant", () => {
  expect(timelineScale([], 9).ticks).toEqual([0, 1]);
  expect(timelineScale([{ from: 5, to: 5 }], 9).at(5)).toBe(0);
});
it("does not turn round when a clock ran backwards", () => {
  expect(timelineScale([{ from: 100, to: 40 }], 100).end).toBeGreaterThan(100);
});

it("labels round lengths shortly", () => {
  expect([0, 500, 5_000, 90_000, 7_200_000].map(tickLabel)).toEqual(["0", "500 ms", "5 s", "01:30", "2:00:00"]);
});
