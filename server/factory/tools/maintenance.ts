import { z } from "zod";
import { DAY, iso, isoOrNull } from "../plant/calendar.ts";
import { acknowledgeAlarm, createTicket } from "../plant/maintenance.ts";
import type { Alarm, Ticket, World } from "../plant/model.ts";
import { findMachine } from "../plant/world.ts";
import { argument, count, hours, maybe, number, parseInstant, reads, text, writes, type FactoryTool } from "./tool.ts";

const nameOf = (world: World, machineId: string | null): string =>
  world.machines.find((machine) => machine.id === machineId)?.name ?? "";

const listDowntimes = reads({
  name: "list_downtimes",
  title: "Machine downtimes",
  description:
    "Breakdowns and stops of machines: which machine is or was down, since when, for how long, why, and which orders it delays.",
  input: {
    machine_id: argument.machine,
    only_open: z.boolean().default(false).describe("Only machines that are down now"),
    days: z.number().min(0.1).max(14).default(2).describe("How far to look back, in days"),
    downtime_id: z.string().optional().describe("One downtime, for example DT-1042"),
  },
  columns: {
    downtime_id: text,
    machine_id: text,
    machine: text,
    reason: text,
    from: text,
    to: maybe.text,
    down_hours: number,
    expected_hours_left: number,
    alarm_id: text,
    delayed_orders: text,
  },
  run(world, { machine_id, only_open, days, downtime_id }) {
    const machine = machine_id === undefined ? undefined : findMachine(world, machine_id);
    const delayed = new Map<string, string[]>();
    for (const order of world.orders.values()) {
      for (const delay of order.delays) {
        if (delay.cause === "machine_down") delayed.set(delay.refId, [...(delayed.get(delay.refId) ?? []), order.id]);
      }
    }
    const rows = [...world.downtimes.values()]
      .filter((it) => !machine || it.machineId === machine.id)
      .filter((it) => !only_open || it.to === null)
      .filter((it) =>
        downtime_id === undefined
          ? (it.to ?? world.now) >= world.now - days * DAY
          : it.id === downtime_id.trim().toUpperCase(),
      )
      .map((it) => ({
        downtime_id: it.id,
        machine_id: it.machineId,
        machine: nameOf(world, it.machineId),
        reason: it.reason,
        from: iso(it.from),
        to: isoOrNull(it.to),
        down_hours: hours((it.to ?? world.now) - it.from),
        expected_hours_left: it.to === null ? hours(it.waitLeft + it.repairLeft) : 0,
        alarm_id: it.alarmId,
        delayed_orders: (delayed.get(it.id) ?? []).join(", "),
      }))
      .toReversed();
    const open = rows.filter((row) => row.to === null);
    const now = open.length > 0 ? `Down now: ${open.map((row) => row.machine).join(", ")}.` : "No machine is down now.";
    const lost = Math.round(rows.reduce((sum, row) => sum + row.down_hours, 0) * 10) / 10;
    return { summary: `${now} ${count(rows.length, "stop")} with ${lost} h in all.`, rows };
  },
});

const alarmColumns = {
  alarm_id: text,
  machine_id: text,
  machine: text,
  severity: text,
  text,
  raised_at: text,
  open_hours: number,
  acknowledged_by: maybe.text,
  cleared_at: maybe.text,
};

const alarmRow = (world: World, alarm: Alarm) => ({
  alarm_id: alarm.id,
  machine_id: alarm.machineId,
  machine: nameOf(world, alarm.machineId),
  severity: alarm.severity,
  text: alarm.text,
  raised_at: iso(alarm.raisedAt),
  open_hours: hours((alarm.clearedAt ?? world.now) - alarm.raisedAt),
  acknowledged_by: alarm.acknowledgedBy,
  cleared_at: isoOrNull(alarm.clearedAt),
});

const RANK = { critical: 0, warning: 1, info: 2 };

const listAlarms = reads({
  name: "list_alarms",
  title: "Alarms",
  description:
    "Open alarms and warnings of the machines, the critical ones first: what is wrong, since when, and who takes care.",
  input: {
    machine_id: argument.machine,
    severity: z.enum(["critical", "warning", "info"]).optional().describe("Only this severity"),
    include_cleared: z.boolean().default(false).describe("Also alarms of the last two days that are over"),
  },
  columns: alarmColumns,
  run(world, { machine_id, severity, include_cleared }) {
    const machine = machine_id === undefined ? undefined : findMachine(world, machine_id);
    const alarms = [...world.alarms.values()]
      .filter((alarm) =>
        include_cleared ? (alarm.clearedAt ?? world.now) >= world.now - 2 * DAY : alarm.clearedAt === null,
      )
      .filter((alarm) => !machine || alarm.machineId === machine.id)
      .filter((alarm) => severity === undefined || alarm.severity === severity)
      .sort((a, b) => RANK[a.severity] - RANK[b.severity] || b.raisedAt - a.raisedAt);
    const open = alarms.filter((alarm) => alarm.clearedAt === null);
    const critical = open.filter((alarm) => alarm.severity === "critical").length;
    return {
      summary: `${count(open.length, "open alarm")}, ${critical} of them critical.`,
      rows: alarms.map((alarm) => alarmRow(world, alarm)),
    };
  },
});

const ticketColumns = {
  ticket_id: text,
  machine_id: text,
  machine: text,
  kind: text,
  title: text,
  priority: text,
  status: text,
  planned_at: text,
  created_at: text,
  created_by: text,
  done_at: maybe.text,
  downtime_id: maybe.text,
};

const ticketRow = (world: World, ticket: Ticket) => ({
  ticket_id: ticket.id,
  machine_id: ticket.machineId,
  machine: nameOf(world, ticket.machineId),
  kind: ticket.kind,
  title: ticket.title,
  priority: ticket.priority,
  status: ticket.status,
  planned_at: iso(ticket.plannedAt),
  created_at: iso(ticket.createdAt),
  created_by: ticket.createdBy,
  done_at: isoOrNull(ticket.doneAt),
  downtime_id: ticket.downtimeId,
});

const listMaintenance = reads({
  name: "list_maintenance",
  title: "Maintenance tickets",
  description:
    "Maintenance tickets: repairs, inspections and tool changes that are open, in progress or done, by machine.",
  input: {
    machine_id: argument.machine,
    include_done: z.boolean().default(false).describe("Also tickets that are done"),
  },
  columns: ticketColumns,
  run(world, { machine_id, include_done }) {
    const machine = machine_id === undefined ? undefined : findMachine(world, machine_id);
    const rows = [...world.tickets.values()]
      .filter((ticket) => (include_done || ticket.status !== "done") && (!machine || ticket.machineId === machine.id))
      .map((ticket) => ticketRow(world, ticket))
      .toReversed();
    return { summary: `${count(rows.length, "maintenance ticket")}.`, rows };
  },
});

const acknowledge = writes({
  name: "acknowledge_alarm",
  title: "Acknowledge an alarm",
  description:
    "Acknowledges an alarm: says that somebody takes care of it. The repair of a machine that is down then begins at once.",
  idempotent: true,
  input: { alarm_id: z.string().describe("Alarm id, for example ALM-1042") },
  columns: alarmColumns,
  run(world, { alarm_id }, by) {
    const alarm = acknowledgeAlarm(world, alarm_id, by);
    const machine = nameOf(world, alarm.machineId);
    return {
      summary: `Alarm ${alarm.id} of ${machine} is acknowledged by ${alarm.acknowledgedBy}.`,
      rows: [alarmRow(world, alarm)],
    };
  },
});

const createMaintenanceTicket = writes({
  name: "create_maintenance_ticket",
  title: "Create a maintenance ticket",
  description:
    "Creates a maintenance ticket for a machine: repair (the machine is down; high priority halves the rest of the repair), " +
    "inspection (stops it for 40 minutes) or tool_change (15 minutes); both leave a new tool and no warnings.",
  idempotent: false,
  input: {
    machine_id: z.string().describe("Machine id or name, for example M-203 or CNC mill 3"),
    kind: z.enum(["repair", "inspection", "tool_change"]).default("inspection").describe("What has to be done"),
    title: z.string().min(1).max(200).optional().describe("What it is about"),
    priority: z.enum(["low", "normal", "high"]).default("normal").describe("How urgent it is"),
    planned_at: z.string().optional().describe("When, as ISO 8601; at once if not given"),
  },
  columns: ticketColumns,
  run(world, { machine_id, kind, title, priority, planned_at }, by) {
    const plannedAt = planned_at === undefined ? world.now : parseInstant(world, planned_at);
    const words = title ?? `${kind.replace("_", " ")} ordered by ${by}`;
    const ticket = createTicket(world, {
      machineId: machine_id,
      kind,
      title: words,
      priority,
      plannedAt,
      createdBy: by,
    });
    const row = ticketRow(world, ticket);
    return {
      summary: `Ticket ${ticket.id} for ${row.machine} is created: ${row.title}, planned ${row.planned_at}.`,
      rows: [row],
    };
  },
});

/** Fertigung: downtimes, alarms, maintenance. */
export const MAINTENANCE_TOOLS: readonly FactoryTool[] = [
  listDowntimes,
  listAlarms,
  listMaintenance,
  acknowledge,
  createMaintenanceTicket,
];
