import type { Approval } from "#server/generated/prisma/client.ts";
import type { Tx } from "#server/kernel/db.ts";
import { AppError } from "#server/kernel/errors.ts";
import { consentHash, consentTool, type ConsentCall } from "#server/mcp/consent.ts";
import type { Deps } from "../deps.ts";
import { requestApproval } from "./request-approval.ts";

/** Seconds that a question about a call is open; outside of a run, also how long an agreement holds. */
export const CONSENT_SECONDS = 15 * 60;
/** Flows run when nobody is there. */
export const FLOW_CONSENT_SECONDS = 24 * 3_600;
/** Nobody can read more, and what is not read is not agreed to. */
const MAX_ARGUMENT_BYTES = 50_000;

/**
 * Which call of a run it is: the chat's part and place in it, or the flow's step and call. The approval is kept under
 * the negative number, because the same call may also have to be decided after an interruption.
 */
export interface ConsentRef {
  runId: string;
  stepSeq: number;
  callN: number;
  flowId: string | null;
}

const THROUGH: Record<ConsentCall["caller"]["through"]["kind"], string> = {
  chat: "a chat",
  flow: "a flow",
  agent: "an agent",
  page: "a page",
  pod: "a flow in the editor",
  "mcp-client": "an MCP client",
  program: "a program",
};
const EFFECT: Record<ConsentCall["tool"]["class"], string> = {
  read: "It reads.",
  write: "It changes something.",
  dangerous: "It is marked as dangerous: what it does may not be undone.",
};

/**
 * Asks whether a call may be made; the same call asks once. Throws `unprocessable` (`approval.too-large`) where nobody
 * could read the arguments, and what `requestApproval` throws.
 */
export async function requestConsent(
  deps: Pick<Deps, "db" | "live" | "clock">,
  call: ConsentCall,
  ref: ConsentRef | null,
): Promise<Approval> {
  const { caller, upstream, tool, args } = call;
  const name = consentTool(call);
  const argsHash = consentHash(call);
  if (Buffer.byteLength(JSON.stringify(args)) > MAX_ARGUMENT_BYTES)
    throw new AppError(
      "unprocessable",
      "approval.too-large",
      `The arguments of ${name} are too large for a person to look at (${MAX_ARGUMENT_BYTES / 1_000} kB at most), so nobody can agree to this call`,
    );
  const { kind: through, id: throughId } = caller.through;
  return requestApproval(deps, {
    kind: "tool",
    tool: { name, argsHash },
    workspaceId: caller.actor.workspaceId,
    starterId: caller.actor.userId,
    runId: ref?.runId ?? null,
    stepSeq: ref?.stepSeq ?? null,
    callN: ref ? -ref.callN : null,
    flowId: ref?.flowId ?? null,
    title: `Call ${name}?`.slice(0, 300),
    question: `${caller.actor.name} wants to call “${tool.title}” of ${upstream.title} through ${THROUGH[through]}. ${EFFECT[tool.class]} Exactly these arguments are sent, once.`,
    detail: {
      tool: name,
      server: upstream.name,
      class: tool.class,
      arguments: args,
      through,
      ...(throughId ? { client: throughId } : {}),
    },
    expiresIn: through === "flow" ? FLOW_CONSENT_SECONDS : CONSENT_SECONDS,
  });
}

/**
 * Uses an agreement up: whoever updates first has it, and nobody else ever again. It must be of the same person and
 * workspace, for the same tool and arguments, and of the same run or, outside of runs, not old. Null: there is none.
 */
export async function takeConsent(
  { sql, clock }: Pick<Deps, "sql" | "clock">,
  call: ConsentCall,
): Promise<{ id: string; approverId: string } | null> {
  const { actor, runId } = call.caller;
  const now = clock.now();
  const { rows } = await sql.query<{ id: string; approverId: string }>(
    `UPDATE "Approval" SET "usedAt" = $6 WHERE "usedAt" IS NULL AND id = (
       SELECT id FROM "Approval"
       WHERE kind = 'tool' AND "workspaceId" = $1 AND "starterId" = $2 AND tool = $3 AND "argsHash" = $4
         AND status = 'decided' AND decision = 'approve' AND "usedAt" IS NULL AND "decidedById" IS NOT NULL
         AND "runId" IS NOT DISTINCT FROM $5 AND ("runId" IS NOT NULL OR "decidedAt" > $7)
       ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, "decidedById" AS "approverId"`,
    [
      actor.workspaceId,
      actor.userId,
      consentTool(call),
      consentHash(call),
      runId ?? null,
      now,
      new Date(now.getTime() - CONSENT_SECONDS * 1_000),
    ],
  );
  return rows[0] ?? null;
}

/** Gives an agreement back whose call provably never left, or has not come to its end. */
export async function giveBackConsent({ db }: Pick<Deps, "db">, id: string): Promise<void> {
  await db.approval.updateMany({ where: { id, kind: "tool", status: "decided" }, data: { usedAt: null } });
}

/** The question about one call of a run, if it was asked. */
export const consentOf = (
  { db }: Pick<Deps, "db">,
  { runId, stepSeq, callN }: Pick<ConsentRef, "runId" | "stepSeq" | "callN">,
): Promise<Approval | null> =>
  db.approval.findUnique({ where: { runId_stepSeq_callN: { runId, stepSeq, callN: -callN } } });

/** Says that the call which an answer was for is over: it holds up its run's suspension no longer. */
export async function closeConsent(db: Pick<Tx, "approval">, id: string, at: Date): Promise<void> {
  await db.approval.updateMany({ where: { id, kind: "tool", usedAt: null }, data: { usedAt: at } });
}
