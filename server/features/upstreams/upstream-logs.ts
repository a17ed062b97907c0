import { authorise, type Actor } from "../../kernel/actor.ts";
import type { LogLine } from "../../mcp/upstream/stdio/process-log.ts";
import type { Deps } from "../deps.ts";
import { findUpstream } from "./find-upstream.ts";
import type { UpstreamRef } from "./schema.ts";

/**
 * What the process of an upstream wrote last, as this part of the product has started it; none for servers elsewhere.
 * Those for every workspace may speak of any: the platform's owner alone reads them. Throws `missing`, `forbidden`.
 */
export async function upstreamLogs(
  deps: Pick<Deps, "tools" | "processes">,
  actor: Actor,
  ref: UpstreamRef,
): Promise<LogLine[]> {
  const { id, workspaceId } = await findUpstream(deps, actor, ref);
  if (workspaceId === null) authorise(actor, "admin.read");
  return deps.processes.log(id);
}
