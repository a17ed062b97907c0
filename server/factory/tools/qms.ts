import { z } from "zod";
import { DAY, iso, isoOrNull } from "../plant/calendar.ts";
import { AUDIT_AREAS } from "../plant/catalogue.ts";
import type { Audit, Batch, Defect, World } from "../plant/model.ts";
import { oeeOf, percent, sumBuckets } from "../plant/oee.ts";
import { completeAudit, holdBatch, releaseBatch, reportDefect } from "../plant/quality.ts";
import { findMachine } from "../plant/world.ts";
import { argument, count, days, hours, matches, maybe, number, reads, text, writes, type FactoryTool } from "./tool.ts";

const machineName = (world: World, id: string | null) =>
  world.machines.find((machine) => machine.id === id)?.name ?? null;
const productName = (world: World, id: string) => world.items.get(id)?.name ?? id;

const defectColumns = {
  defect_id: text,
  type: text,
  severity: text,
  status: text,
  quantity_pcs: number,
  product: text,
  order_id: maybe.text,
  batch_id: text,
  holds_batch: z.boolean(),
  machine_id: maybe.text,
  machine: maybe.text,
  found_at: text,
  closed_at: maybe.text,
  reported_by: text,
  note: maybe.text,
};

const defectRow = (world: World, defect: Defect) => ({
  defect_id: defect.id,
  type: defect.type,
  severity: defect.severity,
  status: defect.status,
  quantity_pcs: defect.quantity,
  product: productName(world, defect.productId),
  order_id: defect.orderId,
  batch_id: defect.batchId,
  holds_batch: defect.holds && defect.status !== "closed",
  machine_id: defect.machineId,
  machine: machineName(world, defect.machineId),
  found_at: iso(defect.foundAt),
  closed_at: isoOrNull(defect.closedAt),
  reported_by: defect.reportedBy,
  note: defect.note,
});

const listDefects = reads({
  name: "list_defects",
  title: "Defects",
  description:
    "Defects and quality problems: type, severity, quantity, product, order, batch and machine; open ones unless told otherwise.",
  input: {
    machine_id: argument.machine,
    order_id: argument.order,
    severity: z.enum(["minor", "major", "critical"]).optional().describe("Only this severity"),
    defect_id: z.string().optional().describe("One defect, for example DEF-1042"),
    include_closed: z.boolean().default(false).describe("Also defects that are closed"),
  },
  columns: defectColumns,
  run(world, { machine_id, order_id, severity, defect_id, include_closed }) {
    const machine = machine_id === undefined ? undefined : findMachine(world, machine_id);
    const rows = [...world.defects.values()]
      .filter((it) => include_closed || defect_id !== undefined || it.status !== "closed")
      .filter(
        (it) => (!machine || it.machineId === machine.id) && matches(order_id, it.orderId) && matches(defect_id, it.id),
      )
      .filter((it) => severity === undefined || it.severity === severity)
      .map((it) => defectRow(world, it))
      .toReversed();
    const critical = rows.filter((row) => row.severity === "critical").length;
    const holding = rows.filter((row) => row.holds_batch).length;
    return { summary: `${count(rows.length, "defect")}, ${critical} critical, ${holding} holding a batch back.`, rows };
  },
});

const qualitySummary = reads({
  name: "get_quality_by_machine",
  title: "Quality by machine",
  description: "Quality rate, scrap rate and scrap quantity of each machine over the last days (first pass yield).",
  input: {
    machine_id: argument.machine,
    days: z.number().min(0.25).max(7).default(1).describe("How far to look back, in days"),
  },
  columns: {
    machine_id: text,
    machine: text,
    quality_percent: maybe.number,
    scrap_percent: maybe.number,
    good_pcs: number,
    scrap_pcs: number,
    open_defects: number,
  },
  run(world, { machine_id, days }) {
    const from = world.now - Math.round(days * DAY);
    const machines = machine_id === undefined ? world.machines : [findMachine(world, machine_id)];
    const rows = machines
      .map((machine) => {
        const counts = sumBuckets(machine, from, world.now);
        const pieces = counts.good + counts.scrap;
        return {
          machine_id: machine.id,
          machine: machine.name,
          quality_percent: oeeOf(counts).quality,
          scrap_percent: pieces > 0 ? percent(counts.scrap / pieces) : null,
          good_pcs: counts.good,
          scrap_pcs: counts.scrap,
          open_defects: [...world.defects.values()].filter(
            (it) => it.machineId === machine.id && it.status !== "closed",
          ).length,
        };
      })
      .sort((a, b) => (b.scrap_percent ?? -1) - (a.scrap_percent ?? -1));
    const [worst] = rows;
    const period = `the last ${days * 24} hours`;
    return {
      summary: `The most scrap is made by ${worst?.machine}: ${worst?.scrap_percent ?? 0} % in ${period}.`,
      period,
      rows,
    };
  },
});

const pareto = reads({
  name: "get_defect_pareto",
  title: "Most frequent defects",
  description:
    "Pareto of the defects: the most frequent defect types by quantity over the last days, with their share in percent.",
  input: { days: z.number().min(1).max(14).default(7).describe("How far to look back, in days") },
  columns: { type: text, reports: number, quantity_pcs: number, share_percent: number, cumulative_percent: number },
  run(world, { days }) {
    const sums = new Map<string, { reports: number; quantity: number }>();
    for (const defect of world.defects.values()) {
      if (defect.foundAt < world.now - days * DAY) continue;
      const sum = sums.get(defect.type) ?? { reports: 0, quantity: 0 };
      sums.set(defect.type, { reports: sum.reports + 1, quantity: sum.quantity + defect.quantity });
    }
    const sorted = [...sums].sort(([, a], [, b]) => b.quantity - a.quantity);
    const total = sorted.reduce((all, [, sum]) => all + sum.quantity, 0);
    let running = 0;
    const rows = sorted.map(([type, { reports, quantity }]) => {
      running += quantity;
      const share = percent(quantity / total);
      return {
        type,
        reports,
        quantity_pcs: quantity,
        share_percent: share,
        cumulative_percent: percent(running / total),
      };
    });
    const [first] = rows;
    const most = first ? ` The most frequent is ${first.type} with ${first.share_percent} %.` : "";
    return {
      summary: `${total} defective pieces in ${count(days, "day")}.${most}`,
      period: `the last ${count(days, "day")}`,
      rows,
    };
  },
});

const batchColumns = {
  batch_id: text,
  order_id: text,
  product: text,
  quantity_pcs: number,
  status: text,
  held_hours: number,
  defect_id: maybe.text,
  reason: maybe.text,
  release_expected_at: maybe.text,
};

function batchRow(world: World, batch: Batch) {
  const hold = [...world.defects.values()].find((it) => it.batchId === batch.id && it.holds && it.status !== "closed");
  return {
    batch_id: batch.id,
    order_id: batch.orderId,
    product: productName(world, batch.productId),
    quantity_pcs: batch.quantity,
    status: batch.status,
    held_hours: hold ? hours(world.now - hold.foundAt) : 0,
    defect_id: hold?.id ?? null,
    reason: hold?.type ?? null,
    release_expected_at: isoOrNull(hold?.reviewEnds ?? null),
  };
}

const listBatches = reads({
  name: "list_batches",
  title: "Batches and holds",
  description:
    "Batches with their quality status: in inspection, released, or on hold (blocked) with the defect that holds them and the order that waits.",
  input: {
    status: z.enum(["in_production", "inspection", "on_hold", "released"]).optional().describe("Only this status"),
    order_id: argument.order,
  },
  columns: batchColumns,
  run(world, { status, order_id }) {
    const rows = [...world.batches.values()]
      .filter((it) => (status === undefined ? order_id !== undefined || it.status !== "shipped" : it.status === status))
      .filter((it) => matches(order_id, it.orderId, it.id))
      .map((it) => batchRow(world, it));
    const held = rows.filter((row) => row.status === "on_hold").length;
    return { summary: `${count(rows.length, "batch", "batches")}, ${held} on hold.`, rows };
  },
});

const auditColumns = {
  audit_id: text,
  area: text,
  type: text,
  auditor: text,
  status: text,
  due_at: text,
  days_overdue: number,
  completed_at: maybe.text,
  score_percent: maybe.number,
  findings: maybe.number,
};

const auditRow = (world: World, audit: Audit) => ({
  audit_id: audit.id,
  area: audit.area,
  type: audit.type,
  auditor: audit.auditor,
  status: audit.completedAt === null ? (audit.dueAt < world.now ? "overdue" : "planned") : "done",
  due_at: iso(audit.dueAt),
  days_overdue: audit.completedAt === null ? Math.max(0, days(world.now - audit.dueAt)) : 0,
  completed_at: isoOrNull(audit.completedAt),
  score_percent: audit.scorePercent,
  findings: audit.findings,
});

const listAudits = reads({
  name: "list_audits",
  title: "Audits",
  description: "Quality audits by area: planned, overdue and done ones with auditor, score and findings.",
  input: {
    area: z.enum(AUDIT_AREAS).optional().describe("Only this area"),
    status: z.enum(["open", "overdue", "done"]).optional().describe("Only this status"),
  },
  columns: auditColumns,
  run(world, { area, status }) {
    const rows = [...world.audits.values()]
      .filter((it) => area === undefined || it.area === area)
      .map((it) => auditRow(world, it))
      .filter((row) => (status === "open" ? row.status !== "done" : status === undefined || row.status === status))
      .sort((a, b) => a.due_at.localeCompare(b.due_at));
    const overdue = rows.filter((row) => row.status === "overdue").length;
    return { summary: `${count(rows.length, "audit")}, ${overdue} overdue.`, rows };
  },
});

const report = writes({
  name: "report_defect",
  title: "Report a defect",
  description: "Reports a defect found in a batch: adds it to the defect list without blocking the batch.",
  idempotent: false,
  input: {
    batch_id: z.string().describe("Batch id, for example B-1042"),
    type: z.string().min(1).max(100).describe("What is wrong, for example Burr too high"),
    severity: z.enum(["minor", "major", "critical"]).default("minor").describe("How bad it is"),
    quantity: z.int().min(1).default(1).describe("How many pieces"),
    machine_id: argument.machine,
    note: z.string().max(500).optional().describe("Anything more"),
  },
  columns: defectColumns,
  run(world, { batch_id, machine_id, note, ...facts }, by) {
    const machineId = machine_id === undefined ? null : findMachine(world, machine_id).id;
    const defect = reportDefect(world, { ...facts, batchId: batch_id, machineId, note: note ?? null, reportedBy: by });
    return {
      summary: `Defect ${defect.id} in batch ${defect.batchId} is recorded: ${defect.type}.`,
      rows: [defectRow(world, defect)],
    };
  },
});

const hold = writes({
  name: "hold_batch",
  title: "Put a batch on hold",
  description:
    "Blocks a batch: puts it on hold in quarantine until somebody releases it, so that it cannot be shipped.",
  idempotent: false,
  input: {
    batch_id: z.string().describe("Batch id, for example B-1042"),
    reason: z.string().min(1).max(200).describe("Why it is held"),
    quantity: z.int().min(1).default(1).describe("How many pieces are affected"),
  },
  columns: defectColumns,
  run(world, { batch_id, reason, quantity }, by) {
    const defect = holdBatch(world, { batchId: batch_id, reason, quantity, by });
    return {
      summary: `Batch ${defect.batchId} of ${defect.orderId} is on hold: ${defect.type}, ${defect.id}.`,
      rows: [defectRow(world, defect)],
    };
  },
});

const release = writes({
  name: "release_batch",
  title: "Release a batch",
  description:
    "Releases a batch that is on hold, so that it can be shipped, and closes the defects that held it. Cannot be taken back once the truck has left.",
  idempotent: false,
  destructive: true,
  input: {
    batch_id: z.string().describe("Batch id, for example B-1042"),
    note: z.string().min(1).max(500).default("released after review").describe("Why it may be shipped"),
  },
  columns: batchColumns,
  run(world, { batch_id, note }, by) {
    const batch = releaseBatch(world, batch_id, `${note} (${by})`);
    return {
      summary: `Batch ${batch.id} is released; order ${batch.orderId} can be shipped.`,
      rows: [batchRow(world, batch)],
    };
  },
});

const complete = writes({
  name: "complete_audit",
  title: "Record an audit",
  description: "Records the result of an audit: score and number of findings; the audit is then done.",
  idempotent: false,
  input: {
    audit_id: z.string().describe("Audit id, for example AUD-1003"),
    score_percent: z.number().min(0).max(100).describe("Score in percent"),
    findings: z.int().min(0).default(0).describe("How many findings"),
  },
  columns: auditColumns,
  run(world, { audit_id, score_percent, findings }, by) {
    const audit = completeAudit(world, { auditId: audit_id, scorePercent: score_percent, findings, by });
    return {
      summary: `Audit ${audit.id} of ${audit.area} is done with ${score_percent} %.`,
      rows: [auditRow(world, audit)],
    };
  },
});

export const QMS_TOOLS: readonly FactoryTool[] = [
  listDefects,
  qualitySummary,
  pareto,
  listBatches,
  listAudits,
  report,
  hold,
  release,
  complete,
];
