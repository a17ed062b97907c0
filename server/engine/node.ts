import { EventEmitter } from "node:events";
import { currentFrame } from "#server/engine/frame.ts";
import type { NodeContext } from "#server/engine/contexts.ts";
import type { Entry } from "#server/engine/plan.ts";
import type { Run } from "#server/engine/run.ts";
import type { Scope } from "#server/engine/scope.ts";

export type Message = Record<string, unknown> & { _msgid?: string };
export type Send = (msg: unknown) => void;
export type Done = (error?: unknown) => void;
export type InputHandler = (this: FlowNode, msg: Message, send: Send, done: Done) => void;
type CloseHandler = (this: FlowNode, ...args: unknown[]) => void;

/** What Node-RED's constructors are called with: the node of the flow, environment filled in. */
export interface NodeConfig {
  id: string;
  type: string;
  z?: string;
  g?: string;
  name?: string;
  wires?: string[][];
  _alias?: string;
  _flow: Scope;
  _path: string;
  _entry: Entry;
  /** Undefined: shared by the runs of the plan. */
  _run?: Run;
  [property: string]: unknown;
}

export type Level = "error" | "warn" | "info" | "debug" | "trace";

/**
 * What every node inherits from, in place of Node-RED's Node: modules call `RED.nodes.createNode(this, config)`, which is
 * `initialise`, and then use these methods. Deliveries and sends go to the run.
 */
export class FlowNode extends EventEmitter {
  declare id: string;
  declare type: string;
  declare z: string | undefined;
  declare g: string | undefined;
  declare name: string | undefined;
  declare _alias: string | undefined;
  declare _path: string;
  declare wires: string[][];
  declare credentials: Record<string, unknown> | undefined;
  /** Of catch and status nodes. */
  declare scope: string[] | "group" | null | undefined;
  declare uncaught: boolean | undefined;
  /** Config nodes: who uses them, by id. */
  declare users: Record<string, FlowNode> | undefined;
  declare _flow: Scope;
  declare _run: Run | undefined;
  declare _inputs: InputHandler[];
  declare _closers: CloseHandler[];
  /** Handlers that call `done`. */
  declare _dones: number;
  declare _context: NodeContext | undefined;
  declare _entry: Entry;

  run(): Run | null {
    return this._run ?? currentFrame()?.run ?? null;
  }
  context(): NodeContext {
    if (!this._context) hide(this, "_context", this._flow.plan.nodeContext(this));
    return this._context!; // set above
  }
  updateWires(wires: string[][] | undefined): void {
    this.wires = wires ?? [];
  }
  /** `on("input", …)` with types. */
  onInput(handler: InputHandler): void {
    if (handler.length === 3) this._dones++;
    this._inputs.push(handler);
  }
  override on(event: string, handler: (...args: never[]) => void): this {
    if (event === "close") this._closers.push(handler as CloseHandler);
    else if (event === "input") this.onInput(handler as unknown as InputHandler);
    else super.on(event, handler as (...args: unknown[]) => void);
    return this;
  }
  override removeListener(event: string, handler: (...args: never[]) => void): this {
    const list: unknown[] | undefined =
      event === "input" ? this._inputs : event === "close" ? this._closers : undefined;
    if (!list) return super.removeListener(event, handler as (...args: unknown[]) => void);
    const at = list.indexOf(handler);
    if (at >= 0) {
      list.splice(at, 1);
      if (event === "input" && handler.length === 3) this._dones--;
    }
    return this;
  }
  override removeAllListeners(event?: string): this {
    if (event === "input") {
      this._inputs = [];
      this._dones = 0;
    } else if (event === "close") this._closers = [];
    else super.removeAllListeners(event);
    return this;
  }
  override emit(event: string, ...args: unknown[]): boolean {
    if (event !== "input") return super.emit(event, ...args);
    this.run()?.receive(this, (args[0] ?? {}) as Message); // nobody sends anything but messages
    return true;
  }
  receive(msg?: unknown): void {
    this.emit("input", msg);
  }
  send(msg: unknown): void {
    this.run()?.send(this, msg);
  }
  error(problem?: unknown, msg?: unknown): void {
    // Node-RED's own way with nothing said
    const said = typeof problem === "boolean" ? problem : problem || "";
    let handled = false;
    const withMessage = typeof msg === "object" && msg !== null;
    try {
      if (this._flow && withMessage) handled = this._flow.handleError(this, said, msg as Message);
    } catch {
      // a message that is nested too deeply to be copied reaches no catch node
    }
    if (withMessage) this.run()?.failed(this, said, handled);
    if (!handled) say(this, "error", said);
  }
  status(status: unknown): void {
    const given = typeof status === "object" ? status : { text: `${String(status)}` };
    this._flow.handleStatus(this, (given ?? {}) as Record<string, unknown>); // an object or null
  }
  log(message: unknown): void {
    say(this, "info", message);
  }
  warn(message: unknown): void {
    say(this, "warn", message);
  }
  debug(message: unknown): void {
    say(this, "debug", message);
  }
  trace(message: unknown): void {
    say(this, "trace", message);
  }
  /** Node-RED's measurements: nobody listens. */
  metric(): false | undefined {
    return arguments.length === 0 ? false : undefined;
  }
  async close(removed?: boolean): Promise<void> {
    const waits = this._closers.map((handler) => {
      if (handler.length === 0) return attempt(() => handler.call(this));
      return new Promise<void>((resolve) => {
        const args = handler.length === 2 ? [removed === true, resolve] : [resolve];
        attempt(() => handler.apply(this, args), resolve);
      });
    });
    await Promise.all(waits);
    this.removeAllListeners("input");
  }
}

// No private method: what modules construct has the prototype only.
function say(node: FlowNode, level: Level, message: unknown): void {
  node._flow.log(node, level, message);
}

/** What a node says while it closes interests nobody. */
function attempt(fn: () => void, failed?: () => void): void {
  try {
    fn();
  } catch {
    failed?.();
  }
}

/** `createNode` without credentials. */
export function initialise(node: FlowNode, config: NodeConfig): void {
  node.id = config.id;
  node.type = config.type;
  node.z = config.z;
  node.g = config.g;
  if (config.name) node.name = config.name;
  if (config._alias) node._alias = config._alias;
  // Hidden, because some modules write the node out; writable, because some do Object.assign(this, config).
  hide(node, "_flow", config._flow);
  hide(node, "_path", config._path);
  hide(node, "_run", config._run);
  hide(node, "_entry", config._entry);
  node._inputs = [];
  node._closers = [];
  node._dones = 0;
  const frame = currentFrame();
  if (frame?.building) frame.node = node;
  node.updateWires(config.wires);
}

export function hide(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, writable: true, configurable: true });
}

/** A node of the engine's own: adds its handlers. */
export type OwnNode = (node: FlowNode, config: NodeConfig) => void;

export function buildOwn(config: NodeConfig, start: OwnNode): FlowNode {
  const node = Object.create(FlowNode.prototype) as FlowNode; // the constructor of modules' nodes does the same
  initialise(node, config);
  start(node, config);
  return node;
}
