import { randomUUID } from "node:crypto";
import type { ContextWrite } from "#server/engine/contract.ts";
import type { Deps } from "../../deps.ts";

const TOPIC = "flow-context";
/** Writes within this time are told together, after they became durable. */
const GATHER_MS = 100;
/** How far back another worker looks for what was written: commits are not seen in the order of their times. */
const OVERLAP_MS = 5_000;

interface Row {
  scope: string;
  key: string;
  value: unknown;
}
const asWrite = ({ scope, key, value }: Row): ContextWrite => ({ scope, key, value: JSON.stringify(value) });

/** Flow and global context of a workspace, all of it. */
export async function loadContexts({ sql }: Pick<Deps, "sql">, workspaceId: string): Promise<ContextWrite[]> {
  const { rows } = await sql.query<Row>(`SELECT scope, key, value FROM "FlowContext" WHERE "workspaceId" = $1`, [
    workspaceId,
  ]);
  return rows.map(asWrite);
}

/**
 * Keeps the runners of several workers at one: who wrote to contexts says so, and the others read what is new. The last
 * write counts; a key that was deleted elsewhere is missed only by the next runner.
 */
export function contextNews(
  { sql, live, log }: Pick<Deps, "sql" | "live" | "log">,
  tell: (workspaceId: string, writes: ContextWrite[]) => void,
) {
  const own = randomUUID();
  const due = new Map<string, NodeJS.Timeout>();
  const off = live.subscribe(TOPIC, (payload) => {
    const [from, workspaceId = ""] = payload.split(" ");
    if (from === own) return;
    sql
      .query<Row>(
        `SELECT scope, key, value FROM "FlowContext"
         WHERE "workspaceId" = $1 AND "updatedAt" > now() - $2 * interval '1 millisecond'`,
        [workspaceId, OVERLAP_MS],
      )
      .then(({ rows }) => rows.length > 0 && tell(workspaceId, rows.map(asWrite)))
      .catch((err: unknown) => log.warn({ err, workspaceId }, "contexts that another worker wrote could not be read"));
  });
  return {
    /** Runs of the workspace wrote to its contexts; `durable` resolves when that is so. */
    wrote(workspaceId: string, durable: () => Promise<void>): void {
      if (due.has(workspaceId)) return;
      const say = async () => {
        due.delete(workspaceId);
        await durable().catch(() => undefined); // of several runs: what others wrote is news all the same
        await live.publish(TOPIC, `${own} ${workspaceId}`);
      };
      // A hint: whoever misses it reads the value with its next runner.
      due.set(
        workspaceId,
        setTimeout(() => void say().catch(() => undefined), GATHER_MS),
      );
    },
    stop(): void {
      off();
      for (const timer of due.values()) clearTimeout(timer);
    },
  };
}
