import { authorise, type Actor } from "../../kernel/actor.ts";
import { allows } from "../../kernel/permissions.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { deleteUpstream } from "../upstreams/index.ts";
import { registeredAs } from "./add-server.ts";
import type { RemoveResult, ServerRef } from "./schema.ts";

/**
 * Deactivates a server of the catalogue for the person. When nobody of the workspace has it any more, and
 * the person activated it first or may remove servers, it is unregistered.
 * Throws `missing`; `conflict` for one that is everybody's; `forbidden` for one that only others have.
 */
export async function removeServer(
  deps: Pick<Deps, "db" | "live" | "clock" | "tools">,
  actor: Actor,
  { name }: ServerRef,
): Promise<RemoveResult> {
  authorise(actor, "upstream.activate");
  const state = await registeredAs(deps, actor, name);
  if (!state) throw missing("MCP server", "upstream.missing");
  if (state.source !== "catalogue")
    throw new AppError(
      "conflict",
      "catalogue.registered",
      `${state.title} is everybody's in this workspace: an administrator removes it`,
    );
  const { db, live, clock } = deps;
  const { workspaceId, userId } = actor;
  const removed = await db.$transaction(async (tx) => {
    const at = clock.now();
    // Whoever activates it in this moment comes before or after.
    const [row] = await tx.$queryRaw<{ createdById: string | null }[]>`
      SELECT "createdById" FROM "Upstream" WHERE id = ${state.id} FOR UPDATE`;
    if (!row) throw missing("MCP server", "upstream.missing");
    const { count } = await tx.upstreamActivation.deleteMany({ where: { workspaceId, userId, upstream: name } });
    const own = row.createdById === userId || allows(actor, "upstream.write");
    if (count === 0 && !own) authorise(actor, "upstream.write");
    const others = await tx.upstreamActivation.count({ where: { workspaceId, upstream: name } });
    const removes = others === 0 && own;
    if (removes) {
      await deleteUpstream(tx, { id: state.id, name, workspaceId });
      await live.publishIn(tx, UPSTREAMS_TOPIC, name);
    }
    const action = removes ? "upstream.remove" : "upstream.deactivate";
    await recordAudit(tx, { at, actor, action, subject: name });
    return removes;
  });
  if (removed) await deps.tools.reload();
  return { status: removed ? "removed" : "deactivated", server: name };
}
