import type { Actor } from "../../kernel/actor.ts";
import { shownUrl } from "../../mcp/upstream/address.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { changeableUpstream } from "./find-upstream.ts";
import type { UpdateUpstream, UpstreamView } from "./schema.ts";

/** Changes what is given of a registered server; its name stays, since flows and agents hold it. */
export async function updateUpstream(
  deps: Pick<Deps, "db" | "live" | "clock" | "settings" | "tools">,
  actor: Actor,
  { id, title, url, enabled }: UpdateUpstream,
): Promise<UpstreamView> {
  const { db, live, clock, tools } = deps;
  const changes = {
    ...(title !== undefined && { title }),
    ...(url !== undefined && { url }),
    ...(enabled !== undefined && { enabled }),
  };
  const detail = { ...changes, ...(url !== undefined && { url: shownUrl(url) }) };
  const { name } = await db.$transaction(async (tx) => {
    const row = await changeableUpstream(tx, deps, actor, { id });
    const changed = await tx.upstream.update({ where: { id: row.id }, data: changes });
    await recordAudit(tx, { at: clock.now(), actor, action: "upstream.update", subject: row.name, detail });
    await live.publishIn(tx, UPSTREAMS_TOPIC, row.name);
    return changed;
  });
  await tools.reload();
  return tools.check(name, actor.workspaceId);
}
