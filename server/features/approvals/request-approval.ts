import { z } from "zod";
import type { Approval } from "#server/generated/prisma/client.ts";
import type { Prisma, Rows, Tx } from "#server/kernel/db.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import { fieldErrors } from "#server/kernel/field-errors.ts";
import { newId } from "#server/kernel/ids.ts";
import { withoutSecrets, type Detail } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { workspaceTopic } from "../runs/index.ts";
import { APPROVAL_HINT } from "./approval-topic.ts";
import { ApprovalField, ApprovalOption } from "./schema.ts";

const MAX_DETAIL_BYTES = 100_000;

/** What a node asks for; see `ApprovalRequest` of the OSF client, which is the same. */
const Question = z.object({
  title: z.string().trim().max(300).default(""),
  question: z.string().max(10_000).default(""),
  detail: z.unknown().optional(),
  options: z
    .array(ApprovalOption.extend({ value: z.string().min(1).max(200), label: z.string().max(200) }))
    .max(20)
    .optional(),
  form: z
    .array(ApprovalField.extend({ name: z.string().min(1).max(100) }))
    .max(50)
    .optional(),
  expiresIn: z
    .number()
    .positive()
    .max(366 * 86_400)
    .optional(),
  defaultOption: z.string().max(200).optional(),
  approvers: z.array(z.string().max(320)).max(100).optional(),
  required: z.number().int().min(1).max(100).optional(),
  notByStarter: z.boolean().optional(),
});
export type Question = z.input<typeof Question>;

/** Who asks, and for what. */
export interface ApprovalToAsk extends Question {
  /** question: a flow asks; decision: an effect was under way when the server died; tool: may this call be made? */
  kind: "question" | "decision" | "tool";
  /** Of kind tool: `<server>.<tool>`, and what of the call is agreed to (see `consentHash`). */
  tool?: { name: string; argsHash: string };
  workspaceId: string;
  /** Who started it; null: nobody that is known. */
  starterId: string | null;
  /** Null: a flow in a pod asks. */
  runId: string | null;
  stepSeq: number | null;
  /** The how manieth call of the step: together with it, the same call is asked once only. */
  callN: number | null;
  flowId: string | null;
}

const APPROVE_OR_REJECT: ApprovalOption[] = [
  { value: "approve", label: "Approve", style: "primary" },
  { value: "reject", label: "Reject", style: "danger" },
];

/** Members of the workspace behind addresses and ids. Throws for those whom nobody knows. */
async function approverIds(db: Rows | Tx, workspaceId: string, named: readonly string[]): Promise<string[]> {
  const wanted = named.map((one) => one.trim()).filter(Boolean);
  if (wanted.length === 0) return [];
  const members = await db.membership.findMany({
    where: {
      workspaceId,
      OR: [{ userId: { in: wanted } }, { user: { email: { in: wanted.map((one) => one.toLowerCase()) } } }],
    },
    select: { userId: true, user: { select: { email: true } } },
  });
  const idOf = (one: string) =>
    members.find(({ userId, user }) => userId === one || user.email === one.toLowerCase())?.userId;
  const unknown = wanted.filter((one) => !idOf(one));
  if (unknown.length > 0)
    throw new AppError(
      "unprocessable",
      "approval.approver",
      `Nobody in this workspace is known as ${unknown.join(", ").slice(0, 300)}. Correct the approvers of the node`,
    );
  return [...new Set(wanted.flatMap((one) => idOf(one) ?? []))];
}

function checked(request: Question) {
  const parsed = Question.safeParse(request);
  if (!parsed.success) {
    const fields = fieldErrors(parsed.error);
    throw new AppError(
      "unprocessable",
      "approval.invalid",
      `The question cannot be asked: ${fields[0]?.path}: ${fields[0]?.message}`,
      { fields },
    );
  }
  const options = parsed.data.options?.length ? parsed.data.options : APPROVE_OR_REJECT;
  const values = options.map(({ value }) => value);
  const wrong = (message: string) => new AppError("unprocessable", "approval.invalid", message);
  if (new Set(values).size < values.length) throw wrong("Two options of the question have the same value");
  const { defaultOption } = parsed.data;
  if (defaultOption !== undefined && !values.includes(defaultOption))
    throw wrong(`The option that is taken at expiry, ${defaultOption}, is none of ${values.join(", ")}`);
  return { ...parsed.data, options };
}

/** What is decided about: bounded, and without secrets, for people read it. */
function detailOf(given: unknown): Prisma.InputJsonValue {
  const plain = JSON.parse(JSON.stringify({ detail: given ?? null })) as Detail; // just serialised
  const { detail = null } = withoutSecrets(plain);
  const text = JSON.stringify(detail);
  if (Buffer.byteLength(text) <= MAX_DETAIL_BYTES) return detail as Prisma.InputJsonValue; // JSON; null is written as such
  return { shortened: `${text.slice(0, MAX_DETAIL_BYTES / 4)}…` };
}

/** PostgreSQL takes no NUL in texts; titles of tools are what their servers say. */
const storable = (text: string) => text.replaceAll("\0", "");

/** What makes two calls outside of runs the same. */
const sameCall = ({ workspaceId, starterId, tool }: ApprovalToAsk) => ({
  workspaceId,
  starterId,
  tool: tool?.name ?? null,
  argsHash: tool?.argsHash ?? null,
});

/** Nobody is asked on behalf of a run that is over. */
async function checkRun(tx: Tx, workspaceId: string, id: string): Promise<void> {
  const run = await tx.run.findFirst({ where: { id, workspaceId }, select: { endedAt: true } });
  if (!run) throw missing("run");
  if (run.endedAt) throw new AppError("conflict", "run.ended", "This run is over already");
}

/**
 * Asks people. The same call of the same step of a run asks once: repeated, it answers what is there, decided or not
 * (see `outcomeOf`). Throws `unprocessable` (`approval.invalid`, `approval.approver`), `conflict` (`run.ended`).
 */
export async function requestApproval(
  { db, live, clock }: Pick<Deps, "db" | "live" | "clock">,
  request: ApprovalToAsk,
  tx?: Tx,
): Promise<Approval> {
  const { workspaceId, runId, stepSeq, callN, flowId, kind, starterId } = request;
  const again =
    runId === null || stepSeq === null || callN === null
      ? null
      : await (tx ?? db).approval.findUnique({ where: { runId_stepSeq_callN: { runId, stepSeq, callN } } });
  if (again) return again;
  const question = checked(request);
  const approvers = await approverIds(tx ?? db, workspaceId, question.approvers ?? []);
  const required = question.required ?? 1;
  if (approvers.length > 0 && required > approvers.length)
    throw new AppError(
      "unprocessable",
      "approval.invalid",
      `${required} people have to agree, but only ${approvers.length} may answer`,
    );
  const createdAt = clock.now();
  const id = newId("apr", createdAt.getTime());
  const ask = async (within: Tx) => {
    if (runId !== null) await checkRun(within, workspaceId, runId);
    const { count } = await within.approval.createMany({
      skipDuplicates: true, // the same call: from two workers, one of which lost the run, or of one person twice
      data: {
        id,
        workspaceId,
        runId,
        stepSeq,
        callN,
        flowId,
        kind,
        starterId,
        title: storable(
          question.title || question.question.split("\n")[0]?.slice(0, 120) || "A flow waits for an answer",
        ),
        question: storable(question.question),
        detail: detailOf(question.detail),
        options: question.options,
        form: (question.form ?? []) as Prisma.InputJsonArray, // parsed JSON
        approvers,
        required,
        notByStarter: question.notByStarter ?? false,
        defaultOption: question.defaultOption ?? null,
        tool: request.tool?.name ?? null,
        argsHash: request.tool?.argsHash ?? null,
        expiresAt: question.expiresIn === undefined ? null : new Date(createdAt.getTime() + question.expiresIn * 1_000),
        createdAt,
      },
    });
    if (count === 0 && runId !== null && stepSeq !== null && callN !== null)
      return within.approval.findUniqueOrThrow({ where: { runId_stepSeq_callN: { runId, stepSeq, callN } } });
    if (count === 0)
      // the open one, or the one that was decided at this very moment
      return within.approval.findFirstOrThrow({
        where: { ...sameCall(request), runId: null, kind: "tool" },
        orderBy: { id: "desc" },
      });
    await live.publishIn(within, workspaceTopic(workspaceId), APPROVAL_HINT);
    return within.approval.findUniqueOrThrow({ where: { id } });
  };
  return tx ? ask(tx) : db.$transaction(ask);
}
