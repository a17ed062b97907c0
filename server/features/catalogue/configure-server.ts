import { authorise, type Actor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import { definitionOf, type Config } from "../../mcp/catalogue/entry.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import { asJson } from "../upstreams/index.ts";
import { addServer, entryOf, whatIsWanted, type CatalogueDeps } from "./add-server.ts";
import type { AddResult, ConfigureServer } from "./schema.ts";

/**
 * Changes the configuration of a server of the catalogue that the workspace has; what is left out stays. One that it has
 * not yet is added with it. Changing it for everybody needs the role that activating it needs, and somebody else's
 * needs an administrator. Throws `missing`, `conflict` for servers that are not of the catalogue.
 */
export async function configureServer(
  deps: CatalogueDeps,
  actor: Actor,
  { name, config }: ConfigureServer,
): Promise<AddResult> {
  const { db, live, clock, tools } = deps;
  const row = await db.upstream.findFirst({
    where: { name, OR: [{ workspaceId: actor.workspaceId }, { workspaceId: null }] },
  });
  if (!row) {
    const fixed = deps.settings.upstreams.some((one) => one.name === name);
    if (fixed) throw notOurs();
    return addServer(deps, actor, { name, activate: true, config });
  }
  if (row.catalogueId === null || row.workspaceId === null) throw notOurs();
  const entry = entryOf(row.catalogueId);
  if (row.createdById !== actor.userId) authorise(actor, "upstream.write");
  const wanted = await whatIsWanted(deps, actor, entry, { ...(row.config as Config), ...config });
  if (wanted.status !== "ready") return wanted;
  const { url, transport, auth } = definitionOf(entry, wanted.values);
  await db.$transaction(async (tx) => {
    await tx.upstream.update({
      where: { id: row.id },
      data: { url, transport: asJson(transport), auth: asJson(auth), config: asJson(wanted.values) },
    });
    await recordAudit(tx, {
      at: clock.now(),
      actor,
      action: "upstream.configure",
      subject: name,
      detail: { fields: Object.keys(config) },
    });
    await live.publishIn(tx, UPSTREAMS_TOPIC, name);
  });
  await tools.reload();
  return addServer(deps, actor, { name, activate: true, config: {} });
}

const notOurs = () =>
  new AppError("conflict", "catalogue.registered", "This server was registered by hand and is changed where that was");
