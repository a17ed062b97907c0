import { authorise, type Actor } from "../../kernel/actor.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import { CATALOGUE } from "../../mcp/catalogue/catalogue.ts";
import { checkConfig, configSchema, definitionOf, secretsOf, type CatalogueEntry } from "../../mcp/catalogue/entry.ts";
import { connectPath } from "../../mcp/credentials/grants.ts";
import type { UpstreamState } from "../../mcp/gateway.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { insertUpstream } from "../upstreams/index.ts";
import { secretNamesOf } from "./find-in-catalogue.ts";
import { mayActivate, WHO } from "./may-activate.ts";
import type { AddResult, AddServer } from "./schema.ts";

export type CatalogueDeps = Pick<Deps, "db" | "live" | "clock" | "settings" | "tools" | "vault">;

/**
 * Activates a server for the person: one that the workspace has, or one of the catalogue, which is then registered for
 * the workspace. What is still wanted is an answer, not an error: configuration, secrets, or somebody who may; asked
 * again with it, it goes on. Throws `missing` (`catalogue.missing`).
 */
export async function addServer(
  deps: CatalogueDeps,
  actor: Actor,
  { name, activate, config }: AddServer,
): Promise<AddResult> {
  const registered = await registeredAs(deps, actor, name);
  if (registered?.enabled) {
    if (activate && registered.source === "catalogue") {
      if (!mayActivate(actor, "editor")) return wants("editor", registered);
      await noteActivation(deps, actor, registered.name);
    }
    return outcome(deps, actor, registered.name, activate);
  }
  if (registered) return { ...wants("admin", registered), message: `${registered.title} is switched off` };
  const entry = entryOf(name);
  const asked = await whatIsWanted(deps, actor, entry, config);
  if (asked.status !== "ready") return asked;
  await register(deps, actor, entry, asked.values);
  if (activate) await noteActivation(deps, actor, entry.id);
  await deps.tools.reload();
  return outcome(deps, actor, entry.id, activate);
}

/** Throws `missing`. */
export function entryOf(name: string): CatalogueEntry {
  const entry = CATALOGUE.find(({ id }) => id === name);
  if (!entry) throw missing("MCP server", "catalogue.missing");
  return entry;
}

export const registeredAs = async ({ tools }: Pick<Deps, "tools">, actor: Actor, name: string) =>
  (await tools.upstreams(actor.workspaceId)).find((one) => one.name === name);

type Wanted = AddResult | { status: "ready"; values: ReturnType<typeof checkConfig>["values"] };

/** What is missing for an entry to be registered with this configuration, one kind at a time. */
export async function whatIsWanted(
  deps: Pick<Deps, "vault">,
  actor: Actor,
  entry: CatalogueEntry,
  config: Record<string, unknown>,
): Promise<Wanted> {
  if (!mayActivate(actor, entry.activate)) return wants(entry.activate, { name: entry.id, title: entry.title });
  const { values, wrong } = checkConfig(entry, config);
  if (wrong.length)
    return {
      status: "config_required",
      server: entry.id,
      title: entry.title,
      schema: { ...configSchema(entry) },
      values,
      wrong,
    };
  definitionOf(entry, values);
  const there = await secretNamesOf(deps, actor);
  const names = secretsOf(entry).filter((name) => !there.has(name));
  if (names.length)
    return {
      status: "secrets_required",
      server: entry.id,
      title: entry.title,
      names,
      secrets: entry.secrets.filter(({ name }) => names.includes(name)).map((secret) => ({ ...secret, set: false })),
    };
  return { status: "ready", values };
}

function wants(needs: CatalogueEntry["activate"], { name, title }: Pick<UpstreamState, "name" | "title">) {
  const message = `${title} can be activated by ${WHO[needs]} only`;
  return { status: "approval_required" as const, server: name, title, needs, message };
}

/** Two who activate the same server at the same time register it once. */
async function register(
  { db, ...deps }: CatalogueDeps,
  actor: Actor,
  entry: CatalogueEntry,
  values: ReturnType<typeof checkConfig>["values"],
): Promise<void> {
  const definition = definitionOf(entry, values);
  try {
    await db.$transaction((tx) =>
      insertUpstream(tx, deps, actor, {
        name: entry.id,
        title: entry.title,
        source: "catalogue",
        workspaceId: actor.workspaceId,
        enabled: true,
        pinning: "first-use",
        catalogueId: entry.id,
        config: values,
        ...definition,
        policy: { ...definition.policy, ...(entry.activate === "owner" && { privateNetwork: true }) },
      }),
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "upstream.taken") throw error;
    const there = await db.upstream.findFirst({ where: { name: entry.id, workspaceId: actor.workspaceId } });
    if (there?.catalogueId !== entry.id) throw error;
  }
}

async function noteActivation(
  { db, clock }: Pick<Deps, "db" | "clock">,
  actor: Actor,
  upstream: string,
): Promise<void> {
  authorise(actor, "upstream.activate");
  const { workspaceId, userId } = actor;
  const at = clock.now();
  await db.$transaction(async (tx) => {
    // Not one that somebody removes in this moment.
    const there = await tx.$queryRaw<unknown[]>`
      SELECT id FROM "Upstream" WHERE name = ${upstream} AND "workspaceId" = ${workspaceId} FOR SHARE`;
    if (there.length === 0) throw missing("MCP server", "upstream.missing");
    const { count } = await tx.upstreamActivation.createMany({
      data: { workspaceId, userId, upstream, createdAt: at },
      skipDuplicates: true,
    });
    if (count) await recordAudit(tx, { at, actor, action: "upstream.activate", subject: upstream });
  });
}

async function outcome(
  { db, tools }: Pick<Deps, "db" | "tools">,
  actor: Actor,
  name: string,
  activated: boolean,
): Promise<AddResult> {
  const { state, problem, tools: count } = await tools.check(name, actor.workspaceId);
  const row = await db.upstream.findFirst({
    where: { name, OR: [{ workspaceId: actor.workspaceId }, { workspaceId: null }] },
    select: { auth: true },
  });
  const perPerson = (row?.auth as { kind?: string } | undefined)?.kind === "oauth-user"; // written after our schemas
  return {
    status: "active",
    server: name,
    state,
    ...(problem !== undefined && { problem }),
    tools: count,
    activated,
    ...(perPerson && { connect: connectPath(name) }),
  };
}
