import { describe, expect, it } from "vitest";
import { currentPeriod, DAY, HOUR, minuteOf } from "./calendar.ts";
import type { Machine, World } from "./model.ts";
import { OEE_TARGET, oeeOf, sumBuckets } from "./oee.ts";
import { openOrders, ordersAtRisk } from "./outlook.ts";
import { createPlant } from "./plant.ts";
import { quantityAt } from "./world.ts";

const START = new Date("2026-03-12T09:17:00Z");
const later = (hours: number, from = START) => new Date(from.getTime() + hours * 3_600_000);

/** For tests that simulate weeks, on a machine that does other things besides. */
const LONG = 60_000;

/** Everything that the plant knows, as text. */
const stateOf = (world: World): string =>
  JSON.stringify(world, (_key, value: unknown) => (value instanceof Map ? [...value] : value));

describe("the plant", () => {
  it("is the same for the same seed and the same instant, however the way there was cut", () => {
    const [one, two] = [createPlant({ seed: 7, start: START }), createPlant({ seed: 7, start: START })];
    expect(stateOf(one.world)).toBe(stateOf(two.world));
    one.advance(later(30));
    for (let minutes = 0; minutes <= 30 * 60; minutes += 7) two.advance(later(minutes / 60));
    two.advance(later(30));
    expect(stateOf(one.world)).toBe(stateOf(two.world));
  });

  it("differs from seed to seed", () => {
    const orders = (seed: number) =>
      [...createPlant({ seed, start: START }).world.orders.values()].map((it) => it.quantity);
    expect(orders(1)).not.toEqual(orders(2));
  });

  it("is the same plant again after a restart within the week", () => {
    const running = createPlant({ seed: 3, start: START });
    running.advance(later(50));
    expect(stateOf(createPlant({ seed: 3, start: later(50) }).world)).toBe(stateOf(running.world));
  });

  it("does not go back in time", () => {
    const plant = createPlant({ seed: 3, start: START });
    const before = stateOf(plant.world);
    plant.advance(later(-5));
    expect(stateOf(plant.world)).toBe(before);
    expect(plant.now()).toEqual(START);
  });

  it("goes on: pieces are made, orders come and are delivered", () => {
    const plant = createPlant({ seed: 5, start: START });
    const { world } = plant;
    const made = () => world.machines.reduce((sum, it) => sum + sumBuckets(it, minuteOf(START), world.now).good, 0);
    const delivered = () => [...world.orders.values()].filter((order) => order.deliveredAt !== null).length;
    const [before, known] = [delivered(), world.orders.size];
    plant.advance(later(24));
    expect(made()).toBeGreaterThan(5000);
    expect(delivered()).toBeGreaterThan(before);
    expect(world.orders.size).toBeGreaterThan(known);
  });

  it("takes well under 100 ms of processor time for a day", () => {
    const plant = createPlant({ seed: 5, start: START });
    const before = process.cpuUsage();
    plant.advance(later(10 * 24));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000 / 10).toBeLessThan(100);
  });

  it("does not grow for ever", { timeout: LONG }, () => {
    const plant = createPlant({ seed: 5, start: START });
    plant.advance(later(20 * 24));
    const size = stateOf(plant.world).length;
    plant.advance(later(36 * 24));
    expect(stateOf(plant.world).length).toBeLessThan(size * 1.25);
  });

  it("is plausible at any hour of any day, with any seed", { timeout: LONG }, () => {
    const seen: Record<"low" | "late" | "scarce" | "alarms", number[]> = { low: [], late: [], scarce: [], alarms: [] };
    for (let seed = 1; seed <= 6; seed++) {
      const plant = createPlant({ seed, start: later(seed * 31) });
      for (let step = 0; step < 8; step++) {
        plant.advance(new Date(plant.now().getTime() + 17 * 3_600_000));
        const { world } = plant;
        const { from, to } = currentPeriod(world.calendar, world.now);
        const oee = (machine: Machine) => oeeOf(sumBuckets(machine, from, to)).oee;
        seen.low.push(world.machines.filter((machine) => (oee(machine) ?? 100) < OEE_TARGET).length);
        seen.late.push(ordersAtRisk(world).length);
        const items = [...world.items.values()];
        seen.scarce.push(items.filter((item) => quantityAt(world, item.home, item.id) < item.minStock).length);
        seen.alarms.push([...world.alarms.values()].filter((alarm) => alarm.clearedAt === null).length);
        expect(openOrders(world).length).toBeGreaterThan(5);
        expect(world.machines.filter((machine) => machine.state === "running").length).toBeGreaterThan(2);
      }
    }
    const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
    expect(median(seen.low)).toBeGreaterThanOrEqual(3);
    expect(median(seen.low)).toBeLessThanOrEqual(5);
    expect(Math.min(...seen.low)).toBeGreaterThanOrEqual(1);
    expect(Math.min(...seen.late)).toBeGreaterThanOrEqual(1);
    expect(median(seen.late)).toBeGreaterThanOrEqual(3);
    expect(median(seen.scarce)).toBeGreaterThanOrEqual(1);
    expect(median(seen.alarms)).toBeGreaterThanOrEqual(1);
  });

  it("never has negative stock, and no piece without its minute", () => {
    const plant = createPlant({ seed: 9, start: START });
    plant.advance(later(48));
    const { world } = plant;
    expect(Math.min(...world.stock.values())).toBeGreaterThan(0);
    for (const machine of world.machines) {
      const counts = sumBuckets(machine, world.now - (world.now % 15) - DAY, world.now - (world.now % 15));
      const { running, setup, down, starved, idle, maintenance } = counts;
      expect(running + setup + down + starved + idle + maintenance).toBe(DAY);
    }
  });

  it("counts every piece once: machines and jobs agree", () => {
    // A Tuesday: its eight days of history begin on a Monday, so nothing has been forgotten yet.
    const { world } = createPlant({ seed: 4, start: new Date("2026-03-10T00:00:00Z") });
    for (const kind of ["good", "scrap"] as const) {
      const atMachines = world.machines.reduce((sum, it) => sum + sumBuckets(it, 0, world.now + 1)[kind], 0);
      const inJobs = [...world.jobs.values()].reduce((sum, job) => sum + job[kind], 0);
      expect(atMachines).toBe(inJobs);
    }
  });
});

describe("today", () => {
  it("begins at the plant's own midnight", () => {
    const { world } = createPlant({ seed: 1, start: new Date("2026-07-01T10:00:00Z"), timeZone: "Europe/Berlin" });
    const period = currentPeriod(world.calendar, world.now);
    expect(period.from).toBe(minuteOf(new Date("2026-06-30T22:00:00Z")));
    expect(period.label).toContain("today");
  });

  it("is the last eight hours, and says so, one minute after midnight", () => {
    const { world } = createPlant({ seed: 1, start: new Date("2026-07-01T00:01:00Z") });
    const period = currentPeriod(world.calendar, world.now);
    expect(world.now - period.from).toBe(8 * HOUR);
    expect(period.label).toContain("the last 8 hours");
    const some = world.machines.filter((machine) => oeeOf(sumBuckets(machine, period.from, period.to)).oee !== null);
    expect(some.length).toBeGreaterThan(8);
  });
});
