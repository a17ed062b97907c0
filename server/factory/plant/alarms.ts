import type { Minute } from "./calendar.ts";
import type { Alarm, Downtime, Machine, Ticket, World } from "./model.ts";
import { nextId } from "./world.ts";

export function raiseAlarm(
  world: World,
  machine: Machine,
  severity: Alarm["severity"],
  kind: Alarm["kind"],
  text: string,
  passesAt: Minute | null,
): Alarm {
  const alarm: Alarm = {
    id: nextId(world, "ALM"),
    machineId: machine.id,
    severity,
    kind,
    text,
    raisedAt: world.now,
    clearedAt: null,
    passesAt,
    acknowledgedAt: null,
    acknowledgedBy: null,
  };
  world.alarms.set(alarm.id, alarm);
  return alarm;
}

/** Clears one alarm of a machine, or all but those of a running breakdown. */
export function clearAlarms(world: World, machineId: string, alarmId?: string): void {
  for (const alarm of world.alarms.values()) {
    if (alarm.machineId !== machineId || alarm.clearedAt !== null) continue;
    if (alarmId === undefined ? alarm.kind !== "breakdown" : alarm.id === alarmId) alarm.clearedAt = world.now;
  }
}

export function ticketFor(world: World, downtime: Downtime, createdBy: string): Ticket {
  const ticket: Ticket = {
    id: nextId(world, "MT"),
    machineId: downtime.machineId,
    kind: "repair",
    title: `Repair: ${downtime.reason}`,
    priority: "normal",
    status: "in_progress",
    createdAt: world.now,
    createdBy,
    plannedAt: world.now,
    doneAt: null,
    downtimeId: downtime.id,
  };
  world.tickets.set(ticket.id, ticket);
  return ticket;
}
