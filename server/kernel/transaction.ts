import type { Pool, PoolClient } from "pg";

/**
 * Runs `work` in one transaction of a connection of its own. What it throws rolls back, and is thrown; a connection that
 * could not even do that is closed.
 */
export async function inTransaction<T>(sql: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await sql.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    await client.query("ROLLBACK").then(
      () => (broken = undefined), // the connection is as good as before
      () => undefined,
    );
    throw error;
  } finally {
    client.release(broken);
  }
}
