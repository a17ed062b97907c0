import { HOUR } from "./calendar.ts";
import { DELAY_REASONS } from "./catalogue.ts";
import type { Machine, Shipment, World } from "./model.ts";
import { breakDown } from "./production.ts";
import { between, pick } from "./random.ts";
import { delayShipment } from "./transport.ts";
import { quantityAt } from "./world.ts";

/**
 * The serious trouble of the plant: one kind each, at its own pace, where it hurts most. Everyday stops, scrap and
 * shortages come from the machines and the stores themselves.
 */
const INCIDENTS: Record<string, { everyHours: [number, number]; strike(world: World): boolean }> = {
  machine: { everyHours: [14, 26], strike: stopMachine },
  supply: { everyHours: [20, 36], strike: delayInbound },
  quality: { everyHours: [24, 42], strike: spoilBatch },
  transport: { everyHours: [16, 30], strike: delayOutbound },
};

/** Every quarter of an hour. */
export function tickIncidents(world: World): void {
  for (const [kind, { everyHours, strike }] of Object.entries(INCIDENTS)) {
    const next = world.nextIncidentAt.get(kind);
    if (next !== undefined && next > world.now) continue;
    // Nothing to strike at: try again in a quarter of an hour.
    if (next !== undefined && !strike(world)) continue;
    const [low, high] = everyHours;
    world.nextIncidentAt.set(kind, world.now + Math.round(between(world.random.incidents, low * HOUR, high * HOUR)));
  }
}

function stopMachine(world: World): boolean {
  const urgency = (machine: Machine) => {
    const due = [machine.jobId, ...machine.queue].map((id) => {
      const job = id ? world.jobs.get(id) : undefined;
      return (job?.orderId ? world.orders.get(job.orderId)?.dueAt : undefined) ?? Infinity;
    });
    return Math.min(...due);
  };
  const running = world.machines.filter((machine) => machine.state === "running" && urgency(machine) < Infinity);
  const candidates = running.sort((a, b) => urgency(a) - urgency(b)).slice(0, 4);
  if (candidates.length === 0) return false;
  breakDown(
    world,
    pick(world.random.incidents, candidates),
    Math.round(between(world.random.incidents, 5 * HOUR, 12 * HOUR)),
  );
  return true;
}

function delayInbound(world: World): boolean {
  const cover = (shipment: Shipment) => {
    const purchase = shipment.purchaseOrderId ? world.purchases.get(shipment.purchaseOrderId) : undefined;
    const item = purchase && world.items.get(purchase.itemId);
    return item
      ? quantityAt(world, item.home, item.id) / item.perDay - (shipment.eta - world.now) / (24 * HOUR)
      : Infinity;
  };
  return delayOne(world, "inbound", (a, b) => cover(a) - cover(b), [22, 42]);
}

function delayOutbound(world: World): boolean {
  const slack = (shipment: Shipment) => {
    const order = shipment.orderId ? world.orders.get(shipment.orderId) : undefined;
    return (order?.dueAt ?? Infinity) - shipment.eta;
  };
  return delayOne(world, "outbound", (a, b) => slack(a) - slack(b), [18, 44]);
}

function delayOne(
  world: World,
  direction: Shipment["direction"],
  worstFirst: (a: Shipment, b: Shipment) => number,
  [low, high]: [number, number],
): boolean {
  const open = [...world.shipments.values()].filter(
    (it) => it.direction === direction && it.status !== "delivered" && it.delayReason === null,
  );
  const [worst] = open.sort(worstFirst);
  if (!worst) return false;
  const hours = between(world.random.incidents, low, high);
  delayShipment(world, worst.id, Math.round(hours * HOUR), pick(world.random.incidents, DELAY_REASONS));
  return true;
}

function spoilBatch(world: World): boolean {
  world.faultyBatchDue = true;
  return true;
}
