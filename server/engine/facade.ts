import { EventEmitter } from "node:events";
import { fillEnvironment } from "#server/engine/environment.ts";
import { currentFrame } from "#server/engine/frame.ts";
import { linkTarget } from "#server/engine/links.ts";
import type { NodeRedUtil } from "#server/engine/loader.ts";
import { FlowNode, initialise, type NodeConfig } from "#server/engine/node.ts";
import type { Plan } from "#server/engine/plan.ts";
import { messageOf } from "#server/engine/problems.ts";
import type { Translate } from "#server/engine/translate.ts";

export type NodeConstructor = new (config: NodeConfig) => FlowNode;

/** What the engine keeps of a type that a module has registered. */
export interface RegisteredType {
  make: NodeConstructor;
  /** The type declares credentials. */
  credentials: boolean;
}

/** The part of `RED` that node modules use (the list is in the docs of the prototype: all official modules were read). */
export interface Red {
  nodes: {
    registerType(type: string, constructor: unknown, options?: { credentials?: unknown }): void;
    createNode(node: FlowNode, config: NodeConfig): void;
    getNode(id: string): FlowNode | null | undefined;
    [name: string]: unknown;
  };
  util: NodeRedUtil;
  settings: Record<string, unknown>;
  _: Translate;
  [name: string]: unknown;
}

export interface FacadeParts {
  util: NodeRedUtil;
  settings: Record<string, unknown>;
  translate: Translate;
  register: (type: string, registered: RegisteredType) => void;
  onLog: (level: "info" | "warn" | "error", message: string) => void;
  /** One bus for all modules of an engine. */
  events: EventEmitter;
}

const VERSION = "5.0.7";
const nothing = () => undefined;

/** `RED` for one module. What belongs to the editor or the runtime's HTTP servers does nothing here. */
export function createFacade(parts: FacadeParts): Red {
  const routes = { get: nothing, post: nothing, put: nothing, delete: nothing, patch: nothing, use: nothing };
  return {
    nodes: {
      registerType: (type, constructor, options) => {
        inherit(constructor as NodeConstructor);
        parts.register(type, {
          make: constructor as NodeConstructor, // what modules give
          credentials: options?.credentials !== undefined,
        });
      },
      createNode: (node, config) => {
        initialise(node, config);
        giveCredentials(node, config);
      },
      getNode: (id) => {
        const frame = currentFrame();
        return frame?.run ? frame.run.node(id) : planOf()?.shared.get(id);
      },
      eachNode: (fn: (def: unknown) => void) => planOf()?.graph.nodes.forEach(fn),
      getCredentials: (id: string) => planOf()?.graph.credentials[id],
      addCredentials: nothing,
      deleteCredentials: nothing,
      registerSubflow: nothing,
      linkcallTargets: { register: nothing, remove: nothing, getTargetNode: linkTarget },
    },
    util: parts.util,
    settings: parts.settings,
    _: parts.translate,
    log: logOf(parts.onLog),
    hooks: { add: nothing, remove: nothing, has: () => false, trigger: nothing },
    events: busOf(parts.events),
    comms: { publish: publishDebug },
    library: { register: nothing },
    plugins: { registerPlugin: nothing, get: nothing, getByType: () => [] },
    auth: { needsPermission: () => nothing },
    httpAdmin: routes,
    httpNode: { ...routes, options: nothing, path: () => "/", _router: { stack: [] } },
    version: () => VERSION,
  };
}

/** As Node-RED: whatever the constructor inherits from, at its top stands Node. */
function inherit(constructor: NodeConstructor): void {
  let top = constructor.prototype as object;
  if (top instanceof FlowNode) return;
  for (;;) {
    const next: unknown = Object.getPrototypeOf(top);
    if (next === Object.prototype || next === null || next === EventEmitter.prototype) break;
    top = next as object; // a prototype
  }
  Object.setPrototypeOf(top, FlowNode.prototype);
}

function giveCredentials(node: FlowNode, config: NodeConfig): void {
  const { plan } = node._flow;
  const given = plan.graph.credentials[config._alias ?? node.id];
  if (given) {
    node.credentials = structuredClone(given);
    fillEnvironment(node.credentials, node._flow, node);
  } else if (plan.hasCredentials(node.type)) node.credentials = {};
}

function planOf(): Plan | undefined {
  const frame = currentFrame();
  return frame?.run?.plan ?? frame?.node?._flow.plan;
}

/** link nodes announce themselves by `node:<id>` on this bus; here wires and targets are found by the plan. */
function busOf(events: EventEmitter): Record<string, unknown> {
  const own = (name: unknown) => typeof name === "string" && name.startsWith("node:");
  type Listener = (...args: unknown[]) => void;
  return {
    on: (name: string, fn: Listener) => void (own(name) || events.on(name, fn)),
    once: (name: string, fn: Listener) => void (own(name) || events.once(name, fn)),
    off: (name: string, fn: Listener) => void events.off(name, fn),
    removeListener: (name: string, fn: Listener) => void events.off(name, fn),
    emit: (name: string, ...args: unknown[]) => (own(name) ? false : events.emit(name, ...args)),
  };
}

const LEVELS = { FATAL: 10, ERROR: 20, WARN: 30, INFO: 40, DEBUG: 50, TRACE: 60, AUDIT: 98, METRIC: 99 };

function logOf(onLog: FacadeParts["onLog"]): Record<string, unknown> {
  const at = (level: "info" | "warn" | "error") => (message: unknown) => onLog(level, messageOf(message));
  return {
    ...LEVELS,
    log: nothing,
    fatal: at("error"),
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: nothing,
    trace: nothing,
    audit: nothing,
    metric: () => false,
    addHandler: nothing,
    removeHandler: nothing,
  };
}

/** What the debug node shows in the editor's sidebar is an event of the run. */
function publishDebug(topic: string, data: unknown): void {
  const frame = currentFrame();
  if (topic !== "debug" || !frame?.run || !frame.node || typeof data !== "object" || data === null) return;
  const { msg, format, property, topic: of } = data as Record<string, unknown>;
  frame.run.event("debug", {
    node: frame.node.id,
    name: frame.node.name,
    value: shownValue(msg, String(format)),
    format,
    ...(property !== undefined && { property }),
    ...(of !== undefined && { topic: of }),
  });
}

/** The debug node writes values as text; what it says of their type makes them values again. */
function shownValue(msg: unknown, format: string): unknown {
  if (typeof msg !== "string" || format.startsWith("string")) return msg;
  if (format === "undefined") return undefined;
  try {
    return JSON.parse(msg);
  } catch {
    return msg; // cut off at the greatest length, or no JSON (a buffer as hexadecimal digits)
  }
}
