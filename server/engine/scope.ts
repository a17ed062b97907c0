import type { NodeDef } from "#server/engine/contract.ts";
import { currentFrame } from "#server/engine/frame.ts";
import type { FlowNode, Level, Message } from "#server/engine/node.ts";
import type { Plan } from "#server/engine/plan.ts";
import type { Run } from "#server/engine/run.ts";

export type ScopeKind = "global" | "flow" | "subflow" | "group";

/** A value of the environment: objects are handed out as copies. */
export type EnvValue = { copied: unknown } | { plain: unknown };

/**
 * A tab, an instance of a subflow, a group or the whole: where environment variables are looked up and where catch, status
 * and complete nodes listen. The modules know it as `node._flow`. After @node-red/runtime's Flow, Subflow and Group.
 */
export class Scope {
  readonly plan: Plan;
  /** Named as the modules and @node-red/util know it. */
  readonly TYPE: ScopeKind;
  readonly parent: Scope | null;
  readonly def: NodeDef;
  readonly id: string;
  readonly path: string;
  readonly env = new Map<string, EnvValue>();
  readonly groups = new Map<string, Scope>();
  /** Node ids, in the order in which they are asked. */
  catches: string[] = [];
  statuses: string[] = [];
  /** Node id → complete nodes that listen to it. */
  readonly completes = new Map<string, string[]>();
  /** A subflow that decides about its status itself. */
  ownStatus = false;

  constructor(plan: Plan, kind: ScopeKind, parent: Scope | null, def: NodeDef) {
    this.plan = plan;
    this.TYPE = kind;
    this.parent = parent;
    this.def = def;
    this.id = def.id;
    this.path = kind === "subflow" && parent ? `${parent.path}/${String(def["_alias"] ?? def.id)}` : def.id;
  }

  /** The tab or subflow instance as Node-RED shows it to nodes. */
  get flow(): NodeDef {
    return this.def;
  }

  getSetting(name: string): unknown {
    const special = this.#special(name);
    if (special !== undefined) return special.value;
    let key = name;
    if (key.startsWith("$parent.")) key = key.slice("$parent.".length);
    else {
      const value = this.env.get(key);
      if (value) return "copied" in value ? this.plan.util.cloneMessage(value.copied) : value.plain;
    }
    if (this.TYPE === "subflow" && this.def.g) {
      const group = this.parent?.getGroupNode(this.def.g);
      if (group) return group.getSetting(key);
    }
    return this.parent?.getSetting(key);
  }

  #special(name: string): { value: unknown } | undefined {
    const { def } = this;
    if (this.TYPE === "flow") {
      if (name === "NR_FLOW_NAME") return { value: def["label"] };
      if (name === "NR_FLOW_ID") return { value: def.id };
    } else if (this.TYPE === "group") {
      if (name === "NR_GROUP_NAME") return { value: def.name };
      if (name === "NR_GROUP_ID") return { value: def.id };
    } else if (this.TYPE === "subflow") {
      if (name === "NR_NODE_NAME" || name === "NR_SUBFLOW_NAME") return { value: def.name };
      if (name === "NR_NODE_ID" || name === "NR_SUBFLOW_ID") return { value: def.id };
      if (name === "NR_NODE_PATH" || name === "NR_SUBFLOW_PATH") return { value: this.path };
    }
    return undefined;
  }

  getGroupNode(id: string): Scope | undefined {
    return this.groups.get(id);
  }
  getNode(id: string): FlowNode | undefined {
    return currentFrame()?.run?.node(id);
  }
  getContext(scope: "flow" | "global"): unknown {
    if (scope === "flow" && this.TYPE === "group") return this.parent?.getContext(scope);
    return scope === "global" ? this.plan.globalContext : this.plan.flowContext(this);
  }
  log(node: FlowNode, level: Level, message: unknown): void {
    const run = currentFrame()?.building ? null : node.run();
    if (run) run.log(node, level, message);
    else this.plan.log(node, level, message);
  }
  error(message: unknown): void {
    this.plan.log(null, "error", message);
  }

  /** Nodes of a kind that listen to `reporter`: those of its own group first, then of the groups around it. */
  #listeners(ids: readonly string[], reporter: FlowNode, run: Run): FlowNode[] {
    const found: { distance: number; node: FlowNode }[] = [];
    for (const id of ids) {
      const node = run.node(id);
      if (!node) continue;
      const groupOnly = node.g !== undefined && node.scope === "group";
      if (groupOnly && !reporter.g) continue;
      if (Array.isArray(node.scope) && !node.scope.includes(reporter.id)) continue;
      let distance = 0;
      if (reporter.g) {
        let group = this.groups.get(reporter.g);
        while (group && group.id !== node.g) {
          distance++;
          group = group.def.g ? this.groups.get(group.def.g) : undefined;
        }
        if (!group && groupOnly) continue;
      }
      found.push({ distance, node });
    }
    return found.sort((a, b) => a.distance - b.distance).map(({ node }) => node);
  }

  handleStatus(node: FlowNode, status: Record<string, unknown>, reporter = node, muted = false): boolean {
    const run = node.run();
    // what constructors show is said at a deploy in Node-RED, and would begin every run here
    if (!run || currentFrame()?.building) return false;
    if (!muted) {
      if ("text" in status && typeof status["text"] !== "string") status["text"] = text(status["text"]);
      run.statusOf(node, status);
    }
    let handled = false;
    if (this.TYPE === "global") {
      for (const user of Object.values(node.users ?? {}))
        handled = user._flow.handleStatus(node, status, user, true) || handled;
      return handled;
    }
    for (const listener of this.#listeners(this.statuses, reporter, run)) {
      const told = this.plan.util.cloneMessage(status) as Record<string, unknown>; // of an object an object
      if ("text" in status) told["text"] = text(status["text"]);
      told["source"] = sourceOf(node);
      listener.receive({ status: told });
      handled = true;
    }
    if (!handled && this.TYPE === "subflow") {
      const instance = run.node(this.def.id);
      if (instance && (!this.ownStatus || node === instance))
        handled = this.parent?.handleStatus(node, status, instance, true) ?? false;
    }
    return handled;
  }

  handleError(node: FlowNode, problem: unknown, msg: Message, reporter = node): boolean {
    const run = node.run();
    if (!run) return false;
    let count = 1;
    const before = msg["error"] as { source?: { id?: string; count?: number } } | undefined; // as written below
    if (before?.source?.id === node.id) {
      count = (before.source.count ?? 0) + 1;
      if (count === 10) {
        node.warn(this.plan.translate("nodes.flow.error-loop"));
        return false;
      }
    }
    let handled = false;
    if (this.TYPE === "global") {
      for (const user of Object.values(node.users ?? {}))
        handled = user._flow.handleError(node, problem, msg, user) || handled;
      return handled;
    }
    let byUncaught = false;
    for (const listener of this.#listeners(this.catches, reporter, run)) {
      if (listener.uncaught && !byUncaught) {
        if (handled) continue;
        byUncaught = true;
      }
      const told = this.plan.util.cloneMessage(msg) as Message; // of a message a message
      if (Object.hasOwn(told, "error")) told["_error"] = told["error"];
      told["error"] = { message: text(problem), source: { ...sourceOf(node), count }, ...detailOf(problem) };
      listener.receive(told);
      handled = true;
    }
    if (!handled && this.TYPE === "subflow") {
      const instance = run.node(this.def.id);
      handled = this.parent?.handleError(node, problem, msg, instance ?? node) ?? false;
    }
    return handled;
  }

  handleComplete(node: FlowNode, msg: Message): void {
    const listeners = this.completes.get(node.id);
    if (!listeners) return;
    for (const id of listeners) {
      const told = this.plan.util.cloneMessage(msg) as Message; // of a message a message
      told["complete"] = { source: sourceOf(node) };
      node.run()?.node(id)?.receive(told);
    }
  }

  /** Notes who listens: catch nodes with a scope first, then those for all, then those for what is uncaught. */
  listen(nodes: readonly NodeDef[]): void {
    const rank = (def: NodeDef) => (def["scope"] ? 0 : def["uncaught"] ? 2 : 1);
    const of = (type: string) => nodes.filter((def) => def.type === type);
    this.catches = of("catch")
      .sort((a, b) => rank(a) - rank(b))
      .map(({ id }) => id);
    this.statuses = of("status").map(({ id }) => id);
    for (const { id, wires, ...def } of of("complete")) {
      const next = new Set(wires?.flat());
      for (const watched of Array.isArray(def["scope"]) ? (def["scope"] as string[]) : [])
        if (!next.has(watched)) this.completes.set(watched, [...(this.completes.get(watched) ?? []), id]);
    }
  }
}

const sourceOf = (node: FlowNode) => ({ id: node.id, type: node.type, name: node.name });

function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "";
  }
}

function detailOf(problem: unknown): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (typeof problem !== "object" || problem === null) return out;
  for (const key of ["code", "stack", "cause"])
    if (Object.hasOwn(problem, key)) out[key] = (problem as Record<string, unknown>)[key];
  return out;
}
