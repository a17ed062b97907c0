import { isDeepStrictEqual } from "node:util";
import type { Run } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Tx } from "#server/kernel/db.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { newId } from "#server/kernel/ids.ts";
import type { Deps } from "../deps.ts";
import { announceSoon } from "./announce-soon.ts";
import { asJsonb, queueTopic, toJsonb, workspaceTopic } from "./events.ts";
import { starterOf } from "./kinds.ts";
import { runOf, stored, type RunRow } from "./rows.ts";
import { hasEnded, type RunKind } from "./schema.ts";

/** How many runs may have started one another in a row above a run. */
export const MAX_DEPTH = 5;

export interface NewRun {
  kind: RunKind;
  title: string;
  input: Record<string, unknown>;
  trigger: string;
  subjectId?: string;
  subjectVersion?: number;
  /** The run that starts this one and waits for it. */
  parentRunId?: string;
  /** The same key of the same person returns the first run. */
  idempotencyKey?: string | undefined;
  /** Of the request that starts it: told to watchers and sent to whatever the run calls. */
  requestId?: string;
}

type Started = { run: Run; created: boolean };

// The parent's row is locked against its end: no child begins of a run that was cancelled meanwhile.
const INSERT = `
  WITH parent AS (
    SELECT depth FROM "Run" WHERE id = $1 AND "workspaceId" = $3 AND "endedAt" IS NULL FOR SHARE
  ), run AS (
    INSERT INTO "Run" ("parentRunId", id, "workspaceId", kind, title, trigger, "subjectId", "subjectVersion", actor,
      "userId", input, "idempotencyKey", depth)
    SELECT $1, $2, $3, $4::"RunKind", $5, $6, $7, $8::int, $9::jsonb, $10, $11::jsonb, $12,
      CASE WHEN $1::text IS NULL THEN 0 ELSE (SELECT depth + 1 FROM parent) END
    WHERE $1::text IS NULL OR EXISTS (SELECT FROM parent WHERE depth < ${MAX_DEPTH})
    ON CONFLICT ("workspaceId", "idempotencyKey") DO NOTHING
    RETURNING *
  )`;

/** A key of somebody, as rows keep it: two people may choose the same. */
export const rowKey = (userId: string, idempotencyKey: string): string => `${userId}:${idempotencyKey}`;
const keyOf = ({ userId }: Actor, { idempotencyKey }: NewRun) =>
  idempotencyKey ? rowKey(userId, idempotencyKey) : null;

const rowOf = (id: string, actor: Actor, start: NewRun) => [
  start.parentRunId ?? null,
  id,
  actor.workspaceId,
  stored(start.kind),
  start.title,
  start.trigger,
  start.subjectId ?? null,
  start.subjectVersion ?? null,
  toJsonb(starterOf(actor, start.requestId)),
  actor.userId,
  toJsonb(start.input),
  keyOf(actor, start),
];

const hint = (id: string, actor: Actor, { kind }: NewRun) =>
  JSON.stringify({ type: "run", runId: id, status: "queued", kind, userId: actor.userId });

/**
 * Writes a run and queues it: both or neither, and only when `tx` commits. `created` false: the idempotency key is
 * known and `run` is the first one. Throws `unprocessable` when the key was used with another input
 * (`idempotency.mismatch`) or too many runs started one another (`flow.too-deep`), `conflict` when the parent is over.
 */
export async function startRun({ live }: Pick<Deps, "live">, tx: Tx, actor: Actor, start: NewRun): Promise<Started> {
  const id = newId("run");
  const [row] = await tx.$queryRawUnsafe<RunRow[]>(`${INSERT} SELECT * FROM run`, ...rowOf(id, actor, start));
  if (!row) return { run: await firstRun(tx, actor, start), created: false };
  await live.publishIn(tx, queueTopic);
  await live.publishIn(tx, workspaceTopic(actor.workspaceId), hint(id, actor, start));
  return { run: runOf(row), created: true };
}

/**
 * The same at once and in one statement, for starts that belong to no transaction. It is announced beside: commits that
 * notify wait for one another's disks, and a wake-up that is lost with this process is made up for by the worker's sweep.
 */
export async function startRunNow(
  deps: Pick<Deps, "sql" | "db" | "log">,
  actor: Actor,
  start: NewRun,
): Promise<Started> {
  const id = newId("run");
  const { rows } = await deps.sql.query<RunRow>({
    name: "run-start",
    text: `${INSERT} SELECT * FROM run`,
    values: rowOf(id, actor, start),
  });
  const [row] = rows;
  if (!row) return { run: await firstRun(deps.db, actor, start), created: false };
  announceSoon(deps, [
    [queueTopic, ""],
    [workspaceTopic(actor.workspaceId), hint(id, actor, start)],
  ]);
  return { run: runOf(row), created: true };
}

export const idempotencyMismatch = () =>
  new AppError(
    "unprocessable",
    "idempotency.mismatch",
    "This Idempotency-Key was used before with another request. Use a new key for a new request",
  );

/** The run that has the key already. Throws why there is none. */
async function firstRun(rows: Pick<Tx, "run">, actor: Actor, start: NewRun): Promise<Run> {
  const { workspaceId } = actor;
  const idempotencyKey = keyOf(actor, start);
  const first = idempotencyKey ? await rows.run.findFirst({ where: { workspaceId, idempotencyKey } }) : null;
  if (first) {
    if (first.kind === start.kind && isDeepStrictEqual(first.input, asJsonb(start.input))) return first;
    throw idempotencyMismatch();
  }
  const parent = start.parentRunId ? await rows.run.findFirst({ where: { id: start.parentRunId, workspaceId } }) : null;
  if (!parent) throw missing("run");
  if (hasEnded(parent.status)) throw new AppError("conflict", "run.ended", "The run that starts this one is over");
  throw new AppError(
    "unprocessable",
    "flow.too-deep",
    `Runs may start one another ${MAX_DEPTH} times in a row. Let the flows call each other less deeply`,
  );
}
