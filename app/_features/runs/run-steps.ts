import type { TimelineGap, TimelineStep } from "#app/_ui/timeline/timeline.tsx";
import type { RunEventView, RunStatus } from "#server/features/runs/schema.ts";

export type StepKind = "wait" | "model" | "tool" | "interruption";

/** A step of a run as the timeline draws it, with what went in and what came out. */
export interface RunStep extends TimelineStep {
  kind: StepKind;
  input: unknown;
  output: unknown;
  /** Numbers of its first and last event. */
  events: { first: number; last: number };
}

export interface StepWords {
  waitWorker: string;
  waitWorkerDetail: string;
  modelCall: (n: number) => string;
  cutOff: string;
  interruption: string;
  interruptionDetail: (attempt: number) => string;
  queueGap: string;
  interruptedGap: string;
  consentGap: string;
  formGap: string;
}

/** A wait shorter than this is how quick a worker is woken, ms. */
const WORTH_SAYING = 500;

/**
 * What a run did when, read from its events: waits, calls of the model, calls of tools, interruptions. A call that is
 * not over has no end.
 */
export function runSteps(
  { createdAt }: { createdAt: Date },
  events: readonly RunEventView[],
  words: StepWords,
): RunStep[] {
  const steps: RunStep[] = [];
  const tools = new Map<string, RunStep>();
  /** Calls that wait for a person, with the gap that says so. */
  const asking = new Map<string, TimelineGap>();
  let model: (RunStep & { gaps: TimelineGap[]; spoke: boolean }) | undefined;
  let calls = 0;
  let outstanding = 0;
  let before = createdAt.getTime();

  const openModel = (at: number, seq: number) => {
    calls++;
    model = {
      id: `model-${calls}`,
      kind: "model",
      label: words.modelCall(calls),
      state: "running",
      from: at,
      to: null,
      gaps: [],
      spoke: false,
      input: undefined,
      output: undefined,
      events: { first: seq, last: seq },
    };
    steps.push(model);
  };
  const dropModel = () => {
    if (!model) return;
    steps.splice(steps.indexOf(model), 1);
    calls--;
    model = undefined;
  };
  const endQueue = (at: number) => {
    const gap = model?.gaps.at(-1);
    if (gap?.to === null) gap.to = at;
  };
  const closeModel = (at: number, state: RunStep["state"], detail?: string) => {
    if (!model) return;
    endQueue(at);
    Object.assign(model, { to: at, state, ...(detail ? { detail } : {}) });
    model = undefined;
  };

  const ask = (callId: string, at: number, reason: string) => {
    const step = tools.get(callId);
    if (!step) return;
    const gap: TimelineGap = { from: at, to: null, reason };
    step.gaps = [...(step.gaps ?? []), gap];
    asking.set(callId, gap);
  };
  const answered = (callId: string, at: number) => {
    const gap = asking.get(callId);
    if (gap) gap.to = at;
    asking.delete(callId);
  };

  for (const { seq, type, data, at: moment } of events) {
    const at = moment.getTime();
    if (model) model.events.last = seq;
    switch (type) {
      case "status": {
        const attempt = typeof data["attempt"] === "number" ? data["attempt"] : 1;
        if (attempt > 1) {
          if (model && !model.spoke) dropModel();
          else closeModel(before, "attention", words.cutOff);
          for (const step of tools.values())
            if (step.to === null)
              step.gaps = [...(step.gaps ?? []), { from: before, to: at, reason: words.interruptedGap }];
          steps.push({
            id: `interruption-${seq}`,
            kind: "interruption",
            label: words.interruption,
            state: "attention",
            detail: words.interruptionDetail(attempt),
            from: before,
            to: at,
            events: { first: seq, last: seq },
            input: undefined,
            output: undefined,
          });
        } else if (asking.size === 0 && at - before >= WORTH_SAYING)
          steps.push({
            id: "wait",
            kind: "wait",
            label: words.waitWorker,
            detail: words.waitWorkerDetail,
            state: "waiting",
            from: before,
            to: at,
            events: { first: seq, last: seq },
            input: undefined,
            output: undefined,
          });
        if (outstanding === 0) openModel(at, seq);
        break;
      }
      case "queue":
        if (model && model.gaps.at(-1)?.to !== null) model.gaps.push({ from: at, to: null, reason: words.queueGap });
        if (model) model.spoke = true;
        break;
      case "content":
        endQueue(at);
        if (model) model.spoke = true;
        break;
      case "model_done": {
        const asked = Array.isArray(data["toolCalls"]) ? data["toolCalls"] : [];
        outstanding = asked.length;
        if (model) model.output = { text: data["text"], toolCalls: asked };
        closeModel(at, "ok");
        break;
      }
      case "tool_start": {
        const step: RunStep = {
          id: `tool-${String(data["callId"])}`,
          kind: "tool",
          label: String(data["title"] ?? data["name"]),
          detail: String(data["name"]),
          state: "running",
          from: at,
          to: null,
          events: { first: seq, last: seq },
          input: data["arguments"],
          output: undefined,
        };
        tools.set(String(data["callId"]), step);
        steps.push(step);
        break;
      }
      case "approval_required":
        ask(String(data["callId"]), at, words.consentGap);
        break;
      case "config_required":
      case "secrets_required":
        ask(String(data["callId"]), at, words.formGap);
        break;
      case "approval_decided":
      case "form_answered":
        answered(String(data["callId"]), at);
        break;
      case "tool_result": {
        answered(String(data["callId"]), at);
        const step = tools.get(String(data["callId"]));
        outstanding = Math.max(0, outstanding - 1);
        if (step)
          Object.assign(step, {
            to: at,
            state: data["failed"] ? "fault" : "ok",
            output: data["result"],
            events: { first: step.events.first, last: seq },
          });
        if (outstanding === 0) openModel(at, seq);
        break;
      }
      case "done":
        if (model && !model.spoke) dropModel();
        closeAll(at, "ok");
        break;
      case "cancelled":
        closeAll(at, "idle");
        break;
      case "error":
        closeAll(at, "fault");
        break;
    }
    before = at;
  }
  return steps;

  function closeAll(at: number, state: RunStep["state"]) {
    closeModel(at, state);
    for (const callId of asking.keys()) answered(callId, at);
    for (const step of steps) if (step.to === null) Object.assign(step, { to: at, state });
  }
}

/** Whether a run can still be stopped. */
export const isOpen = (status: RunStatus): boolean =>
  status !== "completed" && status !== "failed" && status !== "cancelled" && status !== "timed_out";
