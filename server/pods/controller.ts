import os from "node:os";
import { isDatabaseAway } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { GONE_MS } from "./claim.ts";
import { seatTopic, wantedTopic, type PodDeps } from "./deps.ts";
import type { PodDriver, PodSeen } from "./driver.ts";
import { createLeadership } from "./leader.ts";
import { createPodClient, type PodClient } from "./pod-client.ts";
import { recordPodEvent } from "./pod-events.ts";
import { createDocumentFollower } from "./follow-document.ts";
import { createHealthCheck } from "./health.ts";
import { endSurplus, GRACE_MS, idlePods, idleSince, takeBack, type Reclaim } from "./reclaim.ts";
import * as rows from "./rows.ts";
import type { PodRow } from "./rows.ts";
import { createPodTokens, podSecretOf, type PodTokens } from "./tokens.ts";

const TICK_MS = 1_000;
const SEEN_EVERY_MS = 5_000;
/** A start that takes longer has failed. */
const START_MS = 60_000;
const HEAP_MB = 384;
/** Starts at once: each takes about a second of a processor. */
const STARTS_AT_ONCE = Math.min(8, Math.max(2, os.availableParallelism()));
const END_GRACE_MS = 20_000;
const CLEAN_EVERY_MS = 3_600_000;
/** Where so many starts failed within a minute, pods are no longer started on stock: something else is wrong. */
const FAILED_STARTS = 5;
const FAILED_WITHIN_MS = 60_000;

export interface Controller {
  start(): void;
  /** Ends the pods of this machine, which end with the product anyhow, and lets go of those elsewhere. */
  stop(): Promise<void>;
  /** Looks at everything once, now. */
  tick(): Promise<void>;
}

/**
 * Keeps what is and what is wished the same: rows, pods that truly exist, people who wait, warm pods. Everything is
 * derived anew each time from the table and the driver, so that it does not matter where an earlier process stopped.
 */
export function createController(
  deps: PodDeps,
  driver: PodDriver,
  version: string,
  tokens: PodTokens = createPodTokens(deps.settings.jwtSecret),
  client: PodClient = createPodClient(tokens),
): Controller {
  const { sql, clock, settings, log, live } = deps;
  const reclaim: Reclaim = { deps, driver, client };
  const leadership = createLeadership(settings.databaseUrl, log);
  const follower = createDocumentFollower(deps, client);
  const health = createHealthCheck(reclaim, (row, revision) => void follower.compare(row, revision));
  /** Ids of pods that are being ended, so that a slow end is not begun twice. */
  const ending = new Set<string>();
  const documents = new Map<string, () => void>();
  let failedStarts: number[] = [];
  const startFailed = () => {
    failedStarts = [...failedStarts, clock.now().getTime()].slice(-FAILED_STARTS);
    if (failedStarts.length === FAILED_STARTS)
      log.warn("several pods did not start; for a minute none are started but for those who wait");
  };
  const startsFail = () =>
    failedStarts.length === FAILED_STARTS && clock.now().getTime() - (failedStarts[0] ?? 0) < FAILED_WITHIN_MS;
  let adopted = false;
  let lastSeen = 0;
  let lastCleaned = 0;

  const inBackground = (id: string, what: string, work: () => Promise<void>) => {
    if (ending.has(id)) return;
    ending.add(id);
    work()
      .catch((err: unknown) => !isDatabaseAway(err) && log.error({ err, podId: id }, what))
      .finally(() => ending.delete(id));
  };

  async function launch(row: Pick<PodRow, "id" | "seat">): Promise<void> {
    if (!(await rows.markAsked(deps, row))) return;
    const spec = {
      id: row.id,
      secret: podSecretOf(settings.jwtSecret, row.id),
      gatewayUrl: gatewayUrl(settings),
      publicKey: tokens.publicKey,
      memoryMb: HEAP_MB,
      version,
    };
    driver.create(spec).catch((err: unknown) => {
      log.error({ err, podId: row.id }, "a pod does not start");
      startFailed();
      const reason = err instanceof Error ? err.message : String(err);
      return rows.markEnded(deps, row.id, "failed", "failed", reason).catch(() => undefined);
    });
  }

  /** Rows whose pod is gone end; pods whose row is over are removed; pods that listen are ready. */
  async function settle(all: PodRow[], seen: Map<string, PodSeen>): Promise<PodRow[]> {
    const now = clock.now().getTime();
    const kept: PodRow[] = [];
    for (const row of all) {
      const pod = seen.get(row.id);
      const late = row.lastSeenAt !== null && row.state === "starting" && now - row.createdAt.getTime() > START_MS;
      if (row.lastSeenAt === null) kept.push(row);
      else if (!pod && !ending.has(row.id)) {
        if (row.state === "starting") startFailed();
        await rows.markEnded(deps, row.id, "failed", "crashed", gone.get(row.id) ?? "its process is gone");
      } else if (late && (!pod || pod.phase === "starting")) {
        startFailed();
        await rows.markEnded(deps, row.id, "failed", "failed", `it was not ready after ${START_MS / 1_000} s`);
        inBackground(row.id, "ending a pod failed", () => driver.delete(row.id, 0));
      } else {
        if (row.state === "starting" && pod?.phase === "running" && pod.address)
          await rows.markReady(deps, row.id, pod.address);
        if (row.state === "draining") inBackground(row.id, "ending a pod failed", () => finishDraining(row));
        kept.push(row);
      }
    }
    const known = new Set(all.map(({ id }) => id));
    for (const id of seen.keys())
      if (!known.has(id)) inBackground(id, "removing a pod without a row failed", () => driver.delete(id, 0));
    return kept;
  }
  /** Why pods are gone, as the driver said it. */
  const gone = new Map<string, string>();

  /** A pod whose end was begun by a process that died meanwhile. */
  async function finishDraining(row: PodRow): Promise<void> {
    await driver.delete(row.id, GRACE_MS);
    await rows.markEnded(deps, row.id, "terminated", "released", "it was being taken back");
  }

  async function serveQueue(all: PodRow[]): Promise<{ waiting: number; starting: number; total: number }> {
    const now = clock.now();
    const waiting = all.filter(({ lastSeenAt }) => lastSeenAt === null);
    let starting = all.filter(({ state, lastSeenAt }) => state === "starting" && lastSeenAt !== null).length;
    let total = all.length - waiting.length;
    let left = 0;
    for (const row of waiting) {
      if (now.getTime() - (row.lastActivityAt ?? row.createdAt).getTime() > GONE_MS) {
        await sql.query(
          `DELETE FROM "Pod" WHERE "id" = $1 AND "lastSeenAt" IS NULL AND "lastActivityAt" IS NOT DISTINCT FROM $2`,
          [row.id, row.lastActivityAt],
        );
      } else if (starting < STARTS_AT_ONCE && total < settings.pods.limit) {
        await launch(row);
        starting++;
        total++;
      } else left++;
    }
    return { waiting: left, starting, total };
  }

  async function keepWarm(
    all: PodRow[],
    { waiting, starting, total }: { waiting: number; starting: number; total: number },
  ): Promise<void> {
    const wanted = await rows.wantedWarm(deps);
    const spare = all.filter(
      (row) => row.seat === null && (row.state === "warm" || (row.state === "starting" && row.lastSeenAt !== null)),
    );
    const old = spare.filter((row) => row.state === "warm" && row.version !== version);
    for (const row of old)
      inBackground(row.id, "ending an outdated pod failed", () => endSurplus(reclaim, row, "outdated"));
    const good = spare.length - old.length;
    const surplus = spare
      .filter((row) => row.state === "warm" && row.version === version)
      .slice(0, Math.max(0, good - wanted));
    for (const row of surplus)
      inBackground(row.id, "ending a surplus pod failed", () => endSurplus(reclaim, row, "surplus"));
    // Those who wait come first.
    if (waiting > 0 || startsFail()) return;
    const room = Math.min(wanted - good, settings.pods.limit - total, STARTS_AT_ONCE - starting);
    for (let i = 0; i < room; i++) {
      const id = newId("pod", clock.now().getTime() + i);
      await rows.createWarmRow(deps, id, version);
      await launch({ id, seat: null });
    }
  }

  function reclaimIdle(all: PodRow[], waiting: number): void {
    const since = idleSince(deps, waiting);
    for (const row of idlePods(all, since))
      inBackground(row.id, "taking back a pod failed", () => takeBack(reclaim, row, "idle", since));
    const resting = new Date(clock.now().getTime() - OUTDATED_REST_MS);
    for (const row of idlePods(all, resting))
      if (row.version !== version)
        inBackground(row.id, "replacing a pod failed", () => takeBack(reclaim, row, "outdated", resting));
  }

  /** A change of a seat's flows elsewhere reaches its pod: when it is told of, and where the telling was missed. */
  function followDocuments(all: PodRow[]): void {
    const claimed = new Map(all.filter(({ state, seat }) => state === "claimed" && seat).map((row) => [row.id, row]));
    for (const [id, unsubscribe] of documents) {
      if (claimed.has(id)) continue;
      unsubscribe();
      documents.delete(id);
    }
    for (const [id, row] of claimed) {
      if (documents.has(id) || row.address === null || !row.workspaceId || !row.userId) continue;
      const { workspaceId, userId } = row;
      const follow = () => void follower.follow(row);
      documents.set(id, live.subscribe(seatTopic({ workspaceId, userId }), follow));
      follow(); // it may have changed between the claim and now
    }
  }

  async function look(): Promise<void> {
    if (!(await leadership.leads())) return;
    const all = await rows.activePods(deps);
    const seen = new Map((await driver.list()).map((pod) => [pod.id, pod]));
    if (!adopted) await tellAdopted(all, seen);
    adopted = true;
    const kept = await settle(all, seen);
    const now = Date.now();
    if (now - lastSeen > SEEN_EVERY_MS) {
      lastSeen = now;
      await rows.markSeen(
        deps,
        kept.flatMap(({ id }) => (seen.has(id) ? [{ id, memoryMb: seen.get(id)?.memoryMb }] : [])),
      );
    }
    const queue = await serveQueue(kept);
    await keepWarm(kept, queue);
    reclaimIdle(kept, queue.waiting);
    followDocuments(kept);
    if (now - lastCleaned > CLEAN_EVERY_MS) {
      lastCleaned = now;
      await rows.forgetOld(deps);
    }
    health.look(
      kept.filter(({ id }) => !ending.has(id)),
      seen,
    );
    for (const id of gone.keys()) if (!seen.has(id) && !kept.some((row) => row.id === id)) gone.delete(id);
  }

  async function tellAdopted(all: PodRow[], seen: Map<string, PodSeen>): Promise<void> {
    for (const { id, seat, state } of all)
      if (seen.get(id)?.phase === "running")
        await recordPodEvent(sql, clock.now(), "adopted", { podId: id, seat, state });
  }

  let under: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const tick = (): Promise<void> => {
    if (under) {
      again = true;
      return under;
    }
    under = look()
      .catch((err: unknown) => {
        if (isDatabaseAway(err)) log.debug({ err }, "pods: the database is away");
        else log.error({ err }, "looking after the pods failed");
      })
      .finally(() => {
        under = undefined;
        if (again && !stopped) {
          again = false;
          void tick();
        }
      });
    return under;
  };

  let timer: NodeJS.Timeout | undefined;
  const ends: (() => void)[] = [];
  return {
    start() {
      ends.push(
        driver.watch((pod) => {
          if (pod.phase === "gone" && pod.reason) gone.set(pod.id, pod.reason);
          void tick();
        }),
        live.subscribe(wantedTopic, () => void tick()),
      );
      timer = setInterval(() => void tick(), TICK_MS);
      void tick();
    },
    tick,
    async stop() {
      stopped = true;
      clearInterval(timer);
      for (const end of ends) end();
      for (const unsubscribe of documents.values()) unsubscribe();
      await under;
      if (driver.name !== "kubernetes") await endAll();
      await driver.close();
      await leadership.close();
    },
  };

  /** The product stops: its pods finish what they do, for a while. */
  async function endAll(): Promise<void> {
    const pods = await driver.list();
    await Promise.all(
      pods.map(async ({ id }) => {
        await driver.delete(id, END_GRACE_MS);
        await rows.markEnded(deps, id, "terminated", "shutdown", "the gateway was stopped").catch(() => undefined);
      }),
    );
  }
}

const OUTDATED_REST_MS = 60_000;

/** Where pods of this machine reach the gateway: not by its public address, which may lead through the outside. */
function gatewayUrl({ host, port }: PodDeps["settings"]): string {
  const inside = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${inside}:${port}`;
}
