import type { ActorRecord } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { keepDoing } from "#server/kernel/keep-doing.ts";
import type { Deps } from "../deps.ts";
import { cancelRun, resumeRun } from "../runs/index.ts";

/** A call of a turn that waits for the end of a run. */
export const AWAIT_RUN = "run.await";
export interface AwaitedRun {
  callId: string;
  runId: string;
}

type SweepDeps = Pick<Deps, "db" | "sql">;

/** Lets turns go on whose runs have ended meanwhile. Any number of workers may look; each turn is woken by one. */
async function wakeTurns({ db, sql }: SweepDeps): Promise<void> {
  const { rows } = await sql.query<{ runId: string; stepSeq: number; n: number }>(
    `SELECT call."runId", call."stepSeq", call.n FROM "Run" AS turn
       JOIN "RunCall" AS call ON call."runId" = turn.id AND call.op = $1 AND call.state = 'begun'
       JOIN "Run" AS child ON child.id = call.args->>'runId'
     WHERE turn."endedAt" IS NULL AND turn.kind = 'chat' AND turn.status = 'waiting' AND child."endedAt" IS NOT NULL`,
    [AWAIT_RUN],
  );
  for (const { runId, stepSeq, n } of rows)
    await db.$transaction(async (tx) => {
      const count = await tx.$executeRaw`
        UPDATE "RunCall" SET state = 'answered', result = 'null'::json
        WHERE "runId" = ${runId} AND "stepSeq" = ${stepSeq} AND n = ${n} AND state = 'begun'`;
      if (count > 0) await resumeRun(tx, runId);
    });
}

/** Ends runs that a turn had begun and that nobody waits for any more, because it timed out or failed. */
async function endLeftovers({ db, sql }: SweepDeps): Promise<void> {
  const { rows } = await sql.query<{ id: string; actor: ActorRecord }>(
    `SELECT child.id, child.actor FROM "Run" AS child JOIN "Run" AS turn ON turn.id = child."parentRunId"
     WHERE child."endedAt" IS NULL AND turn.kind = 'chat' AND turn."endedAt" IS NOT NULL`,
  );
  for (const { id, actor } of rows) {
    const { userId, name, workspaceId, via } = actor;
    const owner = { userId, name, workspaceId, via, email: "", owner: false, credentialId: id };
    await cancelRun({ db }, [], { ...owner, role: "admin", scopes: null }, { id }).catch((error: unknown) => {
      // over already, in the meantime
      if (!(error instanceof AppError && error.kind === "conflict")) throw error;
    });
  }
}

/** Looks each second until the returned function is called. */
export function keepResuming(deps: SweepDeps & Pick<Deps, "log">, everyMs = 1_000): () => Promise<void> {
  const look = () => wakeTurns(deps).then(() => endLeftovers(deps));
  return keepDoing(look, "turns that wait for runs could not be looked at", deps.log, everyMs).stop;
}
