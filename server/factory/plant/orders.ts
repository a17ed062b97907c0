import { DAY, HOUR, type Minute } from "./calendar.ts";
import { CUSTOMERS, PRODUCTS } from "./catalogue.ts";
import type { CustomerOrder, Job, Machine, Product, World } from "./model.ts";
import { PlantError } from "./model.ts";
import { sortQueue } from "./production.ts";
import { sendToInspection } from "./quality.ts";
import { between, pick } from "./random.ts";
import { transitMinutes } from "./transport.ts";
import { find, findMachine, nextId } from "./world.ts";

/** What planning reckons with: the share of the ideal speed that a machine reaches, and the wait before an operation. */
const PLANNED_EFFICIENCY = 0.8;
export const PLANNED_QUEUE = 3.5 * HOUR;
/** Promised beyond the plan, so that everyday trouble makes no order late. */
const RESERVE = 6 * HOUR;
const AFTER_PRODUCTION = 4 * HOUR;

const OFFICE = { from: 7 * HOUR, to: 18 * HOUR };

/** Every quarter of an hour, in office hours: customers order. */
export function tickOrders(world: World): void {
  const minute = world.calendar.minuteOfDay(world.now);
  for (const product of PRODUCTS) {
    const next = world.nextOrderAt.get(product.id);
    if (next === undefined) {
      world.nextOrderAt.set(product.id, world.now + Math.round(between(world.random.orders, 0, 20 * HOUR)));
      continue;
    }
    if (next > world.now || minute < OFFICE.from || minute > OFFICE.to) continue;
    const days = between(world.random.orders, 0.7, 1.3);
    const quantity = product.perDay * days * between(world.random.orders, 0.8, 1.15);
    createOrder(world, product, Math.max(10, Math.round(quantity / 10) * 10));
    world.nextOrderAt.set(product.id, world.now + Math.round(days * DAY));
  }
}

function promise(world: World, product: Product, quantity: number, routeId: string): Minute {
  const work = product.route.reduce(
    (sum, step) => sum + (quantity * step.cycle) / 60 / PLANNED_EFFICIENCY + PLANNED_QUEUE,
    0,
  );
  const earliest = world.now + Math.round(work) + AFTER_PRODUCTION + transitMinutes(routeId) * 1.15 + RESERVE;
  // Customers take deliveries at ten and at four.
  const minute = world.calendar.minuteOfDay(earliest);
  const slot = [10 * HOUR, 16 * HOUR, 34 * HOUR].find((slot) => slot >= minute) ?? 34 * HOUR;
  return Math.round(earliest - minute + slot);
}

function createOrder(world: World, product: Product, quantity: number): void {
  const customer = pick(world.random.orders, CUSTOMERS);
  const id = nextId(world, "SO");
  const number = id.slice(3);
  const order: CustomerOrder = {
    id,
    customerId: customer.id,
    productId: product.id,
    quantity,
    valueEur: Math.round(quantity * product.priceEur),
    priority: "normal",
    orderedAt: world.now,
    dueAt: promise(world, product, quantity, customer.routeId),
    status: "planned",
    productionOrderId: `PRD-${number}`,
    batchId: `B-${number}`,
    jobIds: [],
    shipmentId: null,
    deliveredAt: null,
    delays: [],
  };
  for (const [index, step] of product.route.entries()) {
    const job: Job = {
      id: `PRD-${number}-${(index + 1) * 10}`,
      productionOrderId: order.productionOrderId,
      orderId: order.id,
      productId: product.id,
      operationNo: (index + 1) * 10,
      group: step.group,
      cycle: step.cycle,
      needs: step.needs,
      quantity,
      good: 0,
      scrap: 0,
      status: "planned",
      machineId: null,
      shortageId: null,
      queuedAt: null,
      startedAt: null,
      finishedAt: null,
    };
    world.jobs.set(job.id, job);
    order.jobIds.push(job.id);
  }
  world.orders.set(order.id, order);
  const batch = { id: order.batchId, orderId: order.id, productId: product.id, quantity };
  world.batches.set(batch.id, { ...batch, status: "in_production", inspectionEnds: null });
}

export const jobsOf = (world: World, order: CustomerOrder): Job[] =>
  order.jobIds.map((id) => world.jobs.get(id)).filter((job) => job !== undefined);

/** Minutes that a job still takes where it runs as planned. */
export const remainingMinutes = (job: Job): number => ((job.quantity - job.good) * job.cycle) / 60 / PLANNED_EFFICIENCY;

/** Minutes until a machine is free for one more job, with what is left of a stop. */
export function loadOf(world: World, machine: Machine): number {
  const downtime = machine.downtimeId ? world.downtimes.get(machine.downtimeId) : undefined;
  let load = downtime ? downtime.waitLeft + downtime.repairLeft : 0;
  for (const id of machine.jobId ? [machine.jobId, ...machine.queue] : machine.queue) {
    const job = world.jobs.get(id);
    if (job) load += remainingMinutes(job);
  }
  return load;
}

/** Each minute: operations whose predecessor is done go to the least loaded machine; finished orders to inspection. */
export function dispatchJobs(world: World): void {
  for (const order of world.orders.values()) {
    if (order.status !== "planned" && order.status !== "in_production") continue;
    const next = jobsOf(world, order).find((job) => job.status !== "done");
    if (!next) {
      const batch = world.batches.get(order.batchId);
      order.status = "inspection";
      if (batch) sendToInspection(world, batch);
    } else if (next.status === "planned") {
      order.status = "in_production";
      const machines = world.machines.filter((machine) => machine.group === next.group);
      const free = machines.reduce((best, machine) => (loadOf(world, machine) < loadOf(world, best) ? machine : best));
      enqueue(world, next, free);
    }
  }
}

function enqueue(world: World, job: Job, machine: Machine): void {
  job.status = "queued";
  job.machineId = machine.id;
  job.queuedAt = world.now;
  machine.queue.push(job.id);
  sortQueue(world, machine);
}

const findOrder = (world: World, id: string): CustomerOrder =>
  find(world.orders, id, "order", "list_orders shows the open ones; order ids look like SO-1042.");

/** An order by its own id or by that of its production order, batch or shipment. Throws PlantError. */
export function findOrderByAnyId(world: World, id: string): CustomerOrder {
  const wanted = id.trim().toUpperCase();
  const byOther = [...world.orders.values()].find((order) =>
    [order.productionOrderId, order.batchId, order.shipmentId, ...order.jobIds].includes(wanted),
  );
  return byOther ?? findOrder(world, /^\d+$/.test(wanted) ? `SO-${wanted}` : wanted);
}

const openOrder = (world: World, id: string): CustomerOrder => {
  const order = findOrderByAnyId(world, id);
  if (order.status === "delivered")
    throw new PlantError(`Order ${order.id} has been delivered. list_orders shows the open ones.`);
  return order;
};

/** Agrees another delivery date with the customer. Throws PlantError for a date in the past or a delivered order. */
export function rescheduleOrder(world: World, orderId: string, dueAt: Minute): CustomerOrder {
  const order = openOrder(world, orderId);
  if (dueAt <= world.now)
    throw new PlantError(
      "The new due date lies in the past. Give one in the future, for example as 2030-01-31T16:00:00Z.",
    );
  order.dueAt = dueAt;
  for (const machine of world.machines) sortQueue(world, machine);
  return order;
}

/** High priority goes to the front of every queue. Throws PlantError. */
export function prioritiseOrder(world: World, orderId: string, priority: CustomerOrder["priority"]): CustomerOrder {
  const order = openOrder(world, orderId);
  order.priority = priority;
  for (const machine of world.machines) sortQueue(world, machine);
  return order;
}

/** Moves a job that waits, or is stuck on a stopped machine, to another machine of its kind. Throws PlantError. */
export function moveJob(world: World, jobId: string, toMachine: string): Job {
  const job = find(world.jobs, jobId, "job", "list_jobs shows the open ones; job ids look like PRD-1042-10.");
  const target = findMachine(world, toMachine);
  const source = world.machines.find((machine) => machine.id === job.machineId);
  const alike = world.machines.filter((machine) => machine.group === job.group && machine !== source);
  if (job.status === "planned" || job.status === "done" || !source) {
    throw new PlantError(
      `Job ${job.id} is ${job.status}; only a job that waits at a machine can be moved. list_jobs shows those.`,
    );
  }
  if (target === source || target.group !== job.group) {
    const remedy =
      alike.length > 0
        ? `Use ${alike.map((it) => `${it.id} (${it.name})`).join(" or ")}.`
        : "No other machine can make it.";
    throw new PlantError(`Job ${job.id} cannot go to ${target.id} (${target.name}). ${remedy}`);
  }
  if (source.jobId === job.id) {
    if (source.state !== "down")
      throw new PlantError(`Job ${job.id} is being made on ${source.id} right now. Move one that waits.`);
    source.jobId = null;
    source.partial = 0;
  }
  source.queue = source.queue.filter((id) => id !== job.id);
  enqueue(world, job, target);
  return job;
}
