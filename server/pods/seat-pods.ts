import { AppError } from "../kernel/errors.ts";
import { claimPod, findSeatPod, type SeatClaim } from "./claim.ts";
import { podTopic, seatKey, type PodDeps, type PodHint, type Seat } from "./deps.ts";
import { createPodClient } from "./pod-client.ts";
import { recordPodEvent } from "./pod-events.ts";
import type { Assignment, PodTokens } from "./tokens.ts";

export interface Person extends Seat {
  name: string;
}
export interface SeatPodAt {
  id: string;
  address: string;
}

/** A place that was looked up is believed for this long; hints of changes end it sooner. */
const BELIEVE_MS = 2_000;
const ASK_AGAIN_MS = 250;
/** How often a request counts as activity. */
const TOUCH_MS = 10_000;
/** Pods of a seat that died within this time: after so many the flows are shown and not started. */
const SAFE_AFTER = 2;
const SAFE_WITHIN_MS = 10 * 60_000;

interface Options {
  deps: PodDeps;
  tokens: PodTokens;
  version: string;
  /** Of the seat's flows; its home is the feature that keeps them. */
  credentialSecret(seat: Seat): string;
}

/** The web's side of the pods: finds or claims a seat's pod, tells it whose it is, and remembers where it is. */
export function createSeatPods({ deps, tokens, version, credentialSecret }: Options) {
  const { sql, clock, live, settings } = deps;
  const client = createPodClient(tokens);
  const places = new Map<string, { pod: SeatPodAt; until: number }>();
  const assigned = new Map<string, Promise<unknown>>();
  const touched = new Map<string, number>();
  const watchers = new Set<(hint: PodHint) => void>();

  const forgetAll = () => places.clear();
  const ends = [
    live.subscribe(podTopic, (payload) => {
      const hint = JSON.parse(payload) as PodHint; // published by recordPodEvent alone
      for (const [seat, { pod }] of places) if (seat === hint.seat || pod.id === hint.podId) places.delete(seat);
      if (hint.state === "terminated" || hint.state === "failed" || hint.state === "draining") {
        assigned.delete(hint.podId);
        touched.delete(hint.podId);
      }
      for (const watcher of watchers) watcher(hint);
    }),
    live.onGap(forgetAll),
  ];

  /** Tells the pod whose it is, once for each process of ours; the pod takes a repetition for what it is. */
  function assign(pod: SeatPodAt, person: Person): Promise<unknown> {
    let telling = assigned.get(pod.id);
    if (!telling) {
      telling = tell(pod, person);
      assigned.set(pod.id, telling);
      telling.catch(() => assigned.delete(pod.id));
    }
    return telling;
  }
  async function tell(pod: SeatPodAt, person: Person): Promise<void> {
    const began = performance.now();
    const { workspaceId, userId, name } = person;
    const assignment: Assignment = {
      seat: seatKey(person),
      workspaceId,
      userId,
      userName: name,
      credentialSecret: credentialSecret(person),
      safe: await isUnsafe(person),
    };
    await client.assign(pod, assignment);
    const data = { ms: Math.round(performance.now() - began), ...(assignment.safe ? { safe: true } : {}) };
    await recordPodEvent(
      sql,
      clock.now(),
      "assigned",
      { podId: pod.id, seat: seatKey(person), state: "claimed" },
      data,
    );
  }
  async function isUnsafe({ workspaceId, userId }: Seat): Promise<boolean> {
    const { rows } = await sql.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM "Pod"
       WHERE "workspaceId" = $1 AND "userId" = $2 AND "state" = 'failed' AND "readyAt" IS NOT NULL AND "endedAt" > $3`,
      [workspaceId, userId, new Date(clock.now().getTime() - SAFE_WITHIN_MS)],
    );
    return (rows[0]?.n ?? 0) >= SAFE_AFTER;
  }

  function readyNow(person: Person, claim: SeatClaim): SeatPodAt | null {
    if (claim.state !== "ready") return null;
    const pod = { id: claim.podId, address: claim.address };
    void assign(pod, person); // whoever needs it waits by `assigned`
    places.set(seatKey(person), { pod, until: clock.now().getTime() + BELIEVE_MS });
    return pod;
  }

  return {
    tokens,
    /** Resolves when the pod knows whose it is and has the seat's flows. Throws `pod.unreachable`, `pod.refused`. */
    assigned: async (pod: SeatPodAt, person: Person): Promise<void> => void (await assign(pod, person)),
    /** The seat's pod, if it has one that is ready; none is started. */
    async find(person: Person): Promise<SeatPodAt | null> {
      const known = places.get(seatKey(person));
      if (known && known.until > clock.now().getTime()) return known.pod;
      const claim = await findSeatPod(deps, person);
      return claim ? readyNow(person, claim) : null;
    },
    /**
     * The seat's pod, claimed or started where it has none, and told whose it is, which takes a moment: `assigned`. Waits at most `waitMs`; then the claim says what it waits
     * for. Throws `unavailable` (`pod.none` where this installation has no pods, `pod.unreachable`).
     */
    async open(person: Person, waitMs: number, signal?: AbortSignal): Promise<SeatPodAt | SeatClaim> {
      if (settings.pods.driver === "none")
        throw new AppError(
          "unavailable",
          "pod.none",
          "This installation starts no editors. An administrator can change that",
        );
      const known = places.get(seatKey(person));
      if (known && known.until > clock.now().getTime()) return known.pod;
      const key = seatKey(person);
      let wake: () => void = () => undefined;
      const watcher = (hint: PodHint) => {
        if (hint.seat === key || hint.state === "warm") wake();
      };
      watchers.add(watcher);
      try {
        for (const until = performance.now() + waitMs; ;) {
          const woken = new Promise<void>((resolve) => (wake = resolve));
          const claim = await claimPod(deps, person, version);
          const pod = await readyNow(person, claim);
          if (pod) return pod;
          const left = until - performance.now();
          if (left <= 0 || signal?.aborted) return claim;
          let timer: NodeJS.Timeout | undefined;
          await Promise.race([woken, new Promise((done) => (timer = setTimeout(done, Math.min(left, ASK_AGAIN_MS))))]);
          clearTimeout(timer);
        }
      } finally {
        watchers.delete(watcher);
      }
    },
    /** Somebody uses the pod: it is not idle. */
    async touch(podId: string): Promise<void> {
      const now = clock.now();
      if (now.getTime() - (touched.get(podId) ?? 0) < TOUCH_MS) return;
      touched.set(podId, now.getTime());
      await sql.query(`UPDATE "Pod" SET "lastActivityAt" = $2 WHERE "id" = $1 AND "state" = 'claimed'`, [podId, now]);
    },
    /** The pod does not answer: where it is, is asked anew. */
    forget(person: Person): void {
      places.delete(seatKey(person));
    },
    /** Calls back on each change of a pod, until the returned function is called. */
    watch(heard: (hint: PodHint) => void): () => void {
      watchers.add(heard);
      return () => void watchers.delete(heard);
    },
    close() {
      for (const end of ends) end();
    },
  };
}
export type SeatPods = ReturnType<typeof createSeatPods>;
