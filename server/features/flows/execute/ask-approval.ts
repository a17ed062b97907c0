import type { CallRef } from "#server/engine/contract.ts";
import type { Approval } from "#server/generated/prisma/client.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../../deps.ts";
import { awaitDecision, outcomeOf, requestApproval, type ApprovalAnswer } from "../../approvals/index.ts";
import type { Execution } from "../../runs/index.ts";
import { jsonIn } from "./call-model.ts";

export type ApprovalDeps = Pick<Deps, "db" | "live" | "clock">;

/** What the run is told of its approvals, each once however often it is taken up. */
export class ApprovalNews {
  readonly #execution: Execution;
  readonly #told: Promise<Set<string>>;

  constructor({ db }: Pick<Deps, "db">, execution: Execution, resumed: boolean) {
    this.#execution = execution;
    this.#told = resumed
      ? db.runEvent
          .findMany({
            where: { runId: execution.run.id, type: { in: ["approval_required", "approval_decided"] } },
            select: { type: true, data: true },
          })
          .then((rows) => new Set(rows.map(({ type, data }) => keyOf(type, data as { approvalId?: unknown }))))
      : Promise.resolve(new Set());
    this.#told.catch(() => undefined); // whoever needs it is told
  }

  async tell(type: "approval_required" | "approval_decided", data: { approvalId: string } & Record<string, unknown>) {
    const told = await this.#told;
    if (told.has(keyOf(type, data))) return;
    told.add(keyOf(type, data));
    this.#execution.emit(type, data);
  }
}

const keyOf = (type: string, { approvalId }: { approvalId?: unknown }) => `${type} ${String(approvalId)}`;

/** Who waits: until when, and told when the question is there for people to answer. */
export interface Asking {
  signal: AbortSignal;
  asked(): void;
}

/** Asks people for a step and waits; the same call asks once. Throws AppError where nobody answered. */
export async function askApproval(
  deps: ApprovalDeps,
  execution: Execution,
  news: ApprovalNews,
  { ref, kind, ...question }: { ref: CallRef; kind: "question" | "decision" } & Record<string, unknown>,
  { signal, asked }: Asking,
): Promise<ApprovalAnswer> {
  const { run } = execution;
  const approval = await requestApproval(deps, {
    ...question,
    kind,
    workspaceId: run.workspaceId,
    starterId: run.userId,
    runId: run.id,
    stepSeq: ref.step,
    callN: ref.n,
    flowId: run.subjectId,
  });
  return answerTo(deps, execution, news, { approval, told: { step: ref.step, kind } }, { signal, asked });
}

/** Waits for the answer to a question that was asked; tells the run of both. Throws AppError where nobody answered. */
export async function answerTo(
  deps: ApprovalDeps,
  { run }: Execution,
  news: ApprovalNews,
  { approval, told }: { approval: Approval; told: Record<string, unknown> },
  { signal, asked }: Asking,
): Promise<ApprovalAnswer> {
  const { id, title } = approval;
  let outcome = outcomeOf(approval);
  if (outcome.state === "open") {
    await news.tell("approval_required", { approvalId: id, title, ...told });
    asked();
    outcome = (await awaitDecision(deps, { id, workspaceId: run.workspaceId }, signal)) ?? {
      state: "failed",
      error: { code: "approval.cancelled", message: "The question was withdrawn before anybody answered" },
    };
    signal.throwIfAborted();
  }
  if (outcome.state === "open") throw new Error("an approval is awaited until it is decided"); // or the signal aborts
  if (outcome.state === "failed") throw new AppError("unprocessable", outcome.error.code, outcome.error.message);
  await tellAnswer(news, outcome.answer);
  return outcome.answer;
}

export const tellAnswer = (news: ApprovalNews, { id, decision, by, comment }: ApprovalAnswer): Promise<void> =>
  news.tell("approval_decided", {
    approvalId: id,
    decision,
    by: by?.name ?? null,
    ...(comment ? { comment } : {}),
  });

const REPEAT = "repeat";
const SKIP = "skip";
const FAIL = "fail";

/** What to do about a call that was under way when the gateway died and that may not simply be made again. */
export async function decideCall(
  deps: ApprovalDeps,
  execution: Execution,
  news: ApprovalNews,
  { ref, what, args }: { ref: CallRef; what: string; args: unknown },
  asking: Asking,
): Promise<{ repeat: true } | { repeat: false; value: unknown }> {
  const answer = await askApproval(
    deps,
    execution,
    news,
    {
      ref,
      kind: "decision",
      title: `Was ${what} carried out?`,
      question: `The gateway was interrupted while ${what} was under way. Whether it took effect is not known, and doing it twice may do harm. Look in the system itself, then say how this run goes on.`,
      detail: { what, arguments: args },
      options: [
        { value: REPEAT, label: "It was not: do it again", style: "primary" },
        { value: SKIP, label: "It was: go on with the result below" },
        { value: FAIL, label: "Let the step fail", style: "danger" },
      ],
      form: [{ name: "value", label: "Result to go on with (JSON or text; may be empty)", type: "textarea" }],
    },
    asking,
  );
  if (answer.decision === REPEAT) return { repeat: true };
  if (answer.decision === SKIP) {
    const text = typeof answer.values["value"] === "string" ? answer.values["value"].trim() : "";
    return { repeat: false, value: text === "" ? null : (jsonIn(text)?.value ?? text) };
  }
  throw new AppError(
    "unprocessable",
    "run.open-effect",
    `The gateway was interrupted while ${what} was under way, and ${answer.by?.name ?? "somebody"} decided to let it fail`,
  );
}
