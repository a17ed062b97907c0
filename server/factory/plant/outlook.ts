import { HOUR, type Minute } from "./calendar.ts";
import { CUSTOMERS } from "./catalogue.ts";
import type { CustomerOrder, Delay, Job, Machine, Shortage, World } from "./model.ts";
import { jobsOf, PLANNED_QUEUE, remainingMinutes } from "./orders.ts";
import { nextDeparture, transitMinutes } from "./transport.ts";

const INSPECTION = HOUR;
/** An order is at risk from this much expected lateness on; less is noise of the estimate. */
const TOLERANCE = 30;
/** How long a hold without an agreed end is reckoned with. */
const OPEN_HOLD = 24 * HOUR;
/** Expected waiting time before an operation whose machine is not known yet; planning promises with more. */
const LATER_QUEUE = PLANNED_QUEUE / 2;

export interface Outlook {
  order: CustomerOrder;
  expectedAt: Minute;
  /** Minutes after the due date; zero or less when in time. */
  late: number;
  /** What cost the order time so far and what will still cost it, largest first. */
  causes: Delay[];
}

/** When each open order will reach its customer, and what makes it late. The figures change with the plant. */
export function outlookOf(world: World, order: CustomerOrder): Outlook {
  const ahead: Delay[] = [];
  const expectedAt = Math.max(world.now, Math.round(expectDelivery(world, order, ahead)));
  const causes = order.delays.map((delay) => ({ ...delay }));
  for (const delay of ahead) {
    const known = causes.find((cause) => cause.refId === delay.refId);
    if (known) known.minutes += delay.minutes;
    else causes.push(delay);
  }
  causes.sort((a, b) => b.minutes - a.minutes);
  return { order, expectedAt, late: expectedAt - order.dueAt, causes };
}

export const openOrders = (world: World): CustomerOrder[] =>
  [...world.orders.values()].filter((order) => order.status !== "delivered");

/** Open orders that are late or will be, latest first. */
export const ordersAtRisk = (world: World): Outlook[] =>
  openOrders(world)
    .map((order) => outlookOf(world, order))
    .filter((outlook) => outlook.late > TOLERANCE)
    .sort((a, b) => b.late - a.late);

function expectDelivery(world: World, order: CustomerOrder, ahead: Delay[]): Minute {
  const shipment = order.shipmentId ? world.shipments.get(order.shipmentId) : undefined;
  const held = order.status === "on_hold" ? expectRelease(world, order, ahead) : null;
  if (shipment && held === null) return shipment.eta;
  const ready = held ?? expectReady(world, order, ahead);
  const customer = CUSTOMERS.find((it) => it.id === order.customerId);
  return nextDeparture(ready) + transitMinutes(customer?.routeId ?? "");
}

function expectRelease(world: World, order: CustomerOrder, ahead: Delay[]): Minute {
  let until = world.now;
  for (const defect of world.defects.values()) {
    if (defect.batchId !== order.batchId || !defect.holds || defect.status === "closed") continue;
    const end = Math.max(world.now, defect.reviewEnds ?? world.now + OPEN_HOLD);
    ahead.push({ cause: "quality_hold", refId: defect.id, minutes: end - world.now });
    until = Math.max(until, end);
  }
  return until;
}

function expectReady(world: World, order: CustomerOrder, ahead: Delay[]): Minute {
  const batch = world.batches.get(order.batchId);
  if (batch?.status === "inspection") return batch.inspectionEnds ?? world.now;
  let at = world.now;
  for (const job of jobsOf(world, order)) {
    if (job.status === "done") continue;
    const machine = world.machines.find((it) => it.id === job.machineId);
    at = machine ? expectJobDone(world, job, machine, ahead) : at + LATER_QUEUE + remainingMinutes(job);
  }
  return at + INSPECTION;
}

function expectJobDone(world: World, job: Job, machine: Machine, ahead: Delay[]): Minute {
  const position = machine.queue.indexOf(job.id);
  const before = [machine.jobId, ...machine.queue.slice(0, Math.max(0, position))];
  let wait = 0;
  for (const id of before) {
    const other = id && id !== job.id ? world.jobs.get(id) : undefined;
    if (other && !other.shortageId) wait += remainingMinutes(other);
  }
  const downtime = machine.downtimeId ? world.downtimes.get(machine.downtimeId) : undefined;
  if (downtime) {
    const left = downtime.waitLeft + downtime.repairLeft;
    ahead.push({ cause: "machine_down", refId: downtime.id, minutes: left });
    wait += left;
  } else if (machine.backlogOf) {
    ahead.push({ cause: "machine_down", refId: machine.backlogOf, minutes: Math.round(wait) });
  }
  const shortage = job.shortageId ? world.shortages.get(job.shortageId) : undefined;
  if (shortage) {
    const left = Math.max(0, expectMaterial(world, shortage) - world.now);
    ahead.push({ cause: "material_shortage", refId: shortage.id, minutes: left });
    wait = Math.max(wait, left);
  }
  return world.now + wait + remainingMinutes(job);
}

/** When the next delivery of what is short arrives. */
export function expectMaterial(world: World, shortage: Shortage): Minute {
  let first = Infinity;
  for (const purchase of world.purchases.values()) {
    const shipment = world.shipments.get(purchase.shipmentId);
    if (purchase.itemId === shortage.itemId && purchase.status === "ordered" && shipment)
      first = Math.min(first, shipment.eta);
  }
  return first === Infinity ? world.now + 36 * HOUR : first;
}
