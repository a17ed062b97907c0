import type { PodDeps } from "./deps.ts";
import type { PodClient } from "./pod-client.ts";
import type { PodRow } from "./rows.ts";

/** Makes pods read their seat's document anew when it has another revision than theirs. */
export function createDocumentFollower({ sql, log }: Pick<PodDeps, "sql" | "log">, client: PodClient) {
  const reloading = new Map<string, Promise<void>>();

  async function stored({ workspaceId, userId }: PodRow): Promise<number | undefined> {
    const { rows } = await sql.query<{ revision: number }>(
      `SELECT "revision" FROM "FlowDocument" WHERE "workspaceId" = $1 AND "userId" = $2`,
      [workspaceId, userId],
    );
    return rows[0]?.revision;
  }

  async function compare(row: PodRow, revision: number): Promise<void> {
    const { id, address } = row;
    if (address === null || reloading.has(id)) return;
    const work = (async () => {
      const wanted = await stored(row);
      if (wanted !== undefined && wanted !== revision) await client.reload({ id, address });
    })();
    reloading.set(
      id,
      work
        .catch((err: unknown) => log.warn({ err, podId: id }, "a pod did not take a change of its flows"))
        .finally(() => reloading.delete(id)),
    );
    await reloading.get(id);
  }

  return {
    compare,
    /** Asks the pod what it has, and compares. One that is nobody's yet reads the document when it is assigned. */
    async follow(row: PodRow): Promise<void> {
      const { id, address } = row;
      if (address === null) return;
      await reloading.get(id); // what it reads at present may be older
      const health = await client.health({ id, address }).catch(() => null); // the health check deals with that
      if (health?.revision !== null && health !== null) await compare(row, health.revision);
    },
  };
}
