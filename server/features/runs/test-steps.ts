import type { Pool } from "pg";
import type { StepRecord } from "#server/engine/contract.ts";

// Logs for tests: what an engine would tell of messages that go from node to node.

/** `count` steps in a chain, three records each, where every record differs from all before. */
export function chain(count: number, large = false): StepRecord[] {
  const all: StepRecord[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const step = { seq, node: `n${seq}`, type: "change", from: seq === 1 ? null : seq - 1, port: 0, at: 1_000 + seq };
    const msg = JSON.stringify({ _msgid: "m", payload: { seq, pad: large ? "x".repeat(9_000 + seq) : "" } });
    const running: StepRecord = { ...step, state: "running", startedAt: 2_000 + seq };
    const context = [{ scope: "global", key: "last", value: String(seq) }];
    all.push({ ...step, state: "queued", msg }, running, { ...running, state: "done", durationMs: seq, context });
  }
  return all;
}

/** What a beginning of a log amounts to: the state of each step, and the shared context. */
export function told(records: readonly StepRecord[]): { steps: string[]; last: unknown } {
  const steps = new Map<number, string>();
  let last: unknown = null;
  for (const { seq, state, context } of records) {
    steps.set(seq, `${seq} ${state}`);
    for (const { value } of context ?? []) last = JSON.parse(value ?? "null");
  }
  return { steps: [...steps.values()], last };
}

/** The same as it is durable. */
export async function durable(sql: Pool, runId: string): Promise<{ steps: string[]; last: unknown }> {
  const { rows } = await sql.query<{ steps: string[]; last: unknown }>(
    `SELECT (SELECT coalesce(array_agg(seq || ' ' || status ORDER BY seq), '{}') FROM "RunStep" WHERE "runId" = $1) AS steps,
       (SELECT value FROM "FlowContext" WHERE "workspaceId" = (SELECT "workspaceId" FROM "Run" WHERE id = $1)
          AND scope = 'global' AND key = 'last') AS last`,
    [runId],
  );
  return rows[0] ?? { steps: [], last: null };
}

/** How many records of the log are durable; -1: what is durable is no beginning of it. */
export function prefixOf(records: readonly StepRecord[], found: { steps: string[]; last: unknown }): number {
  const wanted = JSON.stringify(found);
  for (let length = 0; length <= records.length; length++)
    if (JSON.stringify(told(records.slice(0, length))) === wanted) return length;
  return -1;
}
