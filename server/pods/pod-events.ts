import type { PoolClient } from "pg";
import { newId } from "../kernel/ids.ts";
import { liveMessage } from "../kernel/live.ts";
import { podTopic, type PodDeps, type PodHint } from "./deps.ts";

export type PodEventType =
  | "created"
  | "ready"
  | "adopted"
  | "claimed"
  | "assigned"
  | "draining"
  | "kept"
  | "idle"
  | "outdated"
  | "released"
  | "surplus"
  | "health-failed"
  | "memory"
  | "crashed"
  | "failed"
  | "shutdown";

type Sql = Pick<PodDeps["sql"] | PoolClient, "query">;

/** Appends to a pod's history and tells whoever shows pods. */
export async function recordPodEvent(
  sql: Sql,
  at: Date,
  type: PodEventType,
  { podId, seat, state }: PodHint,
  data: Record<string, unknown> = {},
): Promise<void> {
  const [channel, text] = liveMessage(podTopic, JSON.stringify({ podId, seat, state } satisfies PodHint));
  await sql.query(
    `WITH event AS (INSERT INTO "PodEvent" ("id", "podId", "type", "data", "at") VALUES ($1, $2, $3, $4, $5))
     SELECT pg_notify($6, $7)`,
    [newId("pev", at.getTime()), podId, type, JSON.stringify(data), at, channel, text],
  );
}
