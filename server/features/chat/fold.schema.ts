import type { RunEventView } from "../runs/schema.ts";
import type { CallForm } from "./forms.schema.ts";
import type { CallApproval, MessagePart, ToolPart } from "./turn.schema.ts";

export type TurnState = "queued" | "running" | "complete" | "stopped" | "failed";

/** What is known of a turn from its events so far. The same fold serves the page, the resumed executor and the stored message. */
export interface Turn {
  state: TurnState;
  /** Number of the last event folded in. */
  seq: number;
  steps: Step[];
  error?: { code: string; message: string };
  /** Place in the model's queue while the turn waits there. */
  queuePosition?: number;
  /** How many passages were withdrawn after an interruption and written anew. */
  withdrawn: number;
  usage?: { inputTokens: number; outputTokens: number; modelCalls: number; toolCalls: number };
}

/** One call of the model: what it wrote, and the tools it asked for. */
export interface Step {
  part: number;
  text: string;
  /** Whether the model finished; an unfinished passage is withdrawn when the turn is taken up again. */
  finished: boolean;
  calls: ToolPart[];
}

export const newTurn = (): Turn => ({ state: "queued", seq: 0, steps: [], withdrawn: 0 });

interface ChatEvents {
  content: { part: number; text: string };
  content_withdrawn: { part: number };
  model_done: {
    part: number;
    text: string;
    toolCalls: { callId: string; name: string; arguments: Record<string, unknown> }[];
  };
  tool_start: {
    callId: string;
    name: string;
    title: string;
    arguments: Record<string, unknown>;
    called?: ToolPart["called"];
  };
  run_started: { callId: string; runId: string };
  /** `secrets_required` too. */
  config_required: { callId: string } & Omit<CallForm, "kind" | "state">;
  form_answered: { callId: string; action: "accept" | "decline" };
  approval_required: { approvalId: string; callId: string; expiresAt?: string | null };
  approval_decided: { approvalId: string; callId: string; decision: string; by: string | null; comment?: string };
  tool_result: { callId: string; result: unknown; failed: boolean; durationMs: number };
  queue: { position: number };
  done: { usage?: Turn["usage"] };
  error: { code: string; message: string };
}

const stepAt = (turn: Turn, part: number): Step => {
  let step = turn.steps.find((s) => s.part === part);
  if (!step) turn.steps.push((step = { part, text: "", finished: false, calls: [] }));
  return step;
};

/** Folds one event into the turn, in place. Events come in order; one that is known already changes nothing. */
export function foldEvent(turn: Turn, event: RunEventView): Turn {
  if (event.seq <= turn.seq) return turn;
  turn.seq = event.seq;
  const as = <K extends keyof ChatEvents>() => event.data as unknown as ChatEvents[K]; // written by execute-turn.ts with these shapes
  if (event.type !== "queue") delete turn.queuePosition;
  switch (event.type) {
    case "status":
      turn.state = "running";
      break;
    case "queue":
      turn.queuePosition = as<"queue">().position;
      break;
    case "content":
      stepAt(turn, as<"content">().part).text += as<"content">().text;
      break;
    case "content_withdrawn":
      turn.steps = turn.steps.filter(({ part }) => part !== as<"content_withdrawn">().part);
      turn.withdrawn++;
      break;
    case "model_done": {
      const { part, text, toolCalls } = as<"model_done">();
      const step = stepAt(turn, part);
      step.text = text;
      step.finished = true;
      step.calls = toolCalls.map((call) => ({
        type: "tool",
        ...call,
        title: call.name,
        state: "running",
        result: undefined,
      }));
      break;
    }
    case "tool_start": {
      const { callId, title, called } = as<"tool_start">();
      const call = findCall(turn, callId);
      if (call) Object.assign(call, { title, startedAt: event.at, ...(called ? { called } : {}) });
      break;
    }
    case "run_started": {
      const { callId, runId } = as<"run_started">();
      const call = findCall(turn, callId);
      if (call) call.runId = runId;
      break;
    }
    case "config_required":
    case "secrets_required": {
      const { callId, ...form } = as<"config_required">();
      const call = findCall(turn, callId);
      if (call) call.form = { ...form, kind: event.type === "config_required" ? "config" : "secrets", state: "open" };
      break;
    }
    case "form_answered": {
      const { callId, action } = as<"form_answered">();
      const form = findCall(turn, callId)?.form;
      if (form) form.state = action === "accept" ? "given" : "declined";
      break;
    }
    case "approval_required": {
      const { callId, approvalId, expiresAt = null } = as<"approval_required">();
      const call = findCall(turn, callId);
      if (call) call.approval = { approvalId, state: "open", expiresAt };
      break;
    }
    case "approval_decided": {
      const { callId, decision, by, comment } = as<"approval_decided">();
      const approval = findCall(turn, callId)?.approval;
      if (approval) Object.assign(approval, { state: approvalState(decision), by, ...(comment ? { comment } : {}) });
      break;
    }
    case "tool_result": {
      const { callId, result, failed, durationMs } = as<"tool_result">();
      const call = findCall(turn, callId);
      if (call) Object.assign(call, { result, state: failed ? "failed" : "ok", durationMs });
      break;
    }
    case "done":
      turn.state = "complete";
      Object.assign(turn, { usage: as<"done">().usage });
      break;
    case "cancelled":
      turn.state = "stopped";
      endOpenCalls(turn);
      break;
    case "error":
      turn.state = "failed";
      endOpenCalls(turn);
      turn.error = { code: as<"error">().code, message: as<"error">().message };
      break;
  }
  return turn;
}

const DECIDED: Record<string, CallApproval["state"]> = {
  approve: "approved",
  "approval.expired": "expired",
  "approval.cancelled": "withdrawn",
};
const approvalState = (decision: string): CallApproval["state"] => DECIDED[decision] ?? "refused";

const findCall = (turn: Turn, callId: string): ToolPart | undefined =>
  turn.steps.flatMap(({ calls }) => calls).find((call) => call.callId === callId);

/** A turn that ended leaves nothing running. */
function endOpenCalls(turn: Turn): void {
  for (const { calls } of turn.steps) for (const call of calls) if (call.state === "running") call.state = "failed";
}

export const foldTurn = (events: readonly RunEventView[]): Turn => events.reduce(foldEvent, newTurn());

/** The turn as a message shows it. */
export function messageParts(turn: Turn): MessagePart[] {
  const parts: MessagePart[] = [];
  for (const { text, calls } of turn.steps) {
    if (text) parts.push({ type: "text", text });
    parts.push(...calls);
  }
  if (turn.error) parts.push({ type: "error", ...turn.error });
  return parts;
}
