import type { Actor } from "#server/kernel/actor.ts";
import type { Deps } from "../../deps.ts";
import type { Activity } from "./internal.schema.ts";

/** What a pod says of itself. It can prolong its own life with it, and nobody else's; times of the future count as now. */
export async function reportActivity(
  { sql, clock }: Pick<Deps, "sql" | "clock">,
  actor: Actor,
  { busy, activityAt, memoryMb }: Activity,
): Promise<void> {
  const at = new Date(Math.min(activityAt, clock.now().getTime()));
  await sql.query(
    `UPDATE "Pod" SET "busy" = $2, "memoryMb" = $3, "lastActivityAt" = GREATEST("lastActivityAt", $4) WHERE "id" = $1`,
    [actor.credentialId, JSON.stringify(busy), memoryMb, at],
  );
}
