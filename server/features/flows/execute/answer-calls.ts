import type { FlowRunInput } from "../flow-input.ts";
import { setTimeout as pause } from "node:timers/promises";
import type { CallOp, CallRef } from "#server/engine/contract.ts";
import { AppError } from "#server/kernel/errors.ts";
import { ConsentNeeded } from "#server/mcp/consent.ts";
import type { Execution, RecordedCall, RunUsage } from "../../runs/index.ts";
import { INNER, runAgent } from "./agent-loop.ts";
import { ApprovalNews, askApproval, decideCall, type Asking } from "./ask-approval.ts";
import { askConsent, consentBefore } from "./ask-consent.ts";
import {
  AgentArgs,
  ApprovalArgs,
  FlowRunArgs,
  HttpReplyArgs,
  LlmArgs,
  parsedArgs,
  ToolCallArgs,
  ToolListArgs,
} from "./call-args.ts";
import { awaitChild, cancelChildren, startChild } from "./call-flow.ts";
import { askModel, completeLlm } from "./call-model.ts";
import { callTool, listTools, usableTool } from "./call-tool.ts";
import { DurableCalls } from "./durable-calls.ts";
import type { FlowDeps } from "./flow-executor.ts";

/** What code without a flow may ask for (code mode). */
const OF_CODE: ReadonlySet<CallOp> = new Set<CallOp>(["tool.list", "tool.call", "flow.run"]);
/** A call that may take days, and what it waits for. */
interface Wait {
  step: number;
  kind: "question" | "decision";
  /** People can answer: before that the run must not be given up, because nothing would wake it. */
  asked: boolean;
  /** The engine does not know by itself that it takes long. */
  unforeseen: boolean;
}

/** How soon after a cancel its children are looked at, again and again while the run is not over. */
const LOOK_MS = [50, 300, 1_000, 3_000];

/** Answers what the nodes of one run ask for: each call once (see DurableCalls), with the rights of who started it. */
export class CallAnswers {
  readonly #deps: FlowDeps;
  readonly #execution: Execution;
  readonly #signal: AbortSignal;
  readonly #calls: DurableCalls;
  readonly #news: ApprovalNews;
  readonly #waits = new Map<string, Wait>();
  readonly #children = new Set<string>();
  readonly #onWait: () => void;

  /** `onWait`: something waits for people that the engine takes for work. */
  constructor(
    deps: FlowDeps,
    execution: Execution,
    { signal, known, onWait }: { signal: AbortSignal; known: RecordedCall[] | null; onWait: () => void },
  ) {
    this.#deps = deps;
    this.#execution = execution;
    this.#signal = signal;
    this.#calls = new DurableCalls(execution, signal, known ?? []);
    this.#news = new ApprovalNews(deps, execution, known !== null);
    this.#onWait = onWait;
  }

  /** Steps that wait for people. */
  get waitingSteps(): Set<number> {
    return new Set([...this.#waits.values()].map(({ step }) => step));
  }
  /** Whether all that is under way waits for people, who have been asked. */
  get onlyWaits(): boolean {
    const waits = [...this.#waits.values()];
    return waits.length > 0 && waits.length === this.#calls.underWay && waits.every(({ asked }) => asked);
  }
  /** The same, and the engine takes some of it for work. */
  get onlyUnforeseenWaits(): boolean {
    return this.onlyWaits && [...this.#waits.values()].some(({ unforeseen }) => unforeseen);
  }
  /** Resolves when `onlyWaits` is settled: false where something has an answer meanwhile. */
  async settled(): Promise<boolean> {
    const waits = this.#waits.size;
    const asking = () => this.#waits.size === waits && this.#calls.underWay === waits && !this.onlyWaits;
    if (waits > 0) while (asking()) await pause(10);
    return this.onlyWaits;
  }
  get suspension(): "waiting" | "needs_decision" {
    return [...this.#waits.values()].some(({ kind }) => kind === "decision") ? "needs_decision" : "waiting";
  }

  /** Over all attempts, as far as the calls came to an end. */
  get usage(): RunUsage {
    const usage = { inputTokens: 0, outputTokens: 0, modelCalls: 0, toolCalls: 0 };
    for (const { op, result, state } of this.#calls.ended) {
      if (op === "tool.call") usage.toolCalls++;
      if (op !== "llm.complete" || state === "failed") continue;
      const spent = (result as { usage?: { inputTokens: number; outputTokens: number } }).usage; // written below
      usage.modelCalls++;
      usage.inputTokens += spent?.inputTokens ?? 0;
      usage.outputTokens += spent?.outputTokens ?? 0;
    }
    return usage;
  }

  /** Rejects with AppError, or with the signal's reason. */
  async answer(ref: CallRef, op: CallOp, args: unknown): Promise<unknown> {
    if (ref.n >= INNER && op !== "approval.request")
      throw new AppError("unprocessable", "flow.too-many-calls", `A step may make ${INNER - 1} calls at most`);
    const execution = this.#execution;
    const { code } = execution.run.input as unknown as FlowRunInput; // of a run of a flow
    if (code !== undefined && !OF_CODE.has(op))
      throw new AppError("forbidden", "code.operation", "Code may call tools and flows, and nothing else");
    switch (op) {
      case "tool.list":
        // Only read, and different the next time: nothing to keep.
        return listTools(this.#deps, execution.actor, parsedArgs(ToolListArgs, op, args).server);
      case "tool.call":
        return this.#tool(ref, parsedArgs(ToolCallArgs, op, args));
      case "llm.complete": {
        const request = parsedArgs(LlmArgs, op, args);
        return this.#calls.make({
          ref,
          op,
          args,
          act: () => completeLlm(this.#deps, execution, request, this.#signal),
        });
      }
      case "agent.run":
        return this.#agent(ref, args);
      case "flow.run":
        return this.#flow(ref, args);
      case "approval.request": {
        const { kind, ...question } = parsedArgs(ApprovalArgs, op, args);
        const wait: Wait = { step: ref.step, kind, asked: false, unforeseen: false };
        const ask = (asking: Asking) =>
          askApproval(this.#deps, execution, this.#news, { ref, kind, ...question }, asking);
        return this.#calls.make({
          ref,
          op,
          args,
          act: () => this.#waiting(wait, ref, ask),
        });
      }
      case "http.reply": {
        const reply = parsedArgs(HttpReplyArgs, op, args);
        return this.#calls.make({
          ref,
          op,
          args: { statusCode: reply.statusCode },
          atOnce: true,
          act: async () => void execution.emit("http_reply", { ...reply }),
        });
      }
    }
  }

  /** When the run is left: where it is over soon, the runs that it waits for are ended too. */
  async release(): Promise<void> {
    const { run, log } = this.#execution;
    for (const ms of this.#children.size > 0 ? LOOK_MS : []) {
      await pause(ms);
      try {
        const now = await this.#deps.db.run.findUnique({ where: { id: run.id }, select: { endedAt: true } });
        if (now && !now.endedAt) continue;
        return await cancelChildren(this.#deps, this.#execution, this.#children);
      } catch (err) {
        log.warn({ err }, "the runs that an ended run waited for could not be ended");
      }
    }
  }

  async #tool(ref: CallRef, { name, args }: { name: string; args: Record<string, unknown> }) {
    const call = { name, args };
    return this.#calls.make({
      ref,
      op: "tool.call",
      args: call,
      again: async () => {
        const tool = await usableTool(this.#deps, this.#execution, name);
        const before = await consentBefore(this.#deps, this.#execution, this.#news, ref);
        if (before.left === false) return { repeat: true };
        if (tool.repeatable) return before.giveBack();
        const open = { ref, what: `the call of ${name}`, args };
        const wait: Wait = { step: ref.step, kind: "decision", asked: false, unforeseen: true };
        const decided = await this.#waiting(wait, ref, (asking) =>
          decideCall(this.#deps, this.#execution, this.#news, open, asking),
        );
        if (decided.repeat) return before.giveBack();
        const { value } = decided;
        return { repeat: false, result: { failed: false, value, text: textOf(value), durationMs: 0 } };
      },
      act: async () => {
        const tool = await usableTool(this.#deps, this.#execution, name);
        const go = () =>
          callTool(this.#deps, this.#execution, tool, args, { key: this.#key(ref), signal: this.#signal });
        try {
          return await go();
        } catch (error) {
          if (!(error instanceof ConsentNeeded)) throw error;
          const wait: Wait = { step: ref.step, kind: "question", asked: false, unforeseen: true };
          await this.#waiting(wait, ref, (asking) =>
            askConsent(this.#deps, this.#execution, this.#news, { ref, call: error.call }, asking),
          );
          return go();
        }
      },
    }) as ReturnType<typeof callTool>; // what `act` and `again` answer
  }

  #agent(ref: CallRef, args: unknown): Promise<unknown> {
    const request = parsedArgs(AgentArgs, "agent.run", args);
    const ways: Parameters<typeof runAgent>[4] = {
      ask: (inner, messages, tools) =>
        this.#calls.make({
          ref: inner,
          op: "llm.complete",
          args: { tier: request.tier, agent: true },
          act: () => askModel(this.#deps, this.#execution, { tier: request.tier, messages, tools }, this.#signal),
        }) as ReturnType<typeof askModel>, // what `act` answers
      use: (inner, { name }, toolArgs) => this.#tool(inner, { name, args: toolArgs }),
    };
    return this.#calls.make({
      ref,
      op: "agent.run",
      args,
      act: () => runAgent(this.#deps, this.#execution, ref, request, ways),
    });
  }

  #flow(ref: CallRef, args: unknown): Promise<unknown> {
    const { flow, payload, wait } = parsedArgs(FlowRunArgs, "flow.run", args);
    return this.#calls.make({
      ref,
      op: "flow.run",
      args,
      act: async () => {
        const child = await startChild(this.#deps, this.#execution, { flow, payload }, this.#key(ref));
        if (!wait) return { ...child, output: null };
        this.#children.add(child.runId);
        const ended = await awaitChild(this.#deps, child.runId, this.#signal);
        this.#children.delete(child.runId);
        return ended;
      },
    });
  }

  async #waiting<T>(wait: Wait, { step, n }: CallRef, ask: (asking: Asking) => Promise<T>): Promise<T> {
    const key = `${step}/${n}`;
    this.#waits.set(key, wait);
    const asked = () => {
      wait.asked = true;
      if (wait.unforeseen) this.#onWait();
    };
    try {
      return await ask({ signal: this.#signal, asked });
    } finally {
      this.#waits.delete(key);
    }
  }

  /** Sent along, so that whoever is called recognises a repetition. */
  #key({ step, n }: CallRef): string {
    return `${this.#execution.run.id}/${step}/${n}`;
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? null));
