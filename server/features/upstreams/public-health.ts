import type { Deps } from "../deps.ts";
import { noUpstream } from "./find-upstream.ts";

/** How old an answer may be: anybody may ask, and asking must not become a load on the upstream. */
const FRESH_MS = 5_000;

/** Only whether it answers and how fast; upstreams of single workspaces do not exist here. Throws `missing`. */
export async function upstreamHealth(
  { tools, clock }: Pick<Deps, "tools" | "clock">,
  { server }: { server: string },
): Promise<{ status: "ok" | "down"; latencyMs?: number }> {
  const known = (await tools.upstreams(null)).find(
    ({ name, workspaceId, enabled }) => name === server && workspaceId === null && enabled,
  );
  if (!known) throw noUpstream();
  const age = clock.now().getTime() - (known.checkedAt?.getTime() ?? 0);
  const { state, latencyMs } = age < FRESH_MS ? known : await tools.check(server, null);
  if (state !== "ok") return { status: "down" };
  return { status: "ok", ...(latencyMs !== undefined && { latencyMs }) };
}
