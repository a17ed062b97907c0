import { HOUR, type Minute } from "./calendar.ts";
import { TROUBLE } from "./catalogue.ts";
import type { Alarm, Ticket, World } from "./model.ts";
import { PlantError } from "./model.ts";
import { raiseAlarm, ticketFor } from "./alarms.ts";
import { changeTool } from "./production.ts";
import { between, pick } from "./random.ts";
import { find, findMachine, nextId } from "./world.ts";

const INSPECTION_MINUTES = 40;
/** Share of the repair that remains when a second technician and the spare part are sent at once. */
const EXPEDITED_REPAIR = 0.5;

/** Every quarter of an hour: warnings come and pass, planned tickets begin and end. */
export function tickMaintenance(world: World): void {
  for (const machine of world.machines) {
    const running = machine.state === "running";
    if (running && machine.random() < 0.006) {
      const passes = world.now + Math.round(between(machine.random, 2 * HOUR, 9 * HOUR));
      const text = pick(machine.random, TROUBLE[machine.group].warnings);
      raiseAlarm(world, machine, machine.random() < 0.7 ? "warning" : "info", "condition", text, passes);
    }
  }
  for (const alarm of world.alarms.values()) {
    if (alarm.clearedAt === null && alarm.passesAt !== null && alarm.passesAt <= world.now) alarm.clearedAt = world.now;
  }
  for (const ticket of world.tickets.values()) {
    if (ticket.status === "done" || ticket.downtimeId !== null || ticket.plannedAt > world.now) continue;
    const machine = findMachine(world, ticket.machineId);
    if (ticket.status === "in_progress") {
      if (machine.state !== "maintenance") Object.assign(ticket, { status: "done", doneAt: world.now });
    } else if (machine.state !== "down" && machine.state !== "maintenance") {
      ticket.status = "in_progress";
      changeTool(world, machine);
      if (ticket.kind === "inspection") machine.stepLeft = INSPECTION_MINUTES;
    }
  }
}

/** Says that somebody takes care. The repair of a breakdown then begins at once. Throws PlantError. */
export function acknowledgeAlarm(world: World, alarmId: string, by: string): Alarm {
  const alarm = find(world.alarms, alarmId, "alarm", "list_alarms shows the open ones.");
  if (alarm.clearedAt !== null)
    throw new PlantError(`Alarm ${alarm.id} is already over. list_alarms shows the open ones.`);
  if (alarm.acknowledgedAt !== null) return alarm;
  alarm.acknowledgedAt = world.now;
  alarm.acknowledgedBy = by;
  for (const downtime of world.downtimes.values()) {
    if (downtime.alarmId === alarm.id && downtime.to === null) downtime.waitLeft = 0;
  }
  return alarm;
}

/**
 * A repair ticket needs a machine that is down; with high priority it halves the rest of the repair, once. An
 * inspection (40 min) or a tool change (15 min) stops the machine at `plannedAt` and leaves it with a new tool and no
 * warnings. Throws PlantError.
 */
export function createTicket(
  world: World,
  input: Pick<Ticket, "machineId" | "kind" | "title" | "priority" | "createdBy"> & { plannedAt: Minute },
): Ticket {
  const machine = findMachine(world, input.machineId);
  const downtime = machine.downtimeId ? world.downtimes.get(machine.downtimeId) : undefined;
  if (input.kind !== "repair") {
    const ticket: Ticket = {
      ...input,
      machineId: machine.id,
      id: nextId(world, "MT"),
      status: "open",
      createdAt: world.now,
      plannedAt: Math.max(world.now, input.plannedAt),
      doneAt: null,
      downtimeId: null,
    };
    world.tickets.set(ticket.id, ticket);
    return ticket;
  }
  if (!downtime) {
    throw new PlantError(
      `${machine.name} (${machine.id}) is not down but ${machine.state}: there is nothing to repair. ` +
        'Use kind "inspection" or "tool_change", or list_downtimes with only_open to see which machines are down.',
    );
  }
  const ticket = ticketFor(world, downtime, input.createdBy);
  ticket.title = input.title;
  ticket.priority = input.priority;
  downtime.waitLeft = 0;
  if (input.priority === "high" && !downtime.expedited) {
    downtime.expedited = true;
    downtime.repairLeft = Math.ceil(downtime.repairLeft * EXPEDITED_REPAIR);
  }
  return ticket;
}
