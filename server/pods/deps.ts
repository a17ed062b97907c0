import type { Pool } from "pg";
import type { Clock } from "../kernel/clock.ts";
import type { Rows } from "../kernel/db.ts";
import type { Live } from "../kernel/live.ts";
import type { Log } from "../kernel/log.ts";
import type { Settings } from "../kernel/settings.ts";

/** What the pods' functions are given; each takes the part that it needs. */
export interface PodDeps {
  settings: Settings;
  log: Log;
  clock: Clock;
  db: Rows;
  sql: Pool;
  live: Live;
}

/** A user in a workspace: whom a pod belongs to. */
export interface Seat {
  workspaceId: string;
  userId: string;
}

/** As the row of a pod names its seat. */
export const seatKey = ({ workspaceId, userId }: Seat): string => `${workspaceId}:${userId}`;

/** Whoever shows pods is told here to look again: `{podId, seat?, state}`. */
export const podTopic = "pods";

export interface PodHint {
  podId: string;
  seat: string | null;
  state: string;
}

/** `document` is published here when a seat's flows were changed elsewhere than in its pod. */
export const seatTopic = ({ workspaceId, userId }: Seat): string => `seat:${workspaceId}:${userId}`;

/** Wakes whoever starts pods. */
export const wantedTopic = "pods-wanted";
