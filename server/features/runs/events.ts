import type { RunEvent } from "#server/generated/prisma/client.ts";
import type { Prisma } from "#server/kernel/db.ts";
import { MAX_PAYLOAD_BYTES } from "#server/kernel/live.ts";
import type { RunEventView } from "./schema.ts";
import { veiled } from "./secrets.ts";

export interface NewEvent {
  type: string;
  data: Record<string, unknown>;
}

export const runTopic = (runId: string) => `run:${runId}`;
export const cancelTopic = "run-cancel";
/** A run waits in the queue: workers look. */
export const queueTopic = "run-queued";
/** Something was decided that a run asked for which is under way. */
export const resumeTopic = "run-resumed";
export const workspaceTopic = (workspaceId: string) => `workspace:${workspaceId}`;

/** JSON that jsonb accepts: it knows neither NUL nor half of a surrogate pair. */
export const toJsonb = (value: unknown): string =>
  JSON.stringify(value ?? null, (_key, item: unknown) =>
    typeof item === "string" ? item.toWellFormed().replaceAll("\0", "\uFFFD") : item,
  );

/** The same as a value, for Prisma. */
export const asJsonb = (value: unknown) => JSON.parse(toJsonb(value)) as Prisma.InputJsonValue; // just serialised

/**
 * What a watcher hears of appended events: the events themselves where they fit into one notification,
 * else only how far the log reaches, so that it reads them.
 */
interface Heard {
  last: number;
  events?: [type: string, data: Record<string, unknown>][];
  at?: string;
}

export function announce(last: number, events: readonly { type: string; json: string }[], at: Date): string {
  const body = events.map(({ type, json }) => `[${JSON.stringify(type)},${json}]`).join(",");
  const full = `{"last":${last},"at":${JSON.stringify(at.toISOString())},"events":[${body}]}`;
  return Buffer.byteLength(full) <= MAX_PAYLOAD_BYTES ? full : `{"last":${last}}`;
}

/** The reverse of `announce`; `events` null: they must be read. */
export function heardEvents(payload: string): { last: number; events: RunEventView[] | null } {
  const heard = JSON.parse(payload) as Heard; // written by `announce` alone
  if (!heard.events || !heard.at) return { last: heard.last, events: null };
  const at = new Date(heard.at);
  const first = heard.last - heard.events.length + 1;
  return { last: heard.last, events: heard.events.map(([type, data], i) => ({ seq: first + i, type, data, at })) };
}

/** The event as people see it: of an answer of a flow, whoever asked alone gets cookies and other credentials. */
export const shownEvent = (event: RunEventView): RunEventView =>
  event.type === "http_reply"
    ? { ...event, data: JSON.parse(veiled(JSON.stringify(event.data))) as Record<string, unknown> }
    : event;

export const eventView = ({ seq, type, data, at }: RunEvent): RunEventView => ({
  seq,
  type,
  data: data as Record<string, unknown>, // every event is written as an object
  at,
});
