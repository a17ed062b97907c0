import { z } from "zod";
import { currentPeriod, DAY, HOUR, iso, isoOrNull } from "../plant/calendar.ts";
import type { Job, Machine, World } from "../plant/model.ts";
import { OEE_TARGET, oeeOf, percent, sumBuckets } from "../plant/oee.ts";
import { loadOf, moveJob } from "../plant/orders.ts";
import { findMachine } from "../plant/world.ts";
import { argument, count, hours, maybe, number, reads, text, writes, type FactoryTool } from "./tool.ts";

const machinesOf = (world: World, wanted: string | undefined): Machine[] =>
  wanted === undefined ? world.machines : [findMachine(world, wanted)];

const orderOf = (world: World, jobId: string | null): string | null =>
  (jobId ? world.jobs.get(jobId)?.orderId : null) ?? null;

const productOf = (world: World, job: Job): string => world.items.get(job.productId)?.name ?? job.productId;

const listOee = reads({
  name: "list_oee",
  title: "OEE by machine",
  description:
    "OEE of each machine today: overall equipment effectiveness with availability, performance and quality in percent, " +
    "against the target of 85 %. Use it for questions such as: which machines are below 85 % OEE, how is the OEE of the plant, worst machine.",
  input: {
    below: z.number().min(0).max(100).optional().describe("Only machines whose OEE is below this many percent"),
    machine_id: argument.machine,
  },
  columns: {
    machine_id: text,
    machine: text,
    oee_percent: maybe.number,
    availability_percent: maybe.number,
    performance_percent: maybe.number,
    quality_percent: maybe.number,
    target_percent: number,
    good_pcs: number,
    scrap_pcs: number,
    down_minutes: number,
    state: text,
  },
  run(world, { below, machine_id }) {
    const period = currentPeriod(world.calendar, world.now);
    const all = machinesOf(world, machine_id).map((machine) => {
      const counts = sumBuckets(machine, period.from, period.to);
      const figures = oeeOf(counts);
      return {
        machine_id: machine.id,
        machine: machine.name,
        oee_percent: figures.oee,
        availability_percent: figures.availability,
        performance_percent: figures.performance,
        quality_percent: figures.quality,
        target_percent: OEE_TARGET,
        good_pcs: counts.good,
        scrap_pcs: counts.scrap,
        down_minutes: counts.down,
        state: machine.state,
      };
    });
    const rows = all
      .filter((row) => below === undefined || (row.oee_percent !== null && row.oee_percent < below))
      .sort((a, b) => (a.oee_percent ?? 101) - (b.oee_percent ?? 101));
    const bound = below ?? OEE_TARGET;
    const low = rows.filter((row) => row.oee_percent !== null && row.oee_percent < bound);
    const [worst] = low;
    const summary =
      `${low.length} of ${count(all.length, "machine")} ${low.length === 1 ? "is" : "are"} below ${bound} % OEE, ${period.label}` +
      (worst ? `; the lowest is ${worst.machine} with ${worst.oee_percent} %.` : ".");
    return { summary, period: `${period.label}: ${iso(period.from)} to ${iso(period.to)}`, rows };
  },
});

const oeeHistory = reads({
  name: "get_oee_history",
  title: "OEE over time",
  description:
    "OEE history and trend of a machine or of all machines, by day of the last week or by hour of the last day.",
  input: { machine_id: argument.machine, by: z.enum(["day", "hour"]).default("day").describe("Length of one step") },
  columns: {
    period_start: text,
    machine_id: text,
    machine: text,
    oee_percent: maybe.number,
    availability_percent: maybe.number,
    performance_percent: maybe.number,
    quality_percent: maybe.number,
    good_pcs: number,
    scrap_pcs: number,
  },
  run(world, { machine_id, by }) {
    const machines = machinesOf(world, machine_id);
    const [step, steps] = by === "day" ? [DAY, 7] : [HOUR, 24];
    const today = by === "day" ? world.calendar.dayStart(world.now) : world.now - (world.now % HOUR);
    const rows = machines.flatMap((machine) =>
      Array.from({ length: steps }, (_, index) => {
        const from = today - (steps - 1 - index) * step;
        const counts = sumBuckets(machine, from, Math.min(world.now, from + step));
        const figures = oeeOf(counts);
        return {
          period_start: by === "day" ? world.calendar.dateLabel(from + HOUR) : iso(from),
          machine_id: machine.id,
          machine: machine.name,
          oee_percent: figures.oee,
          availability_percent: figures.availability,
          performance_percent: figures.performance,
          quality_percent: figures.quality,
          good_pcs: counts.good,
          scrap_pcs: counts.scrap,
        };
      }),
    );
    const span = by === "day" ? "each of the last 7 days" : "each of the last 24 hours";
    return {
      summary: `OEE of ${machines.length === 1 ? machines[0]?.name : count(machines.length, "machine")} for ${span}.`,
      rows,
    };
  },
});

const listMachines = reads({
  name: "list_machines",
  title: "Machines and what they do now",
  description:
    "All machines with their present state (running, setup, down, starved, idle, maintenance), the order and product on them and the queue.",
  input: {
    machine_id: argument.machine,
    state: z
      .enum(["running", "setup", "down", "starved", "idle", "maintenance"])
      .optional()
      .describe("Only machines in this state"),
  },
  columns: {
    machine_id: text,
    machine: text,
    group: text,
    state: text,
    state_since: text,
    job_id: maybe.text,
    order_id: maybe.text,
    product: maybe.text,
    progress_percent: maybe.number,
    waiting_jobs: number,
    load_hours: number,
  },
  run(world, { machine_id, state }) {
    const rows = machinesOf(world, machine_id)
      .filter((machine) => state === undefined || machine.state === state)
      .map((machine) => {
        const job = machine.jobId ? world.jobs.get(machine.jobId) : undefined;
        return {
          machine_id: machine.id,
          machine: machine.name,
          group: machine.group,
          state: machine.state,
          state_since: iso(machine.stateSince),
          job_id: machine.jobId,
          order_id: orderOf(world, machine.jobId),
          product: job ? productOf(world, job) : null,
          progress_percent: job ? percent(job.good / job.quantity) : null,
          waiting_jobs: machine.queue.length,
          load_hours: hours(loadOf(world, machine)),
        };
      });
    const running = rows.filter((row) => row.state === "running").length;
    const down = rows.filter((row) => row.state === "down").map((row) => row.machine);
    const downText = down.length > 0 ? `; down: ${down.join(", ")}.` : "; none is down.";
    return { summary: `${running} of ${count(rows.length, "machine")} run${downText}`, rows };
  },
});

const listJobs = reads({
  name: "list_jobs",
  title: "Production jobs",
  description:
    "Production orders on the machines: what is being made, what waits in which queue, progress in pieces, and what a job waits for.",
  input: {
    machine_id: argument.machine,
    order_id: argument.order,
    include_done: z.boolean().default(false).describe("Also jobs that are finished or have not reached a machine"),
  },
  columns: {
    job_id: text,
    production_order_id: text,
    order_id: maybe.text,
    product: text,
    operation: number,
    machine_id: maybe.text,
    machine: maybe.text,
    status: text,
    queue_position: maybe.number,
    good_pcs: number,
    scrap_pcs: number,
    quantity_pcs: number,
    progress_percent: number,
    waits_for: maybe.text,
    due_at: maybe.text,
  },
  run(world, { machine_id, order_id, include_done }) {
    const machine = machine_id === undefined ? undefined : findMachine(world, machine_id);
    const wanted = order_id?.trim().toUpperCase();
    const rows = [...world.jobs.values()]
      .filter((job) => include_done || (job.status !== "done" && job.status !== "planned"))
      .filter((job) => !machine || job.machineId === machine.id)
      .filter((job) => !wanted || job.orderId === wanted || job.productionOrderId === wanted)
      .map((job) => {
        const at = world.machines.find((it) => it.id === job.machineId);
        const shortage = job.shortageId ? world.shortages.get(job.shortageId) : undefined;
        const place = at ? at.queue.indexOf(job.id) + 1 : 0;
        const stopped = at?.state === "down" && job.status !== "done" ? `${at.name} is down (${at.downtimeId})` : null;
        const order = job.orderId ? world.orders.get(job.orderId) : undefined;
        return {
          job_id: job.id,
          production_order_id: job.productionOrderId,
          order_id: job.orderId,
          product: productOf(world, job),
          operation: job.operationNo,
          machine_id: job.machineId,
          machine: at?.name ?? null,
          status: job.status,
          queue_position: place > 0 ? place : null,
          good_pcs: job.good,
          scrap_pcs: job.scrap,
          quantity_pcs: job.quantity,
          progress_percent: percent(job.good / job.quantity),
          waits_for: shortage ? `material ${shortage.itemId} (${shortage.id})` : stopped,
          due_at: isoOrNull(order?.dueAt ?? null),
        };
      })
      .sort((a, b) =>
        `${a.machine_id}${a.queue_position ?? 0}`.localeCompare(`${b.machine_id}${b.queue_position ?? 0}`),
      );
    const running = rows.filter((row) => row.status === "running").length;
    return { summary: `${count(rows.length, "job")}, ${running} of them at work.`, rows };
  },
});

const listTools = reads({
  name: "list_tools",
  title: "Machine tools and wear",
  description:
    "Tools, dies and moulds in the machines with their wear in percent and the running hours left until the tool change.",
  input: {
    machine_id: argument.machine,
    worn_above: z.number().min(0).max(100).optional().describe("Only tools worn more than this many percent"),
  },
  columns: {
    tool_id: text,
    tool: text,
    machine_id: text,
    machine: text,
    wear_percent: number,
    hours_left: number,
    life_hours: number,
  },
  run(world, { machine_id, worn_above = 0 }) {
    const rows = machinesOf(world, machine_id)
      .filter((machine) => machine.wear * 100 >= worn_above)
      .sort((a, b) => b.wear - a.wear)
      .map((machine) => ({
        tool_id: machine.toolId,
        tool: machine.toolName,
        machine_id: machine.id,
        machine: machine.name,
        wear_percent: percent(machine.wear),
        hours_left: hours((1 - machine.wear) * machine.toolLifeMinutes),
        life_hours: hours(machine.toolLifeMinutes),
      }));
    const [worst] = rows;
    const most = worst ? ` The most worn is ${worst.tool} in ${worst.machine} with ${worst.wear_percent} %.` : "";
    return { summary: `${count(rows.length, "tool")}.${most}`, rows };
  },
});

const move = writes({
  name: "move_job",
  title: "Move a job to another machine",
  description:
    "Moves a production job that waits, or is stuck on a machine that is down, to another machine of the same kind.",
  idempotent: false,
  input: {
    job_id: z.string().describe("Job id, for example PRD-1042-10"),
    to_machine_id: z.string().describe("Machine id or name to move it to"),
  },
  columns: {
    job_id: text,
    order_id: maybe.text,
    from_machine_id: text,
    to_machine_id: text,
    queue_position: number,
    load_hours: number,
  },
  run(world, { job_id, to_machine_id }) {
    const from = world.jobs.get(job_id.trim().toUpperCase())?.machineId ?? "";
    const job = moveJob(world, job_id, to_machine_id);
    const target = findMachine(world, to_machine_id);
    const place = target.queue.indexOf(job.id) + 1;
    const row = {
      job_id: job.id,
      order_id: job.orderId,
      from_machine_id: from,
      to_machine_id: target.id,
      queue_position: place,
      load_hours: hours(loadOf(world, target)),
    };
    return { summary: `Job ${job.id} now waits at ${target.name} (${target.id}), position ${place}.`, rows: [row] };
  },
});

/** Fertigung: machines, OEE, jobs, tools. */
export const MACHINE_TOOLS: readonly FactoryTool[] = [listOee, oeeHistory, listMachines, listJobs, listTools, move];
