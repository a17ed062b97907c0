import { EventEmitter } from "node:events";
import { AppError } from "#server/kernel/errors.ts";
import { RUN_LIMITS, type RunLimits } from "#server/engine/contract.ts";
import { callHost } from "#server/engine/calls.ts";
import { ContextStore } from "#server/engine/contexts.ts";
import type { Ended, Engine, EngineKit, EngineOptions, StartRun } from "#server/engine/engine-types.ts";
import { currentFrame, inFrame } from "#server/engine/frame.ts";
import { linkBytes } from "#server/engine/links.ts";
import { createLoader } from "#server/engine/loader.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import { createOsfClient } from "#server/engine/osf-client.ts";
import { createPlan } from "#server/engine/create-plan.ts";
import type { Plan } from "#server/engine/plan.ts";
import { gapsOf, recover } from "#server/engine/recover.ts";
import { Turn } from "#server/engine/recorder.ts";
import { Registry } from "#server/engine/registry.ts";
import { Run } from "#server/engine/run.ts";
import { restore } from "#server/engine/snapshot.ts";
import { createInjectedGlobals, systemTime } from "#server/engine/injected.ts";

/** See engine-types.ts for what it does. Everything is in memory; what lasts is the host's. */
export function createEngine(options: EngineOptions): Engine {
  const clock = options.clock ?? systemTime;
  const limits: RunLimits = { ...RUN_LIMITS, ...options.limits };
  const onLog = options.onLog ?? (() => undefined);
  const globals = createInjectedGlobals(clock);
  const loader = createLoader(globals, linkBytes);
  const anyId = loader.util.generateId;
  loader.util.generateId = () => {
    const frame = currentFrame();
    return frame?.run ? frame.run.dice(frame).id() : anyId();
  };
  const contexts = new ContextStore();
  const turn = new Turn();
  const events = new EventEmitter().setMaxListeners(0);
  const plans = new Map<string, Promise<Plan>>();
  const ready = new Map<string, Plan>();
  const runs = new Map<string, Run>();

  const kit: EngineKit = {
    limits,
    timers: globals,
    currentFrame,
    inFrame,
    call: callHost,
    linkId: () => linkBytes(14).toString("hex"),
    planOf: (node: FlowNode) => node._flow.plan,
    interrupt: (runId, reason) => runs.get(runId)?.interrupt(reason),
  };
  const settings = {
    httpNodeRoot: "/",
    ...options.settings,
    osf: createOsfClient(kit, options),
  };
  const registry = new Registry(
    loader,
    { settings, events, onLog },
    { overrides: options.overrides ?? {}, packages: options.packages ?? [], kit },
  );
  const statusText = (text: string) =>
    /^[\w-]+(\.[\w-]+)+$/.test(text) && registry.catalogues.has("node-red", text)
      ? registry.catalogues.translator("node-red")(text)
      : text;
  const own: Record<string, string> = { "nodes.flow.error-loop": "Message exceeded maximum number of catches" };
  const parts = {
    util: loader.util,
    contexts,
    events,
    translate: (key: string) => own[key] ?? key,
    statusText,
    hasCredentials: (type: string) => registry.hasCredentials(type),
    onLog,
  };

  return {
    async plan(graph) {
      let planning = plans.get(graph.key);
      if (!planning) {
        planning = createPlan(graph, parts, (def) => registry.typeOf(def));
        plans.set(graph.key, planning);
      }
      try {
        ready.set(graph.key, await planning);
      } catch (error) {
        plans.delete(graph.key);
        throw error;
      }
    },

    async forget(key) {
      for (const run of runs.values()) if (run.plan.key === key) run.drop();
      const planning = plans.get(key);
      plans.delete(key);
      ready.delete(key);
      (await planning?.catch(() => undefined))?.close();
    },

    start(given) {
      const plan = ready.get(given.graph);
      if (!plan) throw new AppError("bug", "flow.not-planned", `The graph ${given.graph} was not planned`);
      if (!plan.entry(given.start.node))
        throw new AppError(
          "unprocessable",
          "flow.start-node",
          "The node that this run is to start at is not in the flow",
        );
      return new Promise<Ended>((resolve) => {
        const now = clock.now();
        const gaps = gapsOf(given.log, now);
        const run = new Run({
          id: given.runId,
          plan,
          host: options.host,
          clock,
          limits,
          record: given.record !== false,
          turn: options.flush === "each" ? null : turn,
          eager: given.eager === true,
          gaps,
          began: given.log?.steps[0]?.at ?? now,
          ended: (how) => {
            if (runs.get(given.runId) === run) runs.delete(given.runId);
            resolve(how);
          },
        });
        runs.set(given.runId, run);
        const gap = gaps.at(-1);
        if (gap) run.event("interruption", { ...gap });
        if (!given.log || given.log.steps.length === 0) run.begin(given.start, firstMessage(plan, given));
        else recover(run, given.log).catch((error) => run.fail("run.recovery", recoveryFailed(error)));
      });
    },

    drop: (runId) => runs.get(runId)?.drop(),
    setContexts: (writes, whole) => contexts.load(writes, whole),
    get runs() {
      return runs.size;
    },
    async close() {
      for (const run of runs.values()) run.drop();
      await Promise.all([...plans.keys()].map((key) => this.forget(key)));
    },
  };
}

const recoveryFailed = (error: unknown) =>
  `The run could not be gone on with from what is recorded: ${error instanceof Error ? error.message : String(error)}`;

/** An inject node makes its message from its properties, those of `set` in place of its own. */
function firstMessage(plan: Plan, { start }: StartRun): Message {
  const entry = plan.entry(start.node);
  const msg = (start.msg === undefined ? {} : restore(start.msg)) as Message; // messages are objects
  if (entry?.type !== "inject") return msg;
  if (start.msg !== undefined) return { ...msg, __user_inject_props__: [] };
  if (!start.set) return msg;
  const set = new Map(Object.entries(start.set));
  const props = (plan.shared.get(start.node) as { props?: { p: string }[] } | undefined)?.props ?? []; // InjectNode's
  return {
    ...msg,
    __user_inject_props__: [
      ...props.filter(({ p }) => !set.has(p)),
      ...[...set].map(([p, value]) => ({ p, v: JSON.stringify(value), vt: "json" })),
    ],
  };
}
