import type { EventEmitter } from "node:events";
import type { Graph } from "#server/engine/contract.ts";
import { ContextStore, createContext, type Context, type NodeContext } from "#server/engine/contexts.ts";
import type { PlanHandle } from "#server/engine/engine-types.ts";
import type { NodeConstructor } from "#server/engine/facade.ts";
import { closeNode } from "#server/engine/end.ts";
import { buildInstances } from "#server/engine/instances.ts";
import type { NodeRedUtil } from "#server/engine/loader.ts";
import type { FlowNode, Level, OwnNode } from "#server/engine/node.ts";
import { messageOf } from "#server/engine/problems.ts";
import type { Scope } from "#server/engine/scope.ts";
import type { Effect, Keeping } from "#server/engine/types-table.ts";

/** A node of the flattened flow: what an instance is made from. */
export interface Entry {
  id: string;
  type: string;
  name: string | undefined;
  /** The node with its environment filled in, JSON. */
  config: string;
  scope: Scope;
  path: string;
  keeping: Keeping;
  effect: Effect;
  open: "collects" | "forgets" | undefined;
  quiet: boolean;
  /** What reaches it (or leaves it) is an output of the run. */
  terminal: boolean;
  /** Exactly one of the two. */
  make: NodeConstructor | undefined;
  own: OwnNode | undefined;
  /** Called with each instance. */
  built: ((node: FlowNode) => void) | undefined;
}

/** What plans of an engine have in common. */
export interface PlanParts {
  util: NodeRedUtil;
  contexts: ContextStore;
  events: EventEmitter;
  translate: (key: string) => string;
  statusText: (text: string) => string;
  hasCredentials: (type: string) => boolean;
  onLog: (level: "info" | "warn" | "error", message: string) => void;
}

/** A graph that is ready to run: flattened, environment evaluated, instances that runs share. */
export class Plan implements PlanHandle {
  readonly graph: Graph;
  readonly key: string;
  readonly util: NodeRedUtil;
  readonly entries = new Map<string, Entry>();
  readonly shared = new Map<string, FlowNode>();
  /** Entries that each run has instances of. */
  own: Entry[] = [];
  /** Nodes whose constructor failed → why. A message that reaches one fails there. */
  readonly broken = new Map<string, unknown>();
  readonly resources = new Map<unknown, unknown>();
  readonly translate: PlanParts["translate"];
  readonly statusText: PlanParts["statusText"];
  readonly hasCredentials: PlanParts["hasCredentials"];
  readonly globalContext: Context;
  readonly #parts: PlanParts;
  readonly #flowContexts = new Map<string, Context>();
  /** Node contexts as constructors of shared instances left them (On Start of function nodes): where each run begins. */
  readonly #initial = new ContextStore();
  readonly #closers: (() => void)[] = [];

  constructor(graph: Graph, parts: PlanParts) {
    this.graph = graph;
    this.key = graph.key;
    this.util = parts.util;
    this.translate = parts.translate;
    this.statusText = parts.statusText;
    this.hasCredentials = parts.hasCredentials;
    this.#parts = parts;
    this.globalContext = createContext(parts.util, () => parts.contexts, "global");
  }

  entry(id: string): Entry | undefined {
    return this.entries.get(id);
  }

  /** Builds what runs share. To be called once, when all entries are there. */
  prepare(): void {
    const all = [...this.entries.values()];
    this.own = all.filter(({ keeping }) => keeping !== "shared");
    buildInstances(
      this,
      all.filter(({ keeping }) => keeping === "shared"),
      this.shared,
      null,
    );
  }

  flowContext(scope: Scope): Context {
    let context = this.#flowContexts.get(scope.id);
    if (!context) {
      const space = this.graph.space === undefined ? "" : `${this.graph.space}:`;
      const above = scope.parent && scope.parent.TYPE !== "global" ? this.flowContext(scope.parent) : null;
      context = createContext(this.util, () => this.#parts.contexts, `flow:${space}${scope.id}`, above);
      this.#flowContexts.set(scope.id, context);
    }
    return context;
  }

  /** The context of a node. Its values are those of the run at work; outside runs those that every run begins with. */
  nodeContext(node: FlowNode): NodeContext {
    const scope = `node:${node.id}`;
    const store = () => {
      const run = node.run();
      if (!run) return this.#initial;
      if (!run.begunContexts.has(scope)) {
        run.begunContexts.add(scope);
        const values = run.store.values(scope); // of a run that is gone on with they are there already
        for (const [key, value] of Object.entries(this.#initial.values(scope)))
          if (!(key in values)) values[key] = this.util.cloneMessage(value);
      }
      return run.store;
    };
    const context = createContext(this.util, store, scope) as NodeContext; // completed below
    Object.defineProperties(context, {
      flow: { value: this.flowContext(node._flow) },
      global: { value: this.globalContext },
    });
    return context;
  }

  log(node: FlowNode | null, level: Level, message: unknown): void {
    if (level === "debug" || level === "trace") return;
    if (node && level === "error") this.broken.set(node.id, message);
    this.#parts.onLog(level, `${node ? `${node.type} "${node.name ?? node.id}": ` : ""}${messageOf(message)}`);
  }

  onClose(fn: () => void): void {
    this.#closers.push(fn);
  }

  close(): void {
    for (const node of this.shared.values()) closeNode(node);
    for (const fn of this.#closers.splice(0)) fn();
    this.resources.clear();
  }
}

/** What the table and the registry know of a node's type. */
export type TypeParts = Pick<Entry, "keeping" | "effect" | "open" | "quiet" | "make" | "own" | "built"> & {
  inert: boolean;
  without: string[];
};
