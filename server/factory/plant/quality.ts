import { DAY, HOUR } from "./calendar.ts";
import { AUDIT_AREAS, AUDITORS, DEFECT_TYPES, FINISHED_GOODS, QUARANTINE } from "./catalogue.ts";
import type { Audit, Batch, Defect, Job, Machine, World } from "./model.ts";
import { PlantError } from "./model.ts";
import { between, pick, wholeBetween } from "./random.ts";
import { addDelay, changeStock, find, nextId, quantityAt } from "./world.ts";

const INSPECTION_MINUTES = 60;
const AUDIT_EVERY = 10 * DAY;

const EXPIRES_AFTER: Record<Defect["severity"], number> = { minor: 2 * DAY, major: 4 * DAY, critical: 6 * DAY };

function openDefect(world: World, facts: Omit<Defect, "id" | "foundAt" | "status" | "closedAt">): Defect {
  const defect: Defect = { ...facts, id: nextId(world, "DEF"), foundAt: world.now, status: "open", closedAt: null };
  world.defects.set(defect.id, defect);
  return defect;
}

/** At the end of a job its scrap becomes a defect report, when there was enough of it. */
export function recordDefect(world: World, machine: Machine, job: Job): void {
  const order = job.orderId ? world.orders.get(job.orderId) : undefined;
  const share = job.scrap / Math.max(1, job.good + job.scrap);
  if (job.scrap < 2 || share < machine.scrapRate * 0.7) return;
  const severity = share > 0.05 ? "critical" : share > 0.02 ? "major" : "minor";
  openDefect(world, {
    orderId: job.orderId,
    batchId: order?.batchId ?? `B-${job.productionOrderId}`,
    productId: job.productId,
    machineId: machine.id,
    type: pick(machine.random, DEFECT_TYPES[machine.group]),
    severity,
    quantity: job.scrap,
    reportedBy: `${machine.name} in-line check`,
    holds: false,
    reviewEnds: world.now + EXPIRES_AFTER[severity],
    note: null,
  });
}

export function sendToInspection(world: World, batch: Batch): void {
  batch.status = "inspection";
  batch.inspectionEnds = world.now + INSPECTION_MINUTES;
  changeStock(world, FINISHED_GOODS, batch.productId, batch.quantity);
}

/** Ends inspections. A faulty batch is held; returns the batches that may be shipped. */
export function tickInspections(world: World): Batch[] {
  const released: Batch[] = [];
  for (const batch of world.batches.values()) {
    if (batch.status !== "inspection" || (batch.inspectionEnds ?? Infinity) > world.now) continue;
    const faulty = world.faultyBatchDue || world.random.quality() < 0.02;
    world.faultyBatchDue = false;
    if (!faulty) {
      batch.status = "released";
      released.push(batch);
      continue;
    }
    const order = world.orders.get(batch.orderId);
    const jobs = order?.jobIds.map((id) => world.jobs.get(id)).filter((job) => job !== undefined) ?? [];
    const job = jobs.at(wholeBetween(world.random.quality, 0, jobs.length - 1));
    hold(world, batch, {
      type: pick(world.random.quality, DEFECT_TYPES[job?.group ?? "assembly"]),
      severity: world.random.quality() < 0.4 ? "critical" : "major",
      quantity: Math.max(1, Math.round(batch.quantity * between(world.random.quality, 0.02, 0.08))),
      machineId: job?.machineId ?? null,
      reportedBy: "final inspection",
      reviewEnds: world.now + Math.round(between(world.random.quality, 20 * HOUR, 44 * HOUR)),
      note: null,
    });
  }
  return released;
}

function hold(
  world: World,
  batch: Batch,
  facts: Pick<Defect, "type" | "severity" | "quantity" | "machineId" | "reportedBy" | "reviewEnds" | "note">,
): Defect {
  batch.status = "on_hold";
  const order = world.orders.get(batch.orderId);
  if (order) order.status = "on_hold";
  const there = Math.min(batch.quantity, quantityAt(world, FINISHED_GOODS, batch.productId));
  changeStock(world, FINISHED_GOODS, batch.productId, -there);
  changeStock(world, QUARANTINE, batch.productId, there);
  return openDefect(world, {
    ...facts,
    orderId: batch.orderId,
    batchId: batch.id,
    productId: batch.productId,
    holds: true,
  });
}

function release(world: World, batch: Batch): void {
  batch.inspectionEnds = null;
  const there = Math.min(batch.quantity, quantityAt(world, QUARANTINE, batch.productId));
  changeStock(world, QUARANTINE, batch.productId, -there);
  changeStock(world, FINISHED_GOODS, batch.productId, there);
  batch.status = "released";
}

/** Each minute: held orders lose time; each review that ends releases its batch. Returns the released batches. */
export function tickHolds(world: World): Batch[] {
  const released: Batch[] = [];
  for (const defect of world.defects.values()) {
    if (defect.status === "closed") continue;
    const order = defect.orderId ? world.orders.get(defect.orderId) : undefined;
    if (defect.holds && order) addDelay(order, "quality_hold", defect.id, 1);
    if (defect.reviewEnds === null) continue;
    if (defect.status === "open" && defect.reviewEnds - world.now < 8 * HOUR) defect.status = "in_review";
    if (defect.reviewEnds <= world.now) released.push(...closeDefect(world, defect));
  }
  return released;
}

function closeDefect(world: World, defect: Defect): Batch[] {
  defect.status = "closed";
  defect.closedAt = world.now;
  const batch = world.batches.get(defect.batchId);
  if (!defect.holds || batch?.status !== "on_hold") return [];
  // A batch stays blocked as long as any other defect holds it.
  if (openHolds(world, batch.id).length > 0) return [];
  release(world, batch);
  return [batch];
}

const openHolds = (world: World, batchId: string) =>
  [...world.defects.values()].filter((it) => it.batchId === batchId && it.holds && it.status !== "closed");

const findBatch = (world: World, id: string): Batch =>
  find(
    world.batches,
    id,
    "batch",
    "list_batches shows the known ones; a batch has the number of its order: SO-1001, B-1001.",
  );

/** Closes all defects that hold the batch. Throws PlantError when it is not on hold. Returns it released. */
export function releaseBatch(world: World, batchId: string, note: string): Batch {
  const batch = findBatch(world, batchId);
  if (batch.status !== "on_hold") {
    throw new PlantError(
      `Batch ${batch.id} is not on hold but ${batch.status}. list_batches with status on_hold shows those that are.`,
    );
  }
  for (const defect of openHolds(world, batch.id)) {
    defect.note = note;
    closeDefect(world, defect);
  }
  return batch;
}

/** Blocks a batch until somebody releases it. Throws PlantError when it has left the plant or is still being made. */
export function holdBatch(
  world: World,
  input: { batchId: string; reason: string; quantity: number; by: string },
): Defect {
  const batch = findBatch(world, input.batchId);
  const order = world.orders.get(batch.orderId);
  const there = batch.status === "inspection" || batch.status === "released";
  if (!there || order?.status === "in_transit" || order?.status === "delivered") {
    throw new PlantError(
      `Batch ${batch.id} cannot be held: it is ${batch.status}. list_batches shows what is in inspection or released.`,
    );
  }
  return hold(world, batch, {
    type: input.reason,
    severity: "major",
    quantity: input.quantity,
    machineId: null,
    reportedBy: input.by,
    reviewEnds: null,
    note: null,
  });
}

/** Adds a report without blocking anything. Throws PlantError for an unknown batch. */
export function reportDefect(
  world: World,
  input: Pick<Defect, "batchId" | "type" | "severity" | "quantity" | "reportedBy" | "note"> & {
    machineId: string | null;
  },
): Defect {
  const batch = findBatch(world, input.batchId);
  return openDefect(world, {
    ...input,
    batchId: batch.id,
    orderId: batch.orderId,
    productId: batch.productId,
    holds: false,
    reviewEnds: world.now + EXPIRES_AFTER[input.severity],
  });
}

/** Every quarter of an hour: audits are planned and done, some of them late. */
export function tickAudits(world: World): void {
  const random = world.random.audits;
  const audits = [...world.audits.values()];
  for (const [index, area] of AUDIT_AREAS.entries()) {
    if (audits.some((audit) => audit.area === area && audit.completedAt === null)) continue;
    const first = !audits.some((audit) => audit.area === area);
    const dueAt = world.now + (first ? Math.round((AUDIT_EVERY * (index + 1)) / AUDIT_AREAS.length) : AUDIT_EVERY);
    const late = random() < 0.35 ? between(random, 1 * DAY, 4 * DAY) : between(random, -1 * DAY, 0);
    const audit: Audit = {
      id: nextId(world, "AUD"),
      area,
      type: pick(random, ["process", "product", "5S", "safety"]),
      auditor: pick(random, AUDITORS),
      dueAt,
      doneBy: dueAt + Math.round(late),
      completedAt: null,
      scorePercent: null,
      findings: null,
    };
    world.audits.set(audit.id, audit);
  }
  for (const audit of audits) {
    if (audit.completedAt !== null || audit.doneBy > world.now) continue;
    const findings = wholeBetween(random, 0, 7);
    Object.assign(audit, {
      completedAt: world.now,
      findings,
      scorePercent: 100 - 3 * findings - wholeBetween(random, 0, 3),
    });
  }
}

/** Throws PlantError for an unknown audit or one that is done. */
export function completeAudit(
  world: World,
  input: { auditId: string; scorePercent: number; findings: number; by: string },
): Audit {
  const audit = find(world.audits, input.auditId, "audit", "list_audits shows the planned ones.");
  if (audit.completedAt !== null)
    throw new PlantError(`Audit ${audit.id} is already done. list_audits with status open shows the others.`);
  return Object.assign(audit, {
    completedAt: world.now,
    scorePercent: input.scorePercent,
    findings: input.findings,
    auditor: input.by,
  });
}
