import type { ToolPin } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { UpstreamState } from "#server/mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import { changedMembers, definitionDiff } from "./definition-diff.ts";
import { hiddenTexts } from "./hidden-text.ts";
import type { ListReview, ReviewItem, ReviewRef, ReviewView } from "./schema.ts";

export type ReviewedServer = Pick<UpstreamState, "id" | "name" | "title" | "workspaceId">;

/** Servers of every workspace are the platform's owner's to review, those of one workspace its administrators'. */
const mayReview = (actor: Actor, { workspaceId }: ReviewedServer) =>
  allows(actor, workspaceId === null ? "admin.write" : "tool.review");

/** A server that the workspace may use, by id or name. Throws `missing`. */
export async function findServer({ tools }: Pick<Deps, "tools">, actor: Actor, id: string): Promise<ReviewedServer> {
  const all = await tools.upstreams(actor.workspaceId);
  const found = all.find((one) => one.id === id) ?? all.find(({ name }) => name === id);
  if (!found) throw missing("MCP server", "upstream.missing");
  return found;
}

/** The same, if the actor may review its tools. Throws `missing`, `forbidden` (`review.owner`). */
export async function reviewableServer(deps: Pick<Deps, "tools">, actor: Actor, id: string): Promise<ReviewedServer> {
  const server = await findServer(deps, actor, id);
  if (mayReview(actor, server)) return server;
  throw new AppError(
    "forbidden",
    "review.owner",
    `${server.title} serves every workspace: its tools are reviewed by the platform's owner`,
  );
}

const seenOf = ({ proposed, definition }: ToolPin) => proposed ?? definition;

function itemOf(pin: ToolPin, server: ReviewedServer, actor: Actor, names: ReadonlyMap<string, string>): ReviewItem {
  const { definition, proposed } = pin;
  return {
    serverId: server.id,
    server: server.name,
    serverTitle: server.title,
    tool: pin.tool,
    state: pin.state as ReviewItem["state"], // written by this feature alone, as are the next ones
    isNew: pin.state === "quarantined" && definition === null,
    changed: definition && proposed ? changedMembers(definition, proposed) : [],
    hash: pin.proposedHash ?? pin.hash,
    class: pin.class as ReviewItem["class"],
    approval: pin.approval as ReviewItem["approval"],
    roles: pin.roles,
    warnings: hiddenTexts(seenOf(pin)).length,
    reviewedByName: names.get(pin.reviewedById ?? "") ?? null,
    reviewedAt: pin.reviewedAt,
    firstSeenAt: pin.firstSeenAt,
    changedAt: pin.changedAt,
    mayReview: mayReview(actor, server),
  };
}

async function namesOf({ db }: Pick<Deps, "db">, pins: readonly ToolPin[]): Promise<Map<string, string>> {
  const ids = [...new Set(pins.flatMap(({ reviewedById }) => reviewedById ?? []))];
  const users = ids.length > 0 ? await db.user.findMany({ where: { id: { in: ids } } }) : [];
  return new Map(users.map(({ id, name }) => [id, name]));
}

/** Tools under review of the servers that the workspace may use: those that wait first, the latest change first. */
export async function listReviews(
  deps: Pick<Deps, "db" | "tools">,
  actor: Actor,
  { server, state }: ListReview,
): Promise<ReviewItem[]> {
  const servers =
    server === undefined ? await deps.tools.upstreams(actor.workspaceId) : [await findServer(deps, actor, server)];
  const byId = new Map(servers.map((one) => [one.id, one]));
  const pins = await deps.db.toolPin.findMany({
    where: { upstreamId: { in: [...byId.keys()] }, ...(state ? { state } : {}) },
    orderBy: [{ changedAt: "desc" }, { upstreamId: "asc" }, { tool: "asc" }],
  });
  const names = await namesOf(deps, pins);
  const items = pins.flatMap((pin) => {
    const of = byId.get(pin.upstreamId);
    return of ? [itemOf(pin, of, actor, names)] : [];
  });
  const waits = (item: ReviewItem) => Number(item.state === "quarantined");
  return items.sort((a, b) => waits(b) - waits(a));
}

/** How many wait for the actor, for the mark in the navigation. */
export async function countReviews(deps: Pick<Deps, "db" | "tools">, actor: Actor): Promise<{ quarantined: number }> {
  const servers = await deps.tools.upstreams(actor.workspaceId);
  const ids = servers.filter((server) => mayReview(actor, server)).map(({ id }) => id);
  const quarantined = await deps.db.toolPin.count({ where: { upstreamId: { in: ids }, state: "quarantined" } });
  return { quarantined };
}

/** Of a tool that is in use without being pinned: nothing was said of it yet. Throws `missing` (`tool.missing`). */
async function unpinned(
  { tools, clock }: Pick<Deps, "tools" | "clock">,
  actor: Actor,
  { id: upstreamId, name }: ReviewedServer,
  tool: string,
): Promise<ToolPin> {
  if (!(await tools.list(actor)).some((one) => one.name === `${name}.${tool}`)) throw missing("tool");
  const now = clock.now();
  return {
    upstreamId,
    tool,
    state: "approved",
    hash: null,
    definition: null,
    proposedHash: null,
    proposed: null,
    class: null,
    approval: null,
    roles: [],
    reviewedById: null,
    reviewedAt: null,
    firstSeenAt: now,
    changedAt: now,
  };
}

/** One tool with what differs from the approved definition. Throws `missing` (`upstream.missing`, `tool.missing`). */
export async function getReview(
  deps: Pick<Deps, "db" | "tools" | "clock">,
  actor: Actor,
  { id, tool }: ReviewRef,
): Promise<ReviewView> {
  const server = await findServer(deps, actor, id);
  const known = await deps.db.toolPin.findUnique({ where: { upstreamId_tool: { upstreamId: server.id, tool } } });
  const pin = known ?? (await unpinned(deps, actor, server, tool));
  const [approved, proposed] = [pin.definition, pin.proposed] as (Record<string, unknown> | null)[]; // MCP tools
  return {
    ...itemOf(pin, server, actor, await namesOf(deps, [pin])),
    approved: approved ?? null,
    proposed: proposed ?? null,
    changes: proposed ? definitionDiff(approved ?? {}, proposed) : [],
    warnings: hiddenTexts(seenOf(pin)),
  };
}
