import { DAY, minuteOf, dateOf, type Minute } from "./calendar.ts";
import { tickIncidents } from "./incidents.ts";
import { tickMaintenance } from "./maintenance.ts";
import type { World } from "./model.ts";
import { QUARTER } from "./oee.ts";
import { dispatchJobs, tickOrders } from "./orders.ts";
import { accountWaiting, tickMachine } from "./production.ts";
import { tickAudits, tickHolds, tickInspections } from "./quality.ts";
import { closeShortages, tickSupply } from "./supply.ts";
import { planShipment, tickTransport } from "./transport.ts";
import { createWorld, forgetOldRecords } from "./world.ts";

export interface Plant {
  /** The state at `now()`. Read it; change it only through the functions beside this file. */
  readonly world: World;
  /** The last whole minute that was simulated. */
  now(): Date;
  /** Simulates minute by minute up to `to`; an earlier instant changes nothing. A day takes some 20 ms. */
  advance(to: Date): void;
}

export interface PlantOptions {
  seed: number | string;
  start: Date;
  /** IANA name; shifts, office hours and "today" follow it. Default "UTC". */
  timeZone?: string;
}

/** Days of history that a plant has at least: orders take up to five days through it. */
const HISTORY_DAYS = 8;
// 1970-01-05 was a Monday.
const MONDAY = 4 * DAY;

/**
 * A plant with at least eight days behind it. Its history begins on a Monday, so plants of one seed that start within
 * the same week are the same plant: a restart forgets what people booked, nothing else.
 * Same seed, same instants and same bookings give the same state; how the way was cut into advances does not matter.
 */
export function createPlant({ seed, start, timeZone = "UTC" }: PlantOptions): Plant {
  const now = minuteOf(start);
  const begin = now - HISTORY_DAYS * DAY;
  const world = createWorld(seed, begin - ((((begin - MONDAY) % (7 * DAY)) + 7 * DAY) % (7 * DAY)), timeZone);
  advance(world, now);
  return { world, now: () => dateOf(world.now), advance: (to) => advance(world, minuteOf(to)) };
}

function advance(world: World, to: Minute): void {
  while (world.now < to) {
    world.now += 1;
    tick(world);
  }
}

function tick(world: World): void {
  if (world.now % QUARTER === 0) {
    tickOrders(world);
    tickSupply(world);
    tickMaintenance(world);
    tickAudits(world);
    tickIncidents(world);
  }
  dispatchJobs(world);
  for (const machine of world.machines) tickMachine(world, machine);
  for (const machine of world.machines) accountWaiting(world, machine);
  for (const batch of tickInspections(world)) planShipment(world, batch);
  for (const batch of tickHolds(world)) planShipment(world, batch);
  tickTransport(world);
  closeShortages(world);
  if (world.now % DAY === 0) forgetOldRecords(world);
}
