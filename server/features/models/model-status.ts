import type { Prisma } from "#server/kernel/db.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Models, Tier } from "#server/llm/models.ts";
import type { Deps } from "../deps.ts";
import type { ModelStatusView } from "./schema.ts";

export const modelTopic = "model";
const PART = "models";
/** A report older than this is of a worker that no longer runs. */
const SILENT_MS = 12_000;

/** Writes what this worker's model queues look like; when it changed, tells everyone. */
export async function reportModels(
  { db, live, clock }: Pick<Deps, "db" | "live" | "clock">,
  instance: string,
  models: Models,
  { changed }: { changed: boolean },
): Promise<void> {
  const data = models.status() as unknown as Prisma.InputJsonArray; // plain JSON
  const updatedAt = clock.now();
  await db.partReport.upsert({
    where: { part_instance: { part: PART, instance } },
    update: { data, updatedAt },
    create: { part: PART, instance, data, updatedAt },
  });
  await db.partReport.deleteMany({
    where: { part: PART, updatedAt: { lt: new Date(updatedAt.getTime() - 100 * SILENT_MS) } },
  });
  if (changed) await live.publish(modelTopic);
}

/** The models as the workers report them, added up. */
export async function modelStatus({
  db,
  clock,
  settings,
}: Pick<Deps, "db" | "clock" | "settings">): Promise<ModelStatusView[]> {
  const rows = await db.partReport.findMany({
    where: { part: PART, updatedAt: { gt: new Date(clock.now().getTime() - SILENT_MS) } },
  });
  const reports = rows.map(({ data }) => data as unknown as ModelStatusView[]); // written by reportModels alone
  return (["free", "premium"] as const).map((tier) => {
    const all = reports.flatMap((report) => report.filter((status) => status.tier === tier));
    const [first] = all;
    if (!first) {
      const { model, demo } = settings.models[tier];
      return {
        tier,
        model,
        demo,
        state: "unknown",
        running: 0,
        waiting: 0,
        concurrency: 0,
        depth: 0,
        problem: "No worker has reported for a while; questions wait until one runs",
      };
    }
    const sum = (key: "running" | "waiting" | "concurrency" | "depth") =>
      all.reduce((total, status) => total + status[key], 0);
    const state =
      (["down", "saturated", "busy"] as const).find((word) => all.some((status) => status.state === word)) ??
      first.state;
    return {
      ...first,
      state,
      running: sum("running"),
      waiting: sum("waiting"),
      concurrency: sum("concurrency"),
      depth: sum("depth"),
    };
  });
}

/** Refuses new work while the model's queue is full, instead of letting it hang. */
export async function refuseWhenSaturated(deps: Pick<Deps, "db" | "clock" | "settings">, tier: Tier): Promise<void> {
  const status = (await modelStatus(deps)).find((one) => one.tier === tier);
  if (status?.state === "saturated")
    throw new AppError(
      "unavailable",
      "model.saturated",
      `The model is busy and ${status.waiting} questions are waiting already. Try again in a moment`,
      { retryAfter: 10 },
    );
}
