import type { Minute } from "./calendar.ts";
import { SPARE_PARTS, TROUBLE } from "./catalogue.ts";
import { clearAlarms, raiseAlarm, ticketFor } from "./alarms.ts";
import type { Bucket, Downtime, Job, Machine, World } from "./model.ts";
import { bucketAt, QUARTER } from "./oee.ts";
import { recordDefect } from "./quality.ts";
import { between, pick } from "./random.ts";
import { addDelay, changeStock, nextId, quantityAt, recordMovement } from "./world.ts";

/** A stop of at least this long leaves a backlog that counts as its doing until the queue is empty. */
const LONG_STOP = 90;
/** A machine does not begin a job for less material than this many minutes of work. */
const MATERIAL_AHEAD = 20;
const TOOL_CHANGE_MINUTES = 15;

function setState(machine: Machine, state: Machine["state"], now: Minute): void {
  if (machine.state === state) return;
  machine.state = state;
  machine.stateSince = now;
}

/** One minute of one machine. */
export function tickMachine(world: World, machine: Machine): void {
  const bucket = bucketAt(machine, world.now);
  if (world.now % QUARTER === 0) machine.drift = between(machine.random, 0.97, 1.02);
  bucket[machine.state] += 1;

  if (machine.state === "down") return repair(world, machine);
  if (machine.state === "maintenance") {
    if (--machine.stepLeft <= 0) finishMaintenance(world, machine);
    return;
  }
  const job = machine.jobId === null ? takeNextJob(world, machine) : world.jobs.get(machine.jobId);
  if (!job) return;
  if (machine.state === "setup") {
    if (--machine.stepLeft <= 0) setState(machine, "running", world.now);
    return;
  }
  if (machine.state === "running") produce(world, machine, job, bucket);
}

/** Orders that wait at this machine lose this minute to what stops them. */
export function accountWaiting(world: World, machine: Machine): void {
  const stop = machine.downtimeId ?? machine.backlogOf;
  for (const jobId of machine.downtimeId && machine.jobId ? [machine.jobId, ...machine.queue] : machine.queue) {
    const job = world.jobs.get(jobId);
    const order = job?.orderId ? world.orders.get(job.orderId) : undefined;
    if (!job || !order) continue;
    if (job.shortageId) addDelay(order, "material_shortage", job.shortageId, 1);
    else if (stop) addDelay(order, "machine_down", stop, 1);
  }
}

const priority = (world: World, job: Job): number => {
  const order = job.orderId ? world.orders.get(job.orderId) : undefined;
  if (!order) return Number.POSITIVE_INFINITY;
  return order.priority === "high" ? order.dueAt - 1e6 : order.dueAt;
};

/** Queue in the order of work: high priority first, then by due date, jobs for stock last. */
export function sortQueue(world: World, machine: Machine): void {
  machine.queue.sort((a, b) => {
    const [first, second] = [world.jobs.get(a), world.jobs.get(b)];
    return first && second ? priority(world, first) - priority(world, second) : 0;
  });
}

/** The material that a job lacks for its next minutes, or null. */
function lackingItem(world: World, job: Job): string | null {
  const pieces = Math.min(job.quantity - job.good, (MATERIAL_AHEAD * 60) / job.cycle);
  for (const need of job.needs) {
    const item = world.items.get(need.itemId);
    if (item && quantityAt(world, item.home, item.id) < need.perPiece * pieces) return item.id;
  }
  return null;
}

function takeNextJob(world: World, machine: Machine): Job | undefined {
  let waiting = false;
  for (const jobId of machine.queue) {
    const job = world.jobs.get(jobId);
    if (!job) continue;
    const lacking = lackingItem(world, job);
    if (lacking) {
      waiting = true;
      if (!job.shortageId) job.shortageId = openShortage(world, lacking, job.orderId);
      continue;
    }
    job.shortageId = null;
    machine.queue.splice(machine.queue.indexOf(jobId), 1);
    return beginJob(world, machine, job);
  }
  const stockJob = planStockJob(world, machine);
  if (stockJob) return beginJob(world, machine, stockJob);
  if (machine.queue.length === 0) machine.backlogOf = null;
  setState(machine, waiting ? "starved" : "idle", world.now);
  return undefined;
}

function beginJob(world: World, machine: Machine, job: Job): Job {
  machine.jobId = job.id;
  job.status = "running";
  job.machineId = machine.id;
  job.startedAt ??= world.now;
  if (machine.queue.length === 0) machine.backlogOf = null;
  const same = machine.lastProduct === job.productId;
  machine.stepLeft = same ? 2 : Math.round(machine.setupMinutes * between(machine.random, 0.8, 1.3));
  machine.lastProduct = job.productId;
  setState(machine, "setup", world.now);
  return job;
}

function planStockJob(world: World, machine: Machine): Job | undefined {
  const part = SPARE_PARTS.find((part) => part.group === machine.group);
  const item = part && world.items.get(part.id);
  if (!part || !item || quantityAt(world, item.home, item.id) > item.minStock * 2 + part.perDay) return undefined;
  // Stock jobs must not eat the last material that customers' orders wait for.
  for (const need of part.needs) {
    const material = world.items.get(need.itemId);
    if (material && quantityAt(world, material.home, material.id) < material.minStock * 0.4) return undefined;
  }
  const id = `STK-${(world.counters.get("STK") ?? 1000) + 1}`;
  const job: Job = {
    id: `${id}-10`,
    productionOrderId: id,
    orderId: null,
    productId: part.id,
    operationNo: 10,
    group: part.group,
    cycle: part.cycle,
    needs: part.needs,
    quantity: part.lot,
    good: 0,
    scrap: 0,
    status: "queued",
    machineId: machine.id,
    shortageId: null,
    queuedAt: world.now,
    startedAt: null,
    finishedAt: null,
  };
  if (lackingItem(world, job)) return undefined;
  nextId(world, "STK");
  world.jobs.set(job.id, job);
  return job;
}

function produce(world: World, machine: Machine, job: Job, bucket: Bucket): void {
  const minuteAtIdeal = 60 / job.cycle;
  machine.partial += minuteAtIdeal * machine.speed * machine.drift * (1 - 0.06 * machine.wear);
  const pieces = Math.min(Math.floor(machine.partial), job.quantity - job.good);
  machine.partial -= pieces;
  for (const need of job.needs) {
    const item = world.items.get(need.itemId);
    if (!item) continue;
    if (quantityAt(world, item.home, item.id) < need.perPiece * pieces) return interrupt(world, machine, job, item.id);
  }
  for (const need of job.needs) {
    const item = world.items.get(need.itemId);
    if (item && pieces > 0) changeStock(world, item.home, item.id, -need.perPiece * pieces);
  }
  machine.partialScrap += pieces * machine.scrapRate * (0.6 + machine.wear) * between(machine.random, 0.5, 1.4);
  const scrap = Math.min(Math.floor(machine.partialScrap), pieces);
  machine.partialScrap -= scrap;
  job.good += pieces - scrap;
  job.scrap += scrap;
  bucket.good += pieces - scrap;
  bucket.scrap += scrap;
  bucket.ideal += pieces / minuteAtIdeal;
  const breaks = machine.random() < (1 + 1.5 * machine.wear) / (1.6 * machine.mtbf);
  if (job.good >= job.quantity) finishJob(world, machine, job);
  else if (breaks) breakDown(world, machine, null);
  wearTool(world, machine);
}

function wearTool(world: World, machine: Machine): void {
  const before = machine.wear;
  machine.wear = Math.min(1, machine.wear + 1 / machine.toolLifeMinutes);
  if (before < 0.9 && machine.wear >= 0.9) {
    raiseAlarm(world, machine, "warning", "tool_wear", `${machine.toolName} is at 90 % of its life`, null);
  }
  if (machine.wear >= 1 && machine.state !== "down") changeTool(world, machine);
}

/** A short planned stop with a new tool at its end. */
export function changeTool(world: World, machine: Machine): void {
  machine.stepLeft = TOOL_CHANGE_MINUTES;
  setState(machine, "maintenance", world.now);
}

function finishMaintenance(world: World, machine: Machine): void {
  machine.wear = 0;
  clearAlarms(world, machine.id);
  resume(world, machine);
}

function resume(world: World, machine: Machine): void {
  setState(machine, machine.jobId === null ? "idle" : "running", world.now);
}

function interrupt(world: World, machine: Machine, job: Job, lacking: string): void {
  job.status = "interrupted";
  job.shortageId = openShortage(world, lacking, job.orderId);
  machine.jobId = null;
  machine.queue.push(job.id);
  sortQueue(world, machine);
  setState(machine, "starved", world.now);
}

function openShortage(world: World, itemId: string, orderId: string | null): string {
  let shortage = [...world.shortages.values()].find((it) => it.itemId === itemId && it.to === null);
  if (!shortage) {
    shortage = { id: nextId(world, "SHT"), itemId, from: world.now, to: null, orderIds: [] };
    world.shortages.set(shortage.id, shortage);
  }
  if (orderId && !shortage.orderIds.includes(orderId)) shortage.orderIds.push(orderId);
  return shortage.id;
}

/** `minutes`: how long the repair takes; null for an everyday stop. */
export function breakDown(world: World, machine: Machine, minutes: number | null): Downtime {
  const reason = pick(machine.random, TROUBLE[machine.group].stops);
  const alarm = raiseAlarm(world, machine, "critical", "breakdown", reason, null);
  const repairLeft = minutes ?? Math.round(between(machine.random, 12, 55));
  const downtime: Downtime = {
    id: nextId(world, "DT"),
    machineId: machine.id,
    alarmId: alarm.id,
    reason,
    from: world.now,
    to: null,
    waitLeft: Math.round(minutes === null ? between(machine.random, 2, 15) : between(machine.random, 60, 150)),
    repairLeft,
    expedited: false,
  };
  world.downtimes.set(downtime.id, downtime);
  machine.downtimeId = downtime.id;
  setState(machine, "down", world.now);
  if (minutes !== null) ticketFor(world, downtime, "maintenance system");
  return downtime;
}

function repair(world: World, machine: Machine): void {
  const downtime = machine.downtimeId ? world.downtimes.get(machine.downtimeId) : undefined;
  if (downtime && downtime.waitLeft > 0) downtime.waitLeft -= 1;
  else if (downtime && --downtime.repairLeft > 0) return;
  if (!downtime || downtime.repairLeft > 0) return;
  downtime.to = world.now;
  machine.downtimeId = null;
  if (downtime.to - downtime.from >= LONG_STOP && machine.queue.length > 0) machine.backlogOf = downtime.id;
  clearAlarms(world, machine.id, downtime.alarmId);
  for (const ticket of world.tickets.values()) {
    if (ticket.downtimeId === downtime.id) Object.assign(ticket, { status: "done", doneAt: world.now });
  }
  resume(world, machine);
}

function finishJob(world: World, machine: Machine, job: Job): void {
  job.status = "done";
  job.finishedAt = world.now;
  machine.jobId = null;
  machine.partial = 0;
  for (const need of job.needs) {
    recordMovement(world, {
      itemId: need.itemId,
      quantity: Math.round(need.perPiece * (job.good + job.scrap) * 100) / 100,
      fromLocation: world.items.get(need.itemId)?.home ?? null,
      toLocation: null,
      reason: "consumption",
      reference: job.id,
      by: machine.name,
    });
  }
  recordDefect(world, machine, job);
  if (job.orderId === null) {
    const item = world.items.get(job.productId);
    if (item) changeStock(world, item.home, item.id, job.good);
  }
  setState(machine, "idle", world.now);
}
