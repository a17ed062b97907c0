import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Prisma, Tx } from "#server/kernel/db.ts";
import type { Run } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { newId } from "#server/kernel/ids.ts";
import { defineJob } from "#server/kernel/jobs.ts";
import type { Deps } from "../deps.ts";
import { workspaceTopic } from "./events.ts";
import { starterOf } from "./kinds.ts";
import type { RunKind } from "./schema.ts";

/** Wakes a worker for a queued run. The run's row is the truth: a lost or doubled job changes nothing. */
export const executeRun = defineJob("run.execute", z.object({ runId: z.string() }));

export interface NewRun {
  kind: RunKind;
  title: string;
  input: Record<string, unknown>;
  trigger: string;
  subjectId?: string;
  subjectVersion?: number;
  parentRunId?: string;
  /** The same key of the same person returns the first run. */
  idempotencyKey?: string | undefined;
  /** Of the request that starts it: told to watchers and sent to whatever the run calls. */
  requestId?: string;
}

/**
 * Writes a run and queues it: both or neither. `created` false: the idempotency key is known and `run` is the first
 * one. Throws `unprocessable` when the key was used with another input.
 */
export async function startRun(
  { jobs, live }: Pick<Deps, "jobs" | "live">,
  tx: Tx,
  actor: Actor,
  start: NewRun,
): Promise<{ run: Run; created: boolean }> {
  const idempotencyKey = start.idempotencyKey ? `${actor.userId}:${start.idempotencyKey}` : null;
  const id = newId("run");
  const { count } = await tx.run.createMany({
    skipDuplicates: true,
    data: {
      id,
      workspaceId: actor.workspaceId,
      kind: start.kind,
      title: start.title,
      trigger: start.trigger,
      subjectId: start.subjectId ?? null,
      subjectVersion: start.subjectVersion ?? null,
      parentRunId: start.parentRunId ?? null,
      actor: { ...starterOf(actor, start.requestId) },
      userId: actor.userId,
      input: start.input as Prisma.InputJsonObject, // inputs are parsed JSON
      idempotencyKey,
    },
  });
  if (count === 0) return { run: await firstRun(tx, actor, idempotencyKey, start), created: false };
  await jobs.enqueue(tx, executeRun, { runId: id });
  await live.publishIn(
    tx,
    workspaceTopic(actor.workspaceId),
    JSON.stringify({ type: "run", runId: id, status: "queued", kind: start.kind, userId: actor.userId }),
  );
  return { run: await tx.run.findUniqueOrThrow({ where: { id } }), created: true };
}

export const idempotencyMismatch = () =>
  new AppError(
    "unprocessable",
    "idempotency.mismatch",
    "This Idempotency-Key was used before with another request. Use a new key for a new request",
  );

async function firstRun(tx: Tx, actor: Actor, idempotencyKey: string | null, { kind, input }: NewRun): Promise<Run> {
  const first = await tx.run.findFirstOrThrow({ where: { workspaceId: actor.workspaceId, idempotencyKey } });
  if (first.kind !== kind || !isDeepStrictEqual(first.input, JSON.parse(JSON.stringify(input))))
    throw idempotencyMismatch();
  return first;
}
