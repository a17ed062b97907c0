import pg from "pg";
import type { Log } from "../kernel/log.ts";

const LOCK = 7_276_345_001; // any number that nothing else in this database locks
const TRY_MS = 2_000;

/**
 * Whether this process leads: one in the whole installation does, by an advisory lock that ends with its connection.
 * What a leader does stays harmless when two overlap for a moment.
 */
export function createLeadership(databaseUrl: string, log: Log) {
  let client: pg.Client | undefined;
  let leads = false;
  let tried = 0;

  const lose = (gone: pg.Client) => {
    if (client !== gone) return;
    client = undefined;
    leads = false;
    gone.removeAllListeners();
    gone.on("error", () => undefined);
    void gone.end().catch(() => undefined);
  };

  return {
    /** Asks for the lead where this process has none. Never throws: without the database nobody leads. */
    async leads(): Promise<boolean> {
      if (leads && client) return true;
      if (Date.now() - tried < TRY_MS) return false;
      tried = Date.now();
      let mine = client;
      try {
        if (!mine) {
          mine = new pg.Client({ connectionString: databaseUrl, keepAlive: true, connectionTimeoutMillis: 3_000 });
          const own = mine;
          own.on("error", () => lose(own));
          own.on("end", () => lose(own));
          await own.connect();
          client = own;
        }
        const { rows } = await mine.query<{ got: boolean }>("SELECT pg_try_advisory_lock($1) AS got", [LOCK]);
        leads = rows[0]?.got === true;
      } catch (err) {
        log.debug({ err }, "no lead over the pods");
        if (mine) lose(mine);
      }
      return leads;
    },
    async close() {
      const mine = client;
      client = undefined;
      leads = false;
      // Said, and not left to the end of the connection, which the server notices a moment later.
      await mine?.query("SELECT pg_advisory_unlock_all()").catch(() => undefined);
      await mine?.end().catch(() => undefined);
    },
  };
}
export type Leadership = ReturnType<typeof createLeadership>;
