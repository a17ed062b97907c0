import { authorise, type Actor } from "../../kernel/actor.ts";
import type { Rows, Tx } from "../../kernel/db.ts";
import { allows } from "../../kernel/permissions.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import type { Deps } from "../deps.ts";
import type { UpstreamRef, UpstreamView } from "./schema.ts";

export const noUpstream = () => missing("MCP server", "upstream.missing");

/** Those that the person may use, or is to look after, by name, with their state as last known. */
export async function listUpstreams({ tools }: Pick<Deps, "tools">, actor: Actor): Promise<UpstreamView[]> {
  const all = await tools.upstreams(actor.workspaceId);
  return all.flatMap(({ roles, ...view }) =>
    !roles || roles.includes(actor.role) || allows(actor, "upstream.write") ? [view] : [],
  );
}

/** One of them, by id or name. Throws `missing`. */
export async function findUpstream(
  deps: Pick<Deps, "tools">,
  actor: Actor,
  { id }: UpstreamRef,
): Promise<UpstreamView> {
  const all = await listUpstreams(deps, actor);
  const found = all.find((one) => one.id === id) ?? all.find((one) => one.name === id);
  if (!found) throw noUpstream();
  return found;
}

/** Looks at it now; a dead one is an answer. Throws `missing`. */
export async function checkUpstream(deps: Pick<Deps, "tools">, actor: Actor, ref: UpstreamRef): Promise<UpstreamView> {
  const { name } = await findUpstream(deps, actor, ref);
  return deps.tools.check(name, actor.workspaceId);
}

/**
 * The registered row that the actor may change: of those for every workspace only the platform's owner. Throws
 * `missing`, `forbidden`, and `upstream.fixed` for one that comes with the settings.
 */
export async function changeableUpstream(
  db: Rows | Tx,
  deps: Pick<Deps, "settings">,
  actor: Actor,
  { id }: UpstreamRef,
) {
  const row = await db.upstream.findFirst({
    where: {
      AND: [{ OR: [{ id }, { name: id }] }, { OR: [{ workspaceId: null }, { workspaceId: actor.workspaceId }] }],
    },
  });
  if (row) {
    if (row.workspaceId === null) authorise(actor, "admin.write");
    return row;
  }
  if (deps.settings.upstreams.some(({ name, workspaceId }) => name === id && sees(actor, workspaceId)))
    throw new AppError("conflict", "upstream.fixed", "This MCP server comes with the settings and is changed there");
  throw noUpstream();
}

export const sees = ({ workspaceId }: Actor, of: string | null | undefined): boolean =>
  (of ?? null) === null || of === workspaceId;
