import type { Actor } from "#server/kernel/actor.ts";
import { missing } from "#server/kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { getReview, reviewableServer } from "./find-reviews.ts";
import { announceReview } from "./review-topic.ts";
import type { ChangeRules, ReviewView } from "./schema.ts";

/**
 * Sets what holds for a tool whatever it says of itself: its class, whether calls need consent, who may use it; what is
 * left out stays. Throws `missing`, `forbidden` (`review.owner`).
 */
export async function changeRules(
  deps: Pick<Deps, "db" | "tools" | "live" | "clock">,
  actor: Actor,
  { id, tool, ...given }: ChangeRules,
): Promise<ReviewView> {
  const server = await reviewableServer(deps, actor, id);
  const rules = {
    ...(given.class === undefined ? {} : { class: given.class }),
    ...(given.approval === undefined ? {} : { approval: given.approval }),
    ...(given.roles === undefined ? {} : { roles: [...new Set(given.roles)] }),
  };
  const key = { upstreamId_tool: { upstreamId: server.id, tool } };
  // Servers that are not pinned have no rows until something is said of a tool.
  const name = `${server.name}.${tool}`;
  const isPinned = (await deps.db.toolPin.findUnique({ where: key, select: { tool: true } })) !== null;
  if (!isPinned && !(await deps.tools.list(actor)).some((one) => one.name === name)) throw missing("tool");
  await deps.db.$transaction(async (tx) => {
    const at = deps.clock.now();
    await tx.toolPin.upsert({
      where: key,
      update: rules,
      create: { upstreamId: server.id, tool, state: "approved", roles: [], firstSeenAt: at, changedAt: at, ...rules },
    });
    await recordAudit(tx, { at, actor, action: "tool.rules", subject: name, detail: rules });
    await announceReview(deps, tx, server);
  });
  return getReview(deps, actor, { id, tool });
}
