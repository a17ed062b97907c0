import { authorise, type Actor } from "../../kernel/actor.ts";
import type { Prisma, Tx } from "../../kernel/db.ts";
import { AppError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { commandLine } from "../../kernel/upstream.schema.ts";
import type { UpstreamDefinition } from "../../mcp/definition.ts";
import { shownUrl } from "../../mcp/upstream/address.ts";
import { UPSTREAMS_TOPIC } from "../../mcp/upstream/source.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { authoriseDefinition, claimName } from "./allowed-definition.ts";
import type { CreateUpstream, UpstreamView } from "./schema.ts";

/**
 * Registers an upstream: an administrator for their workspace, the platform's owner also for all. One that does not
 * answer is taken all the same: its state says so.
 * Throws `upstream.taken` with the field where the name is in use, since it begins names of tools; `forbidden` for what
 * only the owner may.
 */
export async function createUpstream(
  { db, live, clock, settings, tools }: Pick<Deps, "db" | "live" | "clock" | "settings" | "tools">,
  actor: Actor,
  { name, title, url, scope, enabled, transport, auth, policy, pinning }: CreateUpstream,
): Promise<UpstreamView> {
  const all = (scope ?? (actor.owner ? "all" : "workspace")) === "all";
  if (all) authorise(actor, "admin.write");
  // What the owner registers may be anywhere unless they say otherwise.
  const whole = { transport, policy: actor.owner ? { privateNetwork: true, ...policy } : policy };
  authoriseDefinition(actor, whole);
  await db.$transaction((tx) =>
    insertUpstream(tx, { live, clock, settings }, actor, {
      name,
      title,
      url: addressOf(transport, url),
      source: "admin",
      workspaceId: all ? null : actor.workspaceId,
      enabled,
      ...whole,
      auth,
      pinning,
    }),
  );
  await tools.reload();
  return tools.check(name, actor.workspaceId);
}

/** Writes the row, its audit and its announcement. Throws `upstream.taken`. Whether the actor may is the caller's question. */
export async function insertUpstream(
  tx: Tx,
  { live, clock, settings }: Pick<Deps, "live" | "clock" | "settings">,
  actor: Actor,
  definition: Omit<UpstreamDefinition, "id"> & { catalogueId?: string; config?: Record<string, unknown> },
): Promise<string> {
  const { name, title, url, source, workspaceId, enabled, transport, auth, policy, pinning } = definition;
  await claimName(tx, settings, name, workspaceId);
  const at = clock.now();
  const id = newId("ups", at.getTime());
  await tx.upstream.create({
    data: {
      id,
      workspaceId,
      name,
      title,
      url,
      source,
      enabled,
      transport: asJson(transport),
      auth: asJson(auth),
      policy: asJson(policy),
      pinning,
      catalogueId: definition.catalogueId ?? null,
      config: asJson(definition.config ?? {}),
      createdById: actor.userId,
      createdAt: at,
    },
  });
  await recordAudit(tx, {
    at,
    actor,
    action: "upstream.create",
    subject: name,
    detail: {
      title,
      url: shownUrl(url),
      scope: workspaceId === null ? "all" : "workspace",
      enabled,
      transport: transport.kind,
      auth: auth.kind,
      pinning,
    },
  });
  await live.publishIn(tx, UPSTREAMS_TOPIC, name);
  return id;
}

/** The address that people are shown. Throws `invalid` where there is none to be had. */
export function addressOf(transport: UpstreamDefinition["transport"], url: string | undefined): string {
  if (transport.kind === "stdio") return commandLine(transport);
  if (url !== undefined) return url;
  if (transport.kind === "openapi" && typeof transport.document === "string" && URL.canParse(transport.document))
    return transport.document;
  throw new AppError("invalid", "upstream.address", "Give the address of the service", {
    fields: [{ path: "url", message: "Give its address: the document lies here and not at the service" }],
  });
}

/** Parsed by our schemas: JSON by construction. */
export const asJson = (value: object): Prisma.InputJsonValue => value as Prisma.InputJsonValue;
