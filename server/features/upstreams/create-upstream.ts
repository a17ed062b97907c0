import type { Actor } from "../../kernel/actor.ts";
import { Prisma } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { shownUrl } from "../../mcp/upstream/address.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { CreateUpstream, UpstreamView } from "./schema.ts";

/**
 * Registers an MCP server. One that does not answer is taken all the same: its state says so.
 * Throws `upstream.taken` with the field where the name is in use, by whomever: it begins names of tools.
 */
export async function createUpstream(
  { db, live, clock, settings, tools }: Pick<Deps, "db" | "live" | "clock" | "settings" | "tools">,
  actor: Actor,
  { name, title, url, scope, enabled }: CreateUpstream,
): Promise<UpstreamView> {
  if (settings.upstreams.some((fixed) => fixed.name === name)) throw taken(name);
  const at = clock.now();
  const workspaceId = scope === "workspace" ? actor.workspaceId : null;
  const id = newId("ups", at.getTime());
  try {
    await db.$transaction(async (tx) => {
      await tx.upstream.create({
        data: { id, workspaceId, name, title, url, source: "admin", enabled, createdAt: at },
      });
      await recordAudit(tx, {
        at,
        actor,
        action: "upstream.create",
        subject: name,
        detail: { title, url: shownUrl(url), scope, enabled },
      });
      await live.publishIn(tx, UPSTREAMS_TOPIC, name);
    });
  } catch (error) {
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002") throw taken(name);
    throw error;
  }
  await tools.reload();
  return tools.check(name, actor.workspaceId);
}

const taken = (name: string) =>
  new AppError("conflict", "upstream.taken", `There is already an MCP server named ${name}`, {
    fields: [{ path: "name", message: "This name is taken, choose another" }],
  });
