import { Prisma, type Tx } from "#server/kernel/db.ts";
import { sha256 } from "#server/kernel/crypto.ts";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import type { UpstreamDefinition } from "#server/mcp/definition.ts";
import type { ToolReview } from "#server/mcp/review.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { listedOnce, pinChanges, pinnedPart, verdictsOf, type Listed, type Pin, type PinChange } from "./pins.ts";
import { announceReview, reviewTopic, ReviewHint } from "./review-topic.ts";

type Pins = ReadonlyMap<string, Pin>;
type ReviewDeps = Pick<Deps, "db" | "live" | "clock" | "log">;

const seen = { tool: true, state: true, hash: true, proposedHash: true, class: true, approval: true, roles: true };
const pinsIn = async (db: Pick<Tx, "toolPin">, upstreamId: string): Promise<Pins> => {
  const rows = await db.toolPin.findMany({ where: { upstreamId }, select: seen });
  return new Map(rows.map((pin) => [pin.tool, pin]));
};

const MOST_LISTS = 1_000;

/**
 * Review by the table ToolPin. Pins are kept in memory and forgotten when another process or a person changes them.
 *
 * Only a list that this process has not judged before changes pins; judged again, the same list is but read. So a
 * process with an old list never takes back what one with a newer list found out, and two of them cannot drive each
 * other in circles.
 */
export function createToolReview(deps: ReviewDeps): ToolReview {
  const { db, live, log } = deps;
  const kept = new Map<string, Promise<Pins>>();
  const judged = new Map<string, Set<string>>();
  const met = new Set<string>();
  const listeners = new Set<(upstreamId: string) => void>();

  const changed = (upstreamId: string) => {
    kept.delete(upstreamId);
    for (const heard of listeners) heard(upstreamId);
  };
  live.subscribe(reviewTopic, (payload) => changed(ReviewHint.parse(JSON.parse(payload)).upstreamId));
  live.onGap(() => {
    // Also those whose pins could not be read meanwhile: what was decided about them may not have been heard.
    for (const upstreamId of met) changed(upstreamId);
  });

  const pinsOf = (upstreamId: string): Promise<Pins> => {
    const known = kept.get(upstreamId);
    if (known) return known;
    const reading = pinsIn(db, upstreamId);
    kept.set(upstreamId, reading);
    reading.catch(() => kept.get(upstreamId) === reading && kept.delete(upstreamId));
    return reading;
  };

  /** Only the last list counts; where each person is shown one of their own, the last of each. */
  const remember = ({ id, auth }: UpstreamDefinition, print: string) => {
    const prints = auth.kind === "oauth-user" ? (judged.get(id) ?? new Set()) : new Set<string>();
    if (prints.size >= MOST_LISTS) prints.clear();
    judged.set(id, prints.add(print));
  };

  return {
    async judge(upstream, tools) {
      const { id, pinning } = upstream;
      met.add(id);
      const listed = listedOnce(tools);
      const print = sha256(JSON.stringify([pinning, ...listed.map(({ hash }) => hash)]));
      if (pinning !== "off" && !judged.get(id)?.has(print))
        try {
          await settlePins(deps, upstream, listed);
          remember(upstream, print);
          kept.delete(id);
        } catch (error) {
          // What was approved before stays in use while the database is away; what is new has to wait for it.
          if (!isDatabaseAway(error) || !kept.has(id)) throw error;
          log.warn({ upstream: upstream.name }, "review of tools: the database is away, judged by what is known");
        }
      return verdictsOf(upstream, await pinsOf(id), listed);
    },
    onChange(heard) {
      listeners.add(heard);
      return () => void listeners.delete(heard);
    },
  };
}

/** Brings the pins of an upstream in step with its list: for each upstream one process at a time. */
async function settlePins(deps: ReviewDeps, upstream: UpstreamDefinition, listed: Listed[]): Promise<void> {
  const { id, pinning, auth } = upstream;
  const rule = { pinning, whole: auth.kind !== "oauth-user" };
  const needed = async (db: Pick<Tx, "toolPin">) => pinChanges(rule, await pinsIn(db, id), listed);
  if ((await needed(deps.db)).length === 0) return;
  await deps.db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`tool-pins ${id}`}, 0))`;
    const changes = await needed(tx);
    const at = deps.clock.now();
    for (const change of changes) await apply(tx, id, change, at);
    for (const kind of ["quarantined", "restored"] as const) {
      const tools = changes.filter((change) => change.kind === kind).map(({ tool }) => tool);
      if (tools.length === 0) continue;
      await recordAudit(tx, {
        at,
        actor: null,
        workspaceId: upstream.workspaceId,
        action: `tool.${kind}`,
        subject: upstream.name,
        outcome: kind === "quarantined" ? "refused" : "ok",
        detail: { tools: tools.slice(0, 100), count: tools.length },
      });
    }
    if (changes.length > 0) await announceReview(deps, tx, upstream);
  });
}

async function apply(tx: Tx, upstreamId: string, change: PinChange, at: Date): Promise<void> {
  const key = { upstreamId_tool: { upstreamId, tool: change.tool } };
  const nothing = { proposedHash: null, proposed: Prisma.DbNull };
  switch (change.kind) {
    case "taken":
    case "quarantined": {
      const { hash, tool } = change.listed;
      const definition = pinnedPart(tool) as Prisma.InputJsonObject; // JSON as it was received
      const data =
        change.kind === "taken"
          ? { state: "approved", hash, definition, ...nothing, changedAt: at }
          : { state: "quarantined", proposedHash: hash, proposed: definition, changedAt: at };
      await tx.toolPin.upsert({
        where: key,
        update: data,
        create: { upstreamId, tool: change.tool, roles: [], firstSeenAt: at, ...data },
      });
      return;
    }
    case "restored":
      await tx.toolPin.update({ where: key, data: { state: "approved", ...nothing, changedAt: at } });
      return;
    case "gone":
      await tx.toolPin.update({ where: key, data: { state: "gone", changedAt: at } });
  }
}
