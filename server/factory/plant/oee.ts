import type { Bucket, Machine, MachineState } from "./model.ts";
import type { Minute } from "./calendar.ts";

export const QUARTER = 15;
/** What the plant wants of every machine, in percent. */
export const OEE_TARGET = 85;

/** The quarter of an hour that `now` belongs to; opened when the machine first reports in it. */
export function bucketAt(machine: Machine, now: Minute): Bucket {
  const at = now - (now % QUARTER);
  const last = machine.buckets.at(-1);
  if (last?.at === at) return last;
  const none: Record<MachineState, number> = { running: 0, setup: 0, down: 0, starved: 0, idle: 0, maintenance: 0 };
  const bucket = { at, ...none, good: 0, scrap: 0, ideal: 0 };
  machine.buckets.push(bucket);
  return bucket;
}

/** What was counted between two instants; whole quarters only. Minutes by state, pieces, ideal minutes of the pieces. */
export function sumBuckets(machine: Machine, from: Minute, to: Minute): Omit<Bucket, "at"> {
  const sum = { running: 0, setup: 0, down: 0, starved: 0, idle: 0, maintenance: 0, good: 0, scrap: 0, ideal: 0 };
  // Newest first: reports ask for the recent past, and the list is in order.
  for (let index = machine.buckets.length - 1; index >= 0; index--) {
    const bucket = machine.buckets[index];
    if (!bucket || bucket.at + QUARTER <= from) break;
    if (bucket.at >= to) continue;
    sum.running += bucket.running;
    sum.setup += bucket.setup;
    sum.down += bucket.down;
    sum.starved += bucket.starved;
    sum.idle += bucket.idle;
    sum.maintenance += bucket.maintenance;
    sum.good += bucket.good;
    sum.scrap += bucket.scrap;
    sum.ideal += bucket.ideal;
  }
  return sum;
}

export interface Oee {
  /** Each in percent, one decimal; null while the machine had nothing planned or has not run. */
  oee: number | null;
  availability: number | null;
  performance: number | null;
  quality: number | null;
}

/**
 * OEE = availability × performance × quality (ISO 22400-2). Planned time is all but planned maintenance and time
 * without any job; setup, breakdowns and waiting for material are availability losses.
 */
export function oeeOf(counts: Omit<Bucket, "at">): Oee {
  const planned = counts.running + counts.setup + counts.down + counts.starved;
  const pieces = counts.good + counts.scrap;
  if (planned === 0) return { oee: null, availability: null, performance: null, quality: null };
  const availability = counts.running / planned;
  if (counts.running === 0 || pieces === 0) {
    return { oee: 0, availability: percent(availability), performance: null, quality: null };
  }
  const performance = counts.ideal / counts.running;
  const quality = counts.good / pieces;
  return {
    oee: percent(availability * performance * quality),
    availability: percent(availability),
    performance: percent(performance),
    quality: percent(quality),
  };
}

export const percent = (share: number): number => Math.round(share * 1000) / 10;
