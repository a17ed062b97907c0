import type { Pool } from "pg";
import { liveMessage } from "#server/kernel/live.ts";
import { terminalEvent } from "./end-run.ts";
import { announce, runTopic, toJsonb, workspaceTopic } from "./events.ts";
import { LeaseLost, LEASE_MS } from "./lease.ts";
import { eventsOf, type Pending } from "./pending.ts";
import { stored } from "./rows.ts";
import type { RunKind } from "./schema.ts";

/** Whose run it is, as the writer knows it. */
export interface Held {
  id: string;
  leaseToken: string;
  workspaceId: string;
  kind: RunKind;
  userId: string | null;
  requestId: string | undefined;
}

/** What one write makes durable of one run. `after`: number of its last event before. */
export interface Part {
  run: Held;
  after: number;
  pending: Pending;
}

// One statement, so one journey and one transaction for many runs. Each run's part takes effect only where its lease is
// still held and its log ends where the writer thinks: `held` knows which, and all else joins it. A part therefore is
// written once however often it is sent, and who lost a run writes nothing of it. Approvals are locked before runs, as
// whoever decides them does, so that the two never wait for each other.
const WRITE = `
  WITH part AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
      WITH ORDINALITY AS part(id, token, after, last, status, output, error, usage, n)
  ), asked AS MATERIALIZED (
    SELECT "Approval".id FROM part JOIN "Approval" ON "runId" = part.id
    WHERE part.status IS NOT NULL AND "Approval".status || '' = 'open' ORDER BY 1 FOR UPDATE OF "Approval"
  ), held AS (
    UPDATE "Run" SET
      "lastSeq" = part.last,
      status = CASE WHEN part.status IS NULL THEN "Run".status ELSE part.status::"RunStatus" END,
      "leaseToken" = CASE WHEN part.status IS NULL THEN "Run"."leaseToken" END,
      "leaseUntil" = CASE WHEN part.status IS NULL THEN now() + ${LEASE_MS} * interval '1 millisecond' END,
      "endedAt" = CASE WHEN part.status IS NOT NULL THEN now() END,
      output = CASE WHEN part.status IS NULL THEN "Run".output ELSE part.output::jsonb END,
      error = CASE WHEN part.status IS NULL THEN "Run".error ELSE part.error::jsonb END,
      usage = coalesce(part.usage::jsonb, "Run".usage)
    FROM part
    WHERE "Run".id = part.id AND "Run"."leaseToken" = part.token AND "Run"."lastSeq" = part.after
      AND (SELECT count(*) FROM asked) >= 0
    RETURNING part.n::int AS n, part.id, part.status, "Run"."workspaceId"
  ), event AS (
    INSERT INTO "RunEvent" ("runId", seq, type, data, at)
    SELECT held.id, item.seq, item.type, item.data, $49::timestamptz
    FROM unnest($9::int[], $10::int[], $11::text[], $12::json[]) AS item(n, seq, type, data) JOIN held USING (n)
  ), payload AS (
    INSERT INTO "RunPayload" ("runId", hash, body, size)
    SELECT held.id, item.hash, item.body, item.size
    FROM unnest($13::int[], $14::text[], $15::text[], $16::int[]) AS item(n, hash, body, size) JOIN held USING (n)
    ON CONFLICT DO NOTHING
  ), step AS (
    INSERT INTO "RunStep" AS step ("runId", seq, "nodeId", "nodeType", "nodeName", "fromSeq", "fromPort", status, input,
      preview, outputs, context, "statusText", error, at, "startedAt", "durationMs")
    SELECT held.id, item.seq, item.node, item.type, item.name, item.from_seq, item.port, item.status, item.input,
      item.preview, item.outputs, item.context, item.text, item.error, to_timestamp(item.at / 1000),
      to_timestamp(item.started / 1000), item.duration
    FROM unnest($17::int[], $18::int[], $19::text[], $20::text[], $21::text[], $22::int[], $23::int[], $24::text[],
      $25::json[], $26::text[], $27::json[], $28::json[], $29::text[], $30::jsonb[], $31::float8[], $32::float8[],
      $33::float8[]) AS item(n, seq, node, type, name, from_seq, port, status, input, preview, outputs, context, text,
      error, at, started, duration) JOIN held USING (n)
    ON CONFLICT ("runId", seq) DO UPDATE SET
      status = excluded.status,
      input = coalesce(step.input, excluded.input),
      preview = coalesce(step.preview, excluded.preview),
      outputs = coalesce(excluded.outputs, step.outputs),
      context = coalesce(excluded.context, step.context),
      "statusText" = coalesce(excluded."statusText", step."statusText"),
      error = coalesce(excluded.error, step.error),
      "startedAt" = coalesce(excluded."startedAt", step."startedAt"),
      "durationMs" = coalesce(excluded."durationMs", step."durationMs")
  ), call AS (
    INSERT INTO "RunCall" ("runId", "stepSeq", n, op, args, state, result)
    SELECT held.id, item.step, item.call, item.op, item.args, item.state, item.result
    FROM unnest($34::int[], $35::int[], $36::int[], $37::text[], $38::json[], $39::text[], $40::json[])
      AS item(n, step, call, op, args, state, result) JOIN held USING (n)
    ON CONFLICT ("runId", "stepSeq", n) DO UPDATE SET state = excluded.state, result = excluded.result
  ), shared AS (
    SELECT DISTINCT ON (held."workspaceId", item.scope, item.key) held."workspaceId", item.scope, item.key, item.value
    FROM unnest($41::int[], $42::text[], $43::text[], $44::json[]) WITH ORDINALITY AS item(n, scope, key, value, i)
      JOIN held USING (n)
    ORDER BY held."workspaceId", item.scope, item.key, item.i DESC
  ), kept AS (
    INSERT INTO "FlowContext" AS kept ("workspaceId", scope, key, value, "updatedAt")
    SELECT "workspaceId", scope, key, value, now() FROM shared WHERE value IS NOT NULL ORDER BY 1, 2, 3
    ON CONFLICT ("workspaceId", scope, key) DO UPDATE
      SET value = excluded.value, version = kept.version + 1, "updatedAt" = excluded."updatedAt"
  ), forgotten AS (
    DELETE FROM "FlowContext" USING shared
    WHERE "FlowContext"."workspaceId" = shared."workspaceId" AND "FlowContext".scope = shared.scope
      AND "FlowContext".key = shared.key AND shared.value IS NULL
  ), withdrawn AS (
    UPDATE "Approval" SET status = 'cancelled', "decidedAt" = now() FROM held
    WHERE "Approval"."runId" = held.id AND held.status IS NOT NULL AND "Approval".status || '' = 'open'
    RETURNING held.n
  ), told AS MATERIALIZED (
    SELECT count(pg_notify($45, item.message)) AS n
    FROM unnest($46::int[], $47::text[], $48::bool[]) AS item(n, message, if_asked) JOIN held USING (n)
    WHERE NOT item.if_asked OR item.n IN (SELECT n FROM withdrawn)
  )
  SELECT held.n, (SELECT n FROM told) AS told FROM held`;

/** The columns of rows: one array a column, as `unnest` takes them. */
const columns = (count: number, rows: unknown[][]): unknown[][] =>
  Array.from({ length: count }, (_, column) => rows.map((row) => row[column] ?? null));

const json = (value: unknown) => (value === undefined ? null : toJsonb(value));

function valuesOf(parts: readonly Part[]): { values: unknown[]; last: number[] } {
  const runs: unknown[][] = [];
  const events: unknown[][] = [];
  const payloads: unknown[][] = [];
  const steps: unknown[][] = [];
  const calls: unknown[][] = [];
  const contexts: { stamp: number; row: unknown[] }[] = [];
  const messages: unknown[][] = [];
  const ends: number[] = [];
  const at = new Date();
  parts.forEach(({ run, after, pending }, index) => {
    const n = index + 1;
    const { ending } = pending;
    const all = [...eventsOf(pending), ...(ending ? [terminalEvent(run.id, run.requestId, ending)] : [])];
    const written = all.map(({ type, data }) => ({ type, json: toJsonb(data) }));
    const last = after + written.length;
    ends.push(last);
    runs.push([
      run.id,
      run.leaseToken,
      after,
      last,
      ending && stored(ending.status),
      ending && json(ending.output),
      ending && json(ending.error),
      json(ending?.usage),
    ]);
    written.forEach((event, i) => events.push([n, after + 1 + i, event.type, event.json]));
    for (const [hash, body] of pending.payloads) payloads.push([n, hash, body, Buffer.byteLength(body)]);
    for (const { record, input, preview, outputs, context } of pending.steps.values())
      steps.push([
        n,
        record.seq,
        text(record.node),
        text(record.type),
        text(record.name),
        record.from,
        record.port,
        record.state,
        input,
        preview,
        outputs,
        context,
        text(record.statusText),
        json(record.error),
        record.at,
        record.startedAt,
        record.durationMs,
      ]);
    for (const { call, args, result } of pending.calls.values())
      calls.push([n, call.step, call.n, call.op, args, call.state, result]);
    for (const { scope, key, value, stamp } of pending.shared.values())
      contexts.push({ stamp, row: [n, text(scope), text(key), value] });
    if (written.length > 0) messages.push([n, told(runTopic(run.id), announce(last, written, at)), false]);
    if (!ending) return;
    const { id: runId, kind, userId } = run;
    const hint = JSON.stringify({ type: "run", runId, status: ending.status, kind, userId });
    messages.push([n, told(workspaceTopic(run.workspaceId), hint), false]);
    messages.push([n, told(workspaceTopic(run.workspaceId), '{"type":"approval"}'), true]);
  });
  const [channel] = liveMessage("");
  return {
    values: [
      ...columns(8, runs),
      ...columns(4, events),
      ...columns(4, payloads),
      ...columns(17, steps),
      ...columns(7, calls),
      ...columns(
        4,
        contexts.toSorted((a, b) => a.stamp - b.stamp).map(({ row }) => row), // of one key the last counts
      ),
      channel,
      ...columns(3, messages),
      at, // the announced time is the stored one
    ],
    last: ends,
  };
}

const told = (topic: string, payload: string) => liveMessage(topic, payload)[1];
/** Text that PostgreSQL can store: it knows no NUL. */
const text = (value: string | undefined) => value?.toWellFormed().replaceAll("\0", "\uFFFD");

/**
 * Makes parts durable, all in one transaction, and announces them. Answers for each the number of its last event, or
 * LeaseLost. A repetition after a broken connection finds that the first try was written.
 */
export async function writeParts(sql: Pool, parts: readonly Part[]): Promise<(number | LeaseLost)[]> {
  const { values, last } = valuesOf(parts);
  const { rows } = await sql.query<{ n: number }>({ name: "run-write", text: WRITE, values });
  const written = new Set(rows.map(({ n }) => n));
  const missed = parts.filter((_part, i) => !written.has(i + 1));
  const found = missed.length > 0 ? await writtenBefore(sql, missed) : new Set<string>();
  return parts.map(({ run, pending }, i) => {
    const reach = last[i] ?? 0;
    const key = keyOf(run.id, reach, pending.ending ? null : run.leaseToken, pending.ending?.status);
    return written.has(i + 1) || found.has(key) ? reach : new LeaseLost(`run ${run.id} is no longer held`);
  });
}

const keyOf = (...parts: unknown[]) => JSON.stringify(parts.map((part) => part ?? null));

/** How the runs stand whose part had no effect: those that stand as it would have left them were written before. */
async function writtenBefore(sql: Pool, parts: readonly Part[]): Promise<Set<string>> {
  const ids = parts.map(({ run }) => run.id);
  const { rows } = await sql.query<{ id: string; lastSeq: number; leaseToken: string | null; ended: string | null }>(
    `SELECT id, "lastSeq", "leaseToken", CASE WHEN "endedAt" IS NOT NULL THEN replace(status::text, '-', '_') END AS ended
     FROM "Run" WHERE id = ANY ($1)`,
    [ids],
  );
  return new Set(rows.map(({ id, lastSeq, leaseToken, ended }) => keyOf(id, lastSeq, leaseToken, ended)));
}
