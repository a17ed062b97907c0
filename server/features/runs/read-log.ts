import type { ContextWrite, RunLog, StepRecord } from "#server/engine/contract.ts";
import type { Deps } from "../deps.ts";
import type { RecordedCall } from "./kinds.ts";
import type { Secrets } from "./secrets.ts";

type StoredWrite = Omit<ContextWrite, "value"> & { value?: unknown };

interface StepColumns {
  seq: number;
  nodeId: string;
  nodeType: string;
  nodeName: string | null;
  fromSeq: number | null;
  fromPort: number | null;
  status: StepRecord["state"];
  input: string | null;
  preview: string | null;
  outputs: string | null;
  context: string | null;
  statusText: string | null;
  error: { code: string; message: string } | null;
  at: Date;
  startedAt: Date | null;
  durationMs: number | null;
}

/** The hash that stands for a large message; null: the message is the text itself. */
export const payloadOf = (input: string | null, preview: string | null): string | null =>
  input !== null && preview !== null ? (JSON.parse(input) as { $payload: string }).$payload : null;

const optional = <K extends string, V>(key: K, value: V | null) =>
  (value === null ? {} : { [key]: value }) as { [P in K]?: V };

/** What is durable of a run, for whoever goes on with it. */
export async function readRunLog({ sql }: Pick<Deps, "sql">, secrets: Secrets, runId: string): Promise<RunLog> {
  const [{ rows }, { rows: bodies }, { rows: gaps }] = await Promise.all([
    sql.query<StepColumns>(
      `SELECT seq, "nodeId", "nodeType", "nodeName", "fromSeq", "fromPort", status, input::text, preview, outputs::text,
         context::text, "statusText", error, at, "startedAt", "durationMs" FROM "RunStep" WHERE "runId" = $1 ORDER BY seq`,
      [runId],
    ),
    sql.query<{ hash: string; body: string }>(`SELECT hash, body FROM "RunPayload" WHERE "runId" = $1`, [runId]),
    sql.query<{ data: { from: number; to: number } }>(
      `SELECT data FROM "RunEvent" WHERE "runId" = $1 AND type = 'interruption' ORDER BY seq`,
      [runId],
    ),
  ]);
  const payloads = new Map(bodies.map(({ hash, body }) => [hash, body]));
  const whole = (text: string) => secrets.restored(text);
  return {
    gaps: gaps.map(({ data }) => data),
    steps: rows.map((row) => {
      const hash = payloadOf(row.input, row.preview);
      const outputs = row.outputs === null ? null : (JSON.parse(row.outputs) as { port: number; msg: unknown }[]);
      const context = row.context === null ? null : (JSON.parse(row.context) as StoredWrite[]);
      return {
        seq: row.seq,
        node: row.nodeId,
        type: row.nodeType,
        ...optional("name", row.nodeName),
        from: row.fromSeq,
        port: row.fromPort,
        at: row.at.getTime(),
        state: row.status,
        msg: whole((hash === null ? row.input : payloads.get(hash)) ?? "null"),
        ...optional("startedAt", row.startedAt?.getTime() ?? null),
        ...optional("durationMs", row.durationMs),
        ...optional("error", row.error),
        ...optional("statusText", row.statusText),
        ...optional("out", outputs?.map(({ port, msg }) => ({ port, msg: whole(JSON.stringify(msg)) })) ?? null),
        ...optional("context", context?.map(contextWrite) ?? null),
      };
    }),
  };
}

const contextWrite = ({ value, ...write }: StoredWrite): ContextWrite => ({
  ...write,
  value: value === undefined ? undefined : JSON.stringify(value),
});

/** The calls of a run, in the order of steps and of their numbers. */
export async function readCalls({ sql }: Pick<Deps, "sql">, secrets: Secrets, runId: string): Promise<RecordedCall[]> {
  const { rows } = await sql.query<{
    step: number;
    n: number;
    op: string;
    args: string;
    state: RecordedCall["state"];
    result: string | null;
  }>(
    `SELECT "stepSeq" AS step, n, op, args::text, state, result::text FROM "RunCall" WHERE "runId" = $1
     ORDER BY "stepSeq", n`,
    [runId],
  );
  return rows.map(({ args, result, ...call }) => ({
    ...call,
    args: JSON.parse(secrets.restored(args)) as unknown,
    ...(result === null ? {} : { result: JSON.parse(secrets.restored(result)) as unknown }),
  }));
}
