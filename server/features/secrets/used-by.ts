import { secretNames } from "../../mcp/vault.ts";
import type { Deps } from "../deps.ts";
import { INSTALLATION } from "./store.ts";

/** For each secret of the owner the names of the upstreams that are set up with it. */
export async function upstreamsBySecret({ db }: Pick<Deps, "db">, owner: string): Promise<Map<string, string[]>> {
  const rows = await db.upstream.findMany({
    where: { workspaceId: owner === INSTALLATION ? null : owner },
    select: { name: true, url: true, transport: true, auth: true },
    orderBy: { name: "asc" },
  });
  const found = new Map<string, string[]>();
  for (const { name, url, transport, auth } of rows)
    for (const secret of secretNames(JSON.stringify([url, transport, auth])))
      found.set(secret, [...(found.get(secret) ?? []), name]);
  return found;
}
