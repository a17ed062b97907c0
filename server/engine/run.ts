import type { EngineEvent, EngineHost, RunLimits, Start } from "#server/engine/contract.ts";
import { ContextStore } from "#server/engine/contexts.ts";
import type { Ended, EngineClock } from "#server/engine/engine-types.ts";
import type { Expected } from "#server/engine/expected.ts";
import { currentFrame, type Frame } from "#server/engine/frame.ts";
import { createDice, type Dice } from "#server/engine/ids.ts";
import { buildInstances } from "#server/engine/instances.ts";
import { eventOf } from "#server/engine/links.ts";
import type { FlowNode, Level, Message } from "#server/engine/node.ts";
import { Outputs } from "#server/engine/outputs.ts";
import type { Plan } from "#server/engine/plan.ts";
import { Recorder, type Turn } from "#server/engine/recorder.ts";
import { codeOf, messageOf } from "#server/engine/problems.ts";
import { BLANK, type Step } from "#server/engine/step.ts";
import { RunTimers, type Gap, type Soon, type Timer } from "#server/engine/timers.ts";
import type { Inbox } from "#server/engine/inbox.ts";
import { newStep } from "#server/engine/new-step.ts";
import { soon, wake } from "#server/engine/pending.ts";
import { Returns } from "#server/engine/returns.ts";
import { Queue } from "#server/engine/queue.ts";
import { checkEnd, endRun } from "#server/engine/end.ts";
import { deliver } from "#server/engine/deliver.ts";
import { settle } from "#server/engine/work.ts";
import { route } from "#server/engine/route.ts";

/** Characters of a log entry. */
const LONGEST_LOG = 10_000;

export interface RunSettings {
  id: string;
  plan: Plan;
  host: EngineHost;
  clock: EngineClock;
  limits: RunLimits;
  record: boolean;
  /** Null: records are handed over one by one. */
  turn: Turn | null;
  eager: boolean;
  gaps: Gap[];
  /** When it began for the first time. */
  began: number;
  /** Called once. */
  ended: (how: Ended) => void;
}

/**
 * One execution of a plan: its own instances of nodes, the messages under way, timers and records. What it does is in the
 * files beside: route.ts (a node sends), queue.ts, deliver.ts (a node gets), inbox.ts (stateful nodes), calls.ts, end.ts, recover.ts.
 */
export class Run {
  readonly id: string;
  readonly plan: Plan;
  readonly host: EngineHost;
  readonly clock: EngineClock;
  readonly limits: RunLimits;
  readonly eager: boolean;
  readonly began: number;
  /** Null: nothing is recorded. */
  readonly recorder: Recorder | null;
  readonly timers: RunTimers;
  readonly outputs = new Outputs();
  /** Steps that have been delivered and have not ended. */
  readonly open = new Map<number, Step>();
  readonly queue = new Queue(this);
  readonly #nodes = new Map<string, FlowNode>();
  readonly #lastSteps = new Map<FlowNode, Step>();
  readonly #dice = new Map<string, Dice>();
  readonly #settings: RunSettings;
  readonly store = new ContextStore();
  /** Nodes whose context has been given its initial values. */
  readonly begunContexts = new Set<string>();
  expected: Expected | undefined;
  readonly returns = new Returns();
  /** Of a run that is gone on with: the nodes of the steps of its log. */
  readonly senders = new Map<number, string>();
  seq = 0;
  immediates = 0;
  /** Writes to node contexts so far. */
  writes = 0;
  /** Deliveries are kept back while a run is recovered. */
  held = true;
  /** Things to do before the run may end (recovery, decisions). */
  pending = 0;
  checking = false;
  /** Its last records are being made. */
  ending = false;
  ended = false;
  cancelWaiting: (() => void) | undefined;
  /** The first error that no catch node took, by step. */
  uncaught: { seq: number; error: { code: string; message: string } } | undefined;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    this.id = settings.id;
    this.plan = settings.plan;
    this.host = settings.host;
    this.clock = settings.clock;
    this.limits = settings.limits;
    this.eager = settings.eager;
    this.began = settings.began;
    this.recorder = settings.record ? new Recorder(settings.host, settings.id, settings.turn) : null;
    this.timers = new RunTimers(settings.clock, settings.gaps, (owner) => wake(this, owner));
    buildInstances(this.plan, this.plan.own, this.#nodes, this);
  }

  node(id: string): FlowNode | undefined {
    return this.#nodes.get(id) ?? this.plan.shared.get(id);
  }
  /** Node instances of this run alone. */
  get nodes(): Iterable<FlowNode> {
    return this.#nodes.values();
  }
  isStateful(node: FlowNode): boolean {
    return node._entry.keeping === "stateful";
  }
  inbox(node: FlowNode): Inbox {
    return this.queue.inbox(node);
  }

  // ── what begins it

  begin(start: Start, msg: Message): void {
    const node = this.node(start.node);
    if (!node) return; // looked up by the engine before
    msg._msgid ??= this.plan.util.generateId();
    const step = this.newStep(node, null, null, msg);
    if (step) this.queue.add(step, node, msg);
    this.release();
  }

  /** Lets deliveries and timers go. */
  release(): void {
    this.held = false;
    this.timers.start();
    this.queue.release();
    this.check();
  }

  // ── what nodes do

  send(node: FlowNode, msg: unknown): void {
    if (!this.ended) route(this, node, currentFrame()?.step ?? this.#lastSteps.get(node) ?? null, msg);
  }

  /** A message that does not come by a wire: to catch, status, complete and link nodes, at once as in Node-RED. */
  receive(node: FlowNode, msg: Message): void {
    if (this.ended) return;
    msg._msgid ??= this.plan.util.generateId();
    const frame = currentFrame();
    const sender = frame?.step ?? (frame?.node ? this.#lastSteps.get(frame.node) : undefined) ?? null;
    if (this.alreadySent(frame?.node ?? null, sender, false, node.id)) {
      this.#returnAgain(msg);
      return;
    }
    const step = this.newStep(node, sender, -1, msg);
    if (!step) return;
    if (sender?.direct || this.isStateful(node)) this.queue.add(step, node, msg, sender?.direct);
    else deliver(this, step, node, msg);
  }

  /** What came back before the run was interrupted comes back now. */
  #returnAgain(msg: Message): void {
    const event = eventOf(msg);
    const back = event === undefined ? undefined : this.returns.take(event);
    if (!back) return;
    this.pending++;
    setImmediate(() => {
      this.pending--;
      if (!this.ended) back();
      this.check();
    });
  }

  alreadySent(node: FlowNode | null, sender: Step | null, wire: boolean, target: string): boolean {
    const stateful = node !== null && this.isStateful(node);
    return this.expected?.takes(sender, stateful, wire, target) ?? false;
  }

  newStep(node: FlowNode, from: Step | null, port: number | null, msg: Message): Step | null {
    return newStep(this, node, from, port, msg);
  }

  note(node: FlowNode, step: Step): void {
    this.#lastSteps.set(node, step);
  }

  failed(node: FlowNode, problem: unknown, handled: boolean): void {
    const step = currentFrame()?.step ?? this.#lastSteps.get(node);
    if (this.held && step?.replayed) return;
    const error = { code: codeOf(problem), message: messageOf(problem) };
    if (step) step.error ??= error;
    const seq = step?.seq ?? this.seq;
    if (!handled && (!this.uncaught || seq < this.uncaught.seq)) this.uncaught = { seq, error };
  }

  /** Stands for a step that is over, for what is sent on its behalf nevertheless. */
  endedStep(seq: number, node: FlowNode): Step {
    return {
      ...BLANK,
      seq,
      node: node.id,
      type: node.type,
      name: node.name,
      from: null,
      port: null,
      sender: null,
      at: 0,
    };
  }

  log(node: FlowNode, level: Level, message: unknown): void {
    if (level !== "debug" && level !== "trace")
      this.event("log", { node: node.id, level, message: messageOf(message).slice(0, LONGEST_LOG) });
  }

  statusOf(node: FlowNode, status: Record<string, unknown>): void {
    const raw = status["text"];
    const text = typeof raw === "string" ? this.plan.statusText(raw) : undefined;
    const step = currentFrame()?.step;
    if (step && (text !== undefined || step.statusText !== undefined)) step.statusText = text ?? "";
    this.event("node_status", { node: node.id, text: text ?? "", fill: status["fill"], shape: status["shape"] });
  }

  event(type: EngineEvent["type"], data: Record<string, unknown>): void {
    const toldBefore = this.held && currentFrame()?.step?.replayed;
    if (!this.ended && !toldBefore) this.recorder?.event(type, data);
  }

  /** Chance of the frame: the same whenever its step is executed. */
  dice(frame: Frame): Dice {
    if (frame.step) return (frame.step.dice ??= createDice(`${this.id} ${frame.step.seq}`));
    const place = `${this.id} ${frame.node?.id ?? ""}`;
    let dice = this.#dice.get(place);
    if (!dice) this.#dice.set(place, (dice = createDice(place)));
    return dice;
  }

  // ── timers

  setTimer(frame: Frame, fn: () => void, ms: number, repeat: boolean): Timer {
    return this.timers.add(frame, fn, ms, repeat);
  }
  clearTimer(timer: Timer): void {
    this.timers.clear(timer);
    this.check();
  }
  timerCounted(frame: Frame, by: 1 | -1): void {
    const { step } = frame;
    if (!step || this.ended) return;
    step.timers += by;
    if (by < 0) settle(this, step);
  }
  setImmediate(frame: Frame, fn: () => void): Soon {
    return soon(this, frame, fn);
  }

  // ── how it goes on and ends

  async commit(): Promise<void> {
    await this.recorder?.commit();
  }
  check(): void {
    checkEnd(this);
  }
  /** Ends it at once. */
  fail(code: string, message: string): void {
    endRun(this, { status: "failed", error: { code, message } });
  }
  interrupt(reason: string): void {
    endRun(this, { status: "interrupted", reason });
  }
  drop(): void {
    endRun(this, { status: "dropped" });
  }
  tellEnded(how: Ended): void {
    this.#settings.ended(how);
  }
}
