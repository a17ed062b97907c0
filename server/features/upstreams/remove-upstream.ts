import type { Actor } from "../../kernel/actor.ts";
import type { Tx } from "../../kernel/db.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { changeableUpstream } from "./find-upstream.ts";
import type { UpstreamRef } from "./schema.ts";

/** Deletes the row of an upstream with all that hangs on it. */
export async function deleteUpstream(
  tx: Tx,
  { id, name, workspaceId }: { id: string; name: string; workspaceId: string | null },
): Promise<void> {
  await tx.upstream.delete({ where: { id } });
  // What people consented to, and what its issuer knows the gateway by, is of no use to anybody any more.
  await tx.upstreamCredential.deleteMany({ where: { upstreamId: id } });
  await tx.upstreamAuthorization.deleteMany({ where: { upstreamId: id } });
  await tx.toolPin.deleteMany({ where: { upstreamId: id } });
  await tx.upstreamActivation.deleteMany({
    where: { upstream: name, ...(workspaceId !== null && { workspaceId }) },
  });
}

/** Removes a registered server, and with it its tools from every list. */
export async function removeUpstream(
  deps: Pick<Deps, "db" | "live" | "clock" | "settings" | "tools">,
  actor: Actor,
  ref: UpstreamRef,
): Promise<void> {
  const { db, live, clock, tools } = deps;
  await db.$transaction(async (tx) => {
    const row = await changeableUpstream(tx, deps, actor, ref);
    const { name } = row;
    await deleteUpstream(tx, row);
    await recordAudit(tx, { at: clock.now(), actor, action: "upstream.remove", subject: name });
    await live.publishIn(tx, UPSTREAMS_TOPIC, name);
  });
  await tools.reload();
}
