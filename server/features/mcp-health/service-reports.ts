import { randomUUID } from "node:crypto";
import type { Prisma } from "#server/kernel/db.ts";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import type { Limits } from "#server/mcp/resilience/limits.ts";
import type { ServiceState } from "#server/mcp/resilience/service-state.ts";
import type { Deps } from "../deps.ts";

const PART = "upstreams";
const EVERY_MS = 2_000;
/** A report older than this is of a process that no longer runs. */
const SILENT_MS = 10_000;

/** What one process says: its part, and its upstreams by id. */
export interface ServiceReport {
  instance: string;
  part: "web" | "worker";
  states: Record<string, ServiceState>;
}

/** Tells the other processes how upstreams do as this one sees them, as long as something happens. */
export function reportServices(
  { db, clock, log }: Pick<Deps, "db" | "clock" | "log">,
  part: ServiceReport["part"],
  limits: Limits,
  instance: string = randomUUID(),
): { instance: string; stop(): Promise<void> } {
  let writing = Promise.resolve();
  const write = async () => {
    const states = limits.states();
    if (states.size === 0) return;
    const data = { part, states: Object.fromEntries(states) } as unknown as Prisma.InputJsonObject; // plain JSON
    const updatedAt = clock.now();
    await db.partReport.upsert({
      where: { part_instance: { part: PART, instance } },
      update: { data, updatedAt },
      create: { part: PART, instance, data, updatedAt },
    });
    const old = new Date(updatedAt.getTime() - 100 * SILENT_MS);
    await db.partReport.deleteMany({ where: { part: PART, updatedAt: { lt: old } } });
  };
  const report = () => {
    writing = writing.then(write).catch((err: unknown) => {
      if (!isDatabaseAway(err)) log.error({ err }, "reporting upstreams failed");
    });
  };
  const timer = setInterval(report, EVERY_MS);
  return {
    instance,
    async stop() {
      clearInterval(timer);
      await writing;
      await db.partReport.deleteMany({ where: { part: PART, instance } }).catch(() => undefined);
    },
  };
}

/** What all processes last said; `own` is fresher than what it has written. */
export async function serviceReports(
  { db, clock }: Pick<Deps, "db" | "clock">,
  own: ServiceReport,
): Promise<ServiceReport[]> {
  const rows = await db.partReport.findMany({
    where: {
      part: PART,
      instance: { not: own.instance },
      updatedAt: { gt: new Date(clock.now().getTime() - SILENT_MS) },
    },
    orderBy: { instance: "asc" },
  });
  // written by reportServices alone
  return [
    own,
    ...rows.map(({ instance, data }) => ({ instance, ...(data as unknown as Omit<ServiceReport, "instance">) })),
  ];
}
