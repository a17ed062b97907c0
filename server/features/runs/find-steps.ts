import type { Actor } from "#server/kernel/actor.ts";
import { missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { findRun } from "./find-runs.ts";
import { PREVIEW_CHARS, previewOf } from "./pending.ts";
import { payloadOf } from "./read-log.ts";
import { veiled } from "./secrets.ts";
import type { RunStepDetail, RunStepView } from "./steps.schema.ts";

/** What a step sent on is shown up to so many messages, and what it asked for up to so many calls. */
const MAX_OUTPUTS = 100;
const MAX_CALLS = 100;
/** Larger ones are shown by their beginning: a page must not load megabytes. */
const MAX_CHARS = 100_000;
const BEGINNING = 20_000;

type StepRow = Omit<RunStepView, "inputPreview"> & { head: string | null };

// Three times as much as is shown, because what is masked gets shorter.
const COLUMNS = `
  step.seq, "nodeId" AS node, "nodeType" AS type, "nodeName" AS name, "fromSeq" AS "from", "fromPort" AS port,
    status, "statusText", error, at, "startedAt", "durationMs",
    coalesce(preview, left(input::text, ${PREVIEW_CHARS * 3})) AS head,
    CASE WHEN preview IS NULL THEN coalesce(octet_length(input::text), 0) ELSE (
      SELECT size FROM "RunPayload" WHERE "RunPayload"."runId" = step."runId" AND hash = input->>'$payload'
    ) END AS "inputSize"`;

const viewOf = ({ head, ...row }: StepRow): RunStepView => ({ ...row, inputPreview: previewOf(head ?? "") });

/** Steps of a run in the order in which their messages were sent, after number `after`. */
export async function listSteps(
  deps: Pick<Deps, "db" | "sql">,
  actor: Actor,
  { id, after, limit }: { id: string; after: number; limit: number },
): Promise<{ items: RunStepView[]; nextCursor: string | null }> {
  const run = await findRun(deps, actor, id);
  const { rows } = await deps.sql.query<StepRow>(
    `SELECT ${COLUMNS} FROM "RunStep" AS step WHERE step."runId" = $1 AND step.seq > $2 ORDER BY step.seq LIMIT $3`,
    [run.id, after, limit + 1],
  );
  const items = rows.slice(0, limit).map(viewOf);
  return { items, nextCursor: rows.length > limit ? String(items.at(-1)?.seq) : null };
}

interface Message {
  input: string | null;
  preview: string | null;
  body: string | null;
}

const INPUT = `input::text, preview, CASE WHEN preview IS NOT NULL THEN (
  SELECT body FROM "RunPayload" WHERE "RunPayload"."runId" = step."runId" AND hash = input->>'$payload'
) END AS body`;

/** JSON as people see it: credentials are a mark, and of very much the beginning. */
const readable = (text: string): unknown => {
  const bare = veiled(text);
  if (bare.length <= MAX_CHARS) return JSON.parse(bare) as unknown;
  return { shortened: `${bare.slice(0, BEGINNING).toWellFormed()}…`, characters: bare.length };
};

/** The message as people see it. */
const shown = ({ input, preview, body }: Message): unknown => {
  const text = payloadOf(input, preview) === null ? input : body;
  return text === null ? null : readable(text);
};

/** One step with its message, what it sent on by port, and what it asked for outside. */
export async function getStep(
  deps: Pick<Deps, "db" | "sql">,
  actor: Actor,
  { id, seq }: { id: string; seq: number },
): Promise<RunStepDetail> {
  const run = await findRun(deps, actor, id);
  const [own, sent, calls] = await Promise.all([
    deps.sql.query<StepRow & Message & { outputs: string | null }>(
      `SELECT ${COLUMNS}, ${INPUT}, outputs::text FROM "RunStep" AS step WHERE step."runId" = $1 AND step.seq = $2`,
      [run.id, seq],
    ),
    deps.sql.query<Message & { to: number; node: string; port: number | null }>(
      `SELECT seq AS to, "nodeId" AS node, "fromPort" AS port, ${INPUT} FROM "RunStep" AS step
       WHERE "runId" = $1 AND "fromSeq" = $2 ORDER BY seq LIMIT ${MAX_OUTPUTS}`,
      [run.id, seq],
    ),
    deps.sql.query<{
      n: number;
      op: string;
      args: string;
      state: "begun" | "done" | "failed";
      result: string;
      at: Date;
    }>(
      `SELECT n, op, args::text, state, coalesce(result, 'null')::text AS result, at FROM "RunCall"
       WHERE "runId" = $1 AND "stepSeq" = $2 ORDER BY n LIMIT ${MAX_CALLS}`,
      [run.id, seq],
    ),
  ]);
  const [row] = own.rows;
  if (!row) throw missing("step");
  const { input, preview, body, outputs, ...view } = row;
  const unwired = JSON.parse(veiled(outputs ?? "[]")) as { port: number; msg: unknown }[]; // written by the writer alone
  return {
    ...viewOf(view),
    input: shown({ input, preview, body }),
    outputs: [
      ...sent.rows.map(({ to, node, port, ...message }) => ({ port: port ?? 0, to, node, msg: shown(message) })),
      ...unwired.map(({ port, msg }) => ({ port, to: null, node: null, msg })),
    ],
    calls: calls.rows.map(({ args, result, ...call }) => ({
      ...call,
      args: readable(args),
      result: readable(result),
    })),
  };
}
