import { describe, expect, it } from "vitest";
import { bucketAt, oeeOf, sumBuckets } from "./oee.ts";
import { createPlant } from "./plant.ts";

const counts = { running: 0, setup: 0, down: 0, starved: 0, idle: 0, maintenance: 0, good: 0, scrap: 0, ideal: 0 };

describe("OEE", () => {
  it("is availability × performance × quality of the counts", () => {
    // 400 of 480 planned minutes; pieces worth 360 ideal minutes; 940 of 1000 good.
    const day = { ...counts, running: 400, setup: 30, down: 40, starved: 10, good: 940, scrap: 60, ideal: 360 };
    expect(oeeOf(day)).toEqual({ availability: 83.3, performance: 90, quality: 94, oee: 70.5 });
  });

  it("does not count time without any job, nor planned maintenance", () => {
    const busy = { ...counts, running: 100, good: 100, ideal: 95 };
    expect(oeeOf({ ...busy, idle: 300, maintenance: 45 })).toEqual(oeeOf(busy));
  });

  it("is unknown for a machine that had nothing to do, and zero for one that stood still", () => {
    expect(oeeOf({ ...counts, idle: 480 }).oee).toBeNull();
    expect(oeeOf({ ...counts, down: 480 })).toEqual({ oee: 0, availability: 0, performance: null, quality: null });
  });

  it("sums only the quarters of the period", () => {
    const [machine] = createPlant({ seed: 1, start: new Date("2026-03-10T00:00:00Z") }).world.machines;
    if (!machine) throw new Error("The plant has no machine");
    machine.buckets = [];
    for (const at of [0, 15, 30, 45]) bucketAt(machine, at + 3).good = at + 1;
    expect(sumBuckets(machine, 15, 45).good).toBe(16 + 31);
    expect(bucketAt(machine, 59)).toBe(machine.buckets.at(-1));
  });
});
