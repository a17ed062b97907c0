import { AppError } from "#server/kernel/errors.ts";
import { ConsentNeeded, consentTool, type ConsentCall } from "#server/mcp/consent.ts";
import type { Exchange, Json, Stage } from "#server/mcp/exchange.ts";
import type { Deps } from "../deps.ts";
import { withdrawConsent } from "./close-approvals.ts";
import { awaitDecision, type ApprovalOutcome } from "./outcome.ts";
import { giveBackConsent, requestConsent, takeConsent } from "./tool-consent.ts";

export type ConsentDeps = Pick<Deps, "db" | "sql" | "live" | "clock" | "log"> & {
  settings: Pick<Deps["settings"], "publicUrl">;
};

/** How often whoever waits is told so. */
const TELL_MS = 5_000;
/** Milliseconds that are left of the caller's patience to make the call, or to say that nobody has answered. */
const SPARE_MS = 1_000;

/**
 * Calls of tools that need consent go on only with an approval for this very call, which is used up by it; the
 * approver's id goes with it (`Caller.approverId`). Without one:
 * - within a run it throws ConsentNeeded: the run's executor asks, suspends the run and calls again;
 * - a page is refused at once with `conflict` (`approval.pending`, `hints.extra` {approvalId, url}), having asked;
 * - every other caller waits for the answer, told so by progress, or asked by URL where it can be, and is refused like
 *   a page when its time is over. The same call, made again by the same person, uses the approval.
 * Refused by a person: `forbidden` (`approval.refused`).
 */
export const createConsentStage =
  (deps: ConsentDeps): Stage =>
  async (exchange, target, next) => {
    const { definition, tool } = target;
    if (exchange.method !== "tools/call" || !tool?.consent) return next(exchange, target);
    const { caller } = exchange;
    const args = (exchange.params["arguments"] ?? {}) as Json; // of tools/call; checked against the schema before
    const call: ConsentCall = { caller, upstream: definition, tool, args };
    const given = (await takeConsent(deps, call)) ?? (await ask(deps, exchange, call));
    try {
      const result = await next({ ...exchange, caller: { ...caller, approverId: given.approverId } }, target);
      // Asked back: the call goes on with the answers, as a request of its own.
      if (result["resultType"] === "input_required") await giveBackConsent(deps, given.id);
      return result;
    } catch (error) {
      if (caller.runId === undefined && neverLeft(error)) await giveBackConsent(deps, given.id);
      throw error;
    }
  };

const neverLeft = (error: unknown) => error instanceof AppError && error.hints.extra?.["mayHaveRun"] === false;

async function ask(deps: ConsentDeps, exchange: Exchange, call: ConsentCall) {
  if (call.caller.runId !== undefined) throw new ConsentNeeded(call);
  const { id } = await requestConsent(deps, call, null);
  const url = new URL(`/inbox?id=${encodeURIComponent(id)}`, deps.settings.publicUrl).href;
  const outcome = call.caller.through.kind === "page" ? null : await waited(deps, exchange, call, { id, url });
  if (!outcome || outcome.state === "open") throw pending(call, id, url);
  checkAgreed(call, outcome);
  const given = await takeConsent(deps, call);
  if (given) return given;
  throw new AppError("conflict", "approval.used", "This approval was used by another call already", {
    extra: { approvalId: id, mayHaveRun: false },
  });
}

const pending = (call: ConsentCall, approvalId: string, url: string) =>
  new AppError(
    "conflict",
    "approval.pending",
    `${consentTool(call)} needs a person's consent, and nobody has answered yet. It can be given at ${url}; then make the same call again`,
    { extra: { approvalId, url, mayHaveRun: false } },
  );

/** Why a call is not made, in words for whoever asked for it; null: it was agreed to. */
export function refusalOf(tool: string, outcome: ApprovalOutcome): string | null {
  if (outcome.state === "open") return `Nobody has answered yet whether ${tool} may be called`;
  if (outcome.state === "failed") return `${tool} was not called: ${outcome.error.message}`;
  const { decision, by, comment } = outcome.answer;
  if (decision === "approve" && by) return null;
  return `${tool} was not called: refused by ${by?.name ?? "nobody that is known"}${comment ? ` (${comment})` : ""}`;
}

function checkAgreed(call: ConsentCall, outcome: ApprovalOutcome): void {
  const refusal = refusalOf(consentTool(call), outcome);
  if (refusal === null) return;
  const code = outcome.state === "failed" ? outcome.error.code : "approval.refused";
  throw new AppError("forbidden", code, refusal, { extra: { mayHaveRun: false } });
}

/**
 * Waits as long as the caller does; while its person is being asked by URL, as long as the approval is open. Null: it is
 * gone. Rejects with the signal's reason where the caller leaves.
 */
async function waited(
  deps: ConsentDeps,
  exchange: Exchange,
  call: ConsentCall,
  { id, url }: { id: string; url: string },
): Promise<ApprovalOutcome | null> {
  const { signal, timeoutMs, notify } = exchange;
  const approval = { id, workspaceId: call.caller.actor.workspaceId };
  const message = `${consentTool(call)} waits for a person's consent: ${url}`;
  const over = new AbortController();
  const leave = () => over.abort();
  signal?.addEventListener("abort", leave);
  if (signal?.aborted) leave(); // while the question was written down
  let progress = 0;
  const tell = () => notify?.({ method: "notifications/progress", params: { progress: ++progress, message } });
  tell();
  const telling = setInterval(tell, TELL_MS);
  let declined = false;
  let patience: NodeJS.Timeout | undefined;
  const waitOn = () => {
    patience = setTimeout(leave, Math.max(timeoutMs - SPARE_MS, timeoutMs / 2));
  };
  askByUrl(exchange, { id, url, message }, over.signal)
    .catch((err: unknown) => {
      // Whoever cannot be asked this way still has the inbox.
      deps.log.debug({ err }, "consent could not be asked for by URL");
      return true;
    })
    .then((goesThere) => {
      if (over.signal.aborted) return;
      declined = !goesThere;
      if (declined) leave();
      else waitOn();
    });
  try {
    const outcome = await awaitDecision(deps, approval, over.signal);
    signal?.throwIfAborted();
    if (outcome?.state !== "open" || !declined) return outcome;
    await withdrawConsent(deps, approval);
    return { state: "failed", error: { code: "approval.refused", message: "whoever asked for it declined" } };
  } finally {
    leave();
    clearInterval(telling);
    clearTimeout(patience);
    signal?.removeEventListener("abort", leave);
  }
}

/** Whether the client's person goes there; true also where the client cannot show addresses. */
async function askByUrl(
  { ask, capabilities }: Exchange,
  { id, url, message }: { id: string; url: string; message: string },
  withdrawn: AbortSignal,
): Promise<boolean> {
  const elicitation = capabilities["elicitation"];
  if (!ask || typeof elicitation !== "object" || elicitation === null || !("url" in elicitation)) return true;
  const params = { mode: "url", elicitationId: id, url, message };
  const { action } = await ask({ method: "elicitation/create", params }, withdrawn);
  return action === "accept";
}
