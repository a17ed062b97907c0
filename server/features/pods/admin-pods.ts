import { missing } from "#server/kernel/errors.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { podTopic, wantedTopic, type PodHint } from "#server/pods/deps.ts";
import { readPodLog } from "#server/pods/local/pod-log.ts";
import { createPodClient, isBusy, type PodBusy } from "#server/pods/pod-client.ts";
import { markDraining, markEnded, WARM_KEY, wantedWarm } from "#server/pods/rows.ts";
import { createPodTokens } from "#server/pods/tokens.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import type { ListPodEvents, ListPods, PodEventView, PodStats, PodView } from "./schema.ts";

const ACTIVE = ["starting", "warm", "claimed", "draining"] as const;
const isActive = (state: string) => ACTIVE.some((one) => one === state);

/** Pods of the whole installation, newest first; those that are over only where they are asked for. */
export async function listPods(
  { db }: Pick<Deps, "db">,
  { ended, limit, cursor }: ListPods,
): Promise<{ items: PodView[]; nextCursor: string | null }> {
  const rows = await db.pod.findMany({
    where: {
      ...(ended ? {} : { state: { in: [...ACTIVE] } }),
      NOT: { state: "starting", lastSeenAt: null }, // people in the queue, no pods yet
      ...(cursor ? { id: { lt: cursor } } : {}),
    },
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  const ids = (key: "workspaceId" | "userId") => [...new Set(page.flatMap((row) => row[key] ?? []))];
  const [workspaces, users] = await Promise.all([
    db.workspace.findMany({ where: { id: { in: ids("workspaceId") } }, select: { id: true, name: true } }),
    db.user.findMany({ where: { id: { in: ids("userId") } }, select: { id: true, name: true } }),
  ]);
  const nameOf = (all: { id: string; name: string }[], id: string | null) =>
    all.find((one) => one.id === id)?.name ?? null;
  return {
    items: page.map((row) => ({
      id: row.id,
      driver: row.driver,
      state: row.state,
      workspaceName: nameOf(workspaces, row.workspaceId),
      userName: nameOf(users, row.userId),
      memoryMb: isActive(row.state) ? row.memoryMb : null,
      busy: isActive(row.state) ? (row.busy as PodBusy | null) : null, // written by the pod's report and the health check, both parsed
      version: row.version,
      createdAt: row.createdAt,
      claimedAt: row.claimedAt,
      lastActivityAt: row.lastActivityAt,
      lastSeenAt: row.lastSeenAt,
      endedAt: row.endedAt,
      reason: row.reason,
    })),
    nextCursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

export async function podStats(deps: Pick<Deps, "db" | "sql" | "settings">): Promise<PodStats> {
  const { rows } = await deps.sql.query<Omit<PodStats, "wanted" | "limit">>(
    `SELECT count(*) FILTER (WHERE "state" = 'warm')::int AS "warm",
            count(*) FILTER (WHERE "state" = 'claimed')::int AS "claimed",
            count(*) FILTER (WHERE "state" = 'starting' AND "lastSeenAt" IS NOT NULL)::int AS "starting",
            count(*) FILTER (WHERE "state" = 'draining')::int AS "draining",
            count(*) FILTER (WHERE "state" = 'starting' AND "lastSeenAt" IS NULL)::int AS "waiting",
            coalesce(sum("memoryMb"), 0)::int AS "memoryMb"
     FROM "Pod" WHERE "state" IN ('starting', 'warm', 'claimed', 'draining')`,
  );
  const counts = rows[0] ?? { warm: 0, claimed: 0, starting: 0, draining: 0, waiting: 0, memoryMb: 0 };
  return { ...counts, wanted: await wantedWarm(deps), limit: deps.settings.pods.limit };
}

export async function podEvents(
  { db }: Pick<Deps, "db">,
  { podId, limit, cursor }: ListPodEvents,
): Promise<{ items: PodEventView[]; nextCursor: string | null }> {
  const rows = await db.podEvent.findMany({
    where: { ...(podId ? { podId } : {}), ...(cursor ? { id: { lt: cursor } } : {}) },
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map((row) => ({ ...row, data: row.data as Record<string, unknown> })); // written by recordPodEvent alone
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

type ReleaseDeps = Pick<Deps, "db" | "sql" | "live" | "clock" | "settings">;

/**
 * Ends a pod. One that works is protected: without `force` this throws `conflict` (`pod.busy`) and says what it would
 * interrupt; with it the work is lost, and the answer says which.
 */
export async function releasePod(
  deps: ReleaseDeps,
  actor: Actor,
  { id, force }: { id: string; force: boolean },
): Promise<{ released: boolean; interrupted: PodBusy | null }> {
  const pod = await deps.db.pod.findUnique({ where: { id } });
  if (!pod) throw missing("pod");
  if (!isActive(pod.state)) return { released: false, interrupted: null };
  const busy = pod.address === null ? null : await busyOf(deps, id, pod.address);
  const works = busy !== null && isBusy(busy);
  if (works && !force)
    throw new AppError(
      "conflict",
      "pod.busy",
      `This pod works: ${wordsOf(busy)} would be interrupted. Release it by force to do so`,
      {
        extra: { busy },
      },
    );
  const reason = force ? `released by force by ${actor.name}` : `released by ${actor.name}`;
  const released =
    force || pod.state === "starting"
      ? await markEnded(deps, id, "terminated", "released", reason) // the controller removes what has no row
      : await markDraining(deps, pod, reason);
  await recordAudit(deps.db, {
    at: deps.clock.now(),
    actor,
    action: "pod.release",
    subject: id,
    detail: { force, interrupted: works ? { ...busy } : null },
  });
  await deps.live.publish(wantedTopic);
  return { released, interrupted: works ? busy : null };
}

const wordsOf = ({ runs, http }: PodBusy) =>
  [
    runs > 0 ? `${runs} running ${runs === 1 ? "message" : "messages"}` : "",
    http > 0 ? "requests to its HTTP nodes" : "",
  ]
    .filter(Boolean)
    .join(" and ");

/** What a pod does now; one that does not answer does nothing that could be waited for. */
async function busyOf({ settings }: ReleaseDeps, id: string, address: string): Promise<PodBusy | null> {
  const client = createPodClient(createPodTokens(settings.jwtSecret));
  return client.health({ id, address }, 2_000).then(
    ({ busy }) => busy,
    () => null,
  );
}

/** Releases every pod; those that work stay. */
export async function drainAll(deps: ReleaseDeps, actor: Actor): Promise<{ released: number; busy: number }> {
  const pods = await deps.db.pod.findMany({ where: { state: { in: [...ACTIVE] } }, select: { id: true } });
  const outcomes = await Promise.allSettled(pods.map(({ id }) => releasePod(deps, actor, { id, force: false })));
  for (const outcome of outcomes)
    if (outcome.status === "rejected" && !(outcome.reason instanceof AppError && outcome.reason.code === "pod.busy"))
      throw outcome.reason;
  const released = outcomes.filter((one) => one.status === "fulfilled" && one.value.released).length;
  return { released, busy: outcomes.filter(({ status }) => status === "rejected").length };
}

/** How many pods are kept warm, for the whole installation. */
export async function scalePool(
  deps: Pick<Deps, "db" | "sql" | "live" | "clock" | "settings">,
  actor: Actor,
  { size }: { size: number },
): Promise<PodStats> {
  await deps.db.installationSetting.upsert({
    where: { key: WARM_KEY },
    update: { value: size },
    create: { key: WARM_KEY, value: size },
  });
  await recordAudit(deps.db, { at: deps.clock.now(), actor, action: "pod.scale", detail: { size } });
  await deps.live.publish(wantedTopic);
  await deps.live.publish(podTopic, JSON.stringify({ podId: "", seat: null, state: "scaled" } satisfies PodHint));
  return podStats(deps);
}

/** Forgets pods that are over, with their events. */
export async function forgetEnded({ db, live }: Pick<Deps, "db" | "live">): Promise<{ removed: number }> {
  const { count } = await db.pod.deleteMany({ where: { state: { in: ["terminated", "failed"] } } });
  await live.publish(wantedTopic);
  return { removed: count };
}

/** The last lines that a pod wrote. */
export async function podLogs(
  { db, settings }: Pick<Deps, "db" | "settings">,
  { id, lines }: { id: string; lines: number },
) {
  const pod = await db.pod.findUnique({ where: { id }, select: { id: true } });
  if (!pod) throw missing("pod");
  return { text: await readPodLog(settings.dataDir, id, lines) };
}
