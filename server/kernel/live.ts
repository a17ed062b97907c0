import pg from "pg";
import type { Log } from "./log.ts";
import type { Tx } from "./db.ts";

/**
 * Live events between processes over PostgreSQL's NOTIFY. A message is a hint to look at the data, not the data's
 * only carrier: whoever subscribes must be able to catch up from rows, because messages sent while the listening
 * connection is down are lost. `onGap` tells of that.
 */
export interface Live {
  /** Calls `heard` with each payload published under the topic, until the returned function is called. */
  subscribe(topic: string, heard: (payload: string) => void): () => void;
  /** Calls back whenever messages may have been lost: after each reconnection. */
  onGap(gap: () => void): () => void;
  publish(topic: string, payload?: string): Promise<void>;
  /** The same inside a transaction: sent when and only when it commits. */
  publishIn(tx: Tx, topic: string, payload?: string): Promise<void>;
  readonly connected: boolean;
  close(): Promise<void>;
}

const CHANNEL = "osf_live";
/** PostgreSQL refuses payloads of 8000 bytes and more. */
export const MAX_PAYLOAD_BYTES = 7_600;

/** The message as `pg_notify(channel, text)` takes it. Topics hold no blank. */
export const liveMessage = (topic: string, payload = ""): [channel: string, text: string] => [
  CHANNEL,
  `${topic} ${payload}`,
];

/** How often the listening connection is asked whether it still is one, and how long it may take to answer. */
const PACE = { askMs: 10_000, answerMs: 5_000 };

export async function openLive({
  url,
  sql,
  log,
  pace = PACE,
}: {
  url: string;
  sql: pg.Pool;
  log: Log;
  pace?: typeof PACE;
}): Promise<Live> {
  const topics = new Map<string, Set<(payload: string) => void>>();
  const gaps = new Set<() => void>();
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;

  const hear = (text: string) => {
    const blank = text.indexOf(" ");
    for (const heard of topics.get(text.slice(0, blank)) ?? []) heard(text.slice(blank + 1));
  };
  const drop = (gone: pg.Client) => {
    gone.removeAllListeners();
    gone.on("error", () => undefined);
    void gone.end().catch(() => undefined);
  };
  const lost = (gone: pg.Client, error?: unknown) => {
    if (client !== gone) return;
    client = undefined;
    drop(gone);
    if (closed) return;
    log.warn({ err: error }, "live events: connection lost, trying again");
    retry = setTimeout(again, 300);
  };
  const connect = async () => {
    const next = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      query_timeout: pace.answerMs,
    });
    next.on("error", (error) => lost(next, error));
    next.on("end", () => lost(next));
    next.on("notification", ({ payload }) => payload !== undefined && hear(payload));
    try {
      await next.connect();
      await next.query(`LISTEN ${CHANNEL}`);
      if (closed) throw new Error("closed meanwhile");
      client = next;
    } catch (error) {
      drop(next);
      throw error;
    }
  };
  const again = async () => {
    if (closed) return;
    try {
      await connect();
      for (const gap of gaps) gap();
    } catch {
      if (!closed) retry = setTimeout(again, 500);
    }
  };
  // Who only listens does not notice that the other end is gone, when that cannot say so: a network that was cut, a
  // failover, an address translation that forgot the connection.
  const ask = () => {
    const asked = client;
    asked?.query("SELECT 1").catch((error: unknown) => lost(asked, error));
  };
  await connect();
  const asking = setInterval(ask, pace.askMs);

  return {
    subscribe(topic, heard) {
      let set = topics.get(topic);
      if (!set) topics.set(topic, (set = new Set()));
      set.add(heard);
      return () => {
        set.delete(heard);
        if (set.size === 0 && topics.get(topic) === set) topics.delete(topic);
      };
    },
    onGap(gap) {
      gaps.add(gap);
      return () => void gaps.delete(gap);
    },
    async publish(topic, payload) {
      await sql.query("SELECT pg_notify($1, $2)", liveMessage(topic, payload));
    },
    async publishIn(tx, topic, payload) {
      const [channel, text] = liveMessage(topic, payload);
      await tx.$executeRaw`SELECT pg_notify(${channel}, ${text})`;
    },
    get connected() {
      return client !== undefined;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(asking);
      await client?.end().catch(() => undefined);
    },
  };
}
