import type { Pool } from "pg";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import { liveMessage } from "#server/kernel/live.ts";
import type { Deps } from "../deps.ts";

/** What waits to be sent, each message once: many starts need but one wake-up. */
const waiting = new WeakMap<Pool, Set<string>>();

/** Publishes after this turn of the event loop, together with what else comes until the last lot is sent. */
export function announceSoon(
  { sql, log }: Pick<Deps, "sql" | "log">,
  messages: readonly [topic: string, payload: string][],
) {
  const queued = waiting.get(sql);
  const all = queued ?? new Set<string>();
  for (const [topic, payload] of messages) all.add(liveMessage(topic, payload)[1]);
  if (queued) return;
  waiting.set(sql, all);
  const send = async () => {
    const [channel] = liveMessage("");
    try {
      for (; all.size > 0;) {
        const lot = [...all];
        all.clear();
        await sql.query({
          name: "run-announce",
          text: "SELECT count(pg_notify($1, message)) FROM unnest($2::text[]) AS message",
          values: [channel, lot],
        });
      }
    } catch (err) {
      if (!isDatabaseAway(err)) log.error({ err }, "announcing runs failed");
    } finally {
      waiting.delete(sql);
    }
  };
  setImmediate(() => void send());
}
