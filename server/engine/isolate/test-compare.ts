/**
 * Executes function nodes twice, by Node-RED's own module and by ours, on the same small stand-in for a runtime, and
 * tells what each of them did. A process of its own, as isolates need flags. Speaks with compare.test.ts.
 */
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { EngineKit } from "#server/engine/engine-types.ts";
import type { Red } from "#server/engine/facade.ts";
import { functionNodeOverride } from "#server/engine/isolate/index.ts";

export interface CompareCase {
  func: string;
  config?: Record<string, unknown>;
  /** One after the other, each when the one before is quiet. */
  msgs?: Record<string, unknown>[];
}
export type Trace = unknown[];

const require = createRequire(import.meta.url);
const { util } = require("@node-red/util") as { util: Red["util"] };
const stock = require("@node-red/nodes/core/function/10-function.js") as (red: unknown) => void;
type Constructor = new (config: Record<string, unknown>) => EventEmitter & { close(): void };

const TEXTS: Record<string, string> = {
  "function.error.non-message-returned": "Function tried to send a message of type __type__",
  "function.error.inputListener": "Cannot add listener to 'input' event within Function",
  "function.error.linkcallTargetInvalid": "Error link call target parameter is not valid, expected a string",
  "function.error.linkcallMsgInvalid": "Error link call msg parameter is not valid, expected an object",
};

const isA = (value: unknown, name: string) => Object.prototype.toString.call(value) === `[object ${name}]`;

/** By their names, as Node-RED's function node has built-ins of its own. */
const plain = (value: unknown): unknown => {
  if (isA(value, "Error")) {
    const { message, code } = value as { message: string; code?: unknown };
    return { error: message, code };
  }
  if (value instanceof Uint8Array) return { buffer: [...value] };
  if (isA(value, "Date")) return { date: (value as Date).getTime() };
  if (Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

/** Node-RED's function node hands on what it has complained about; its `send` then ignores it. */
const messagesOf = (sent: unknown): unknown =>
  Array.isArray(sent) ? sent.map(messagesOf) : typeof sent === "object" && sent !== null ? plain(sent) : null;

function memoryContext() {
  const stores = new Map<string, Record<string, unknown>>();
  const at = (scope: string) => {
    const get = (key: string, ...rest: unknown[]) => {
      const callback = rest.find((one) => typeof one === "function") as
        ((error: unknown, value?: unknown) => void) | undefined;
      const value = util.getObjectProperty(stores.get(scope) ?? {}, key);
      if (callback) callback(undefined, value);
      else return value;
    };
    const set = (key: string, value: unknown, ...rest: unknown[]) => {
      const callback = rest.find((one) => typeof one === "function") as ((error?: unknown) => void) | undefined;
      const values = stores.get(scope) ?? {};
      stores.set(scope, values);
      util.setObjectProperty(values, key, value);
      callback?.();
    };
    const keys = (...rest: unknown[]) => {
      const callback = rest.find((one) => typeof one === "function") as
        ((error: unknown, keys: string[]) => void) | undefined;
      const names = Object.keys(stores.get(scope) ?? {});
      if (callback) callback(null, names);
      else return names;
    };
    return { get, set, keys };
  };
  const context = { ...at("node"), flow: at("flow"), global: at("global") };
  return { context, dump: () => plain(Object.fromEntries(stores)) };
}

/** Timers that are pending: both implementations take the global functions. */
const pending = new Set<unknown>();
const { setTimeout: startTimeout, setInterval: startInterval, clearTimeout: stopTimer } = globalThis;
const stop = (timer: unknown) => {
  pending.delete(timer);
  stopTimer(timer as NodeJS.Timeout); // what the two below have returned
};
Object.assign(globalThis, {
  setTimeout: (fn: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = startTimeout(() => {
      pending.delete(timer);
      fn(...args);
    }, ms);
    pending.add(timer);
    return timer;
  },
  setInterval: (fn: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const timer = startInterval(fn, ms, ...args);
    pending.add(timer);
    return timer;
  },
  clearTimeout: stop,
  clearInterval: stop,
});

/** Resolves when no timer has been pending for some turns of the event loop. */
async function quiet(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (pending.size > 0) turns = 0;
  }
}

async function trace(module: (red: Red) => void, { func, config, msgs = [{}] }: CompareCase): Promise<Trace> {
  const seen: Trace = [];
  const { context, dump } = memoryContext();
  let Type: Constructor | undefined;
  const note =
    (what: string) =>
    (...args: unknown[]) =>
      void seen.push([what, ...args.filter((arg) => arg !== undefined).map(plain)]);
  const red = {
    util: {
      ...util,
      getSetting: (_node: unknown, name: string) => (name === "REGION" ? { plant: "north" } : undefined),
    },
    settings: {},
    _: (key: string, values?: Record<string, string>) =>
      (TEXTS[key] ?? key).replace(/__(\w+)__/g, (_all, name: string) => values?.[name] ?? ""),
    library: { register: () => undefined },
    nodes: {
      getNode: () => undefined,
      createNode(node: Record<string, unknown>, given: Record<string, unknown>) {
        const closers: ((removed: boolean, done: () => void) => void)[] = [];
        const on = EventEmitter.prototype.on;
        Object.assign(node, {
          id: given["id"],
          name: given["name"],
          _path: "tab/node",
          context: () => context,
          on(event: string, handler: (...args: never[]) => void) {
            if (event === "close") closers.push(handler as never);
            else on.call(node as never, event, handler as never);
          },
          close: () => {
            for (const closer of closers) closer.call(node, false, () => undefined);
          },
          send: note("node.send"),
          metric: () => undefined,
        });
        for (const what of ["error", "warn", "log", "status", "debug", "trace"]) node[what] = note(what);
      },
      registerType(_type: string, constructor: Constructor) {
        Object.setPrototypeOf(constructor.prototype, EventEmitter.prototype);
        Type = constructor;
      },
    },
  };
  module(red as unknown as Red);
  if (!Type) throw new Error("No type was registered");
  const node = new Type({ id: "f1", name: "tested", func, outputs: 2, timeout: 0, libs: [], ...config });
  await quiet();
  const send = (sent: unknown) => void seen.push(["send", messagesOf(sent)]);
  for (const msg of msgs) {
    node.emit("input", { _msgid: "m", ...(util.cloneMessage(msg) as object) }, send, note("done"));
    await quiet();
  }
  node.close();
  return [...seen, ["context", dump()]];
}

const frame = { run: null, node: null, step: null };
const ours = (red: Red) => {
  const plan = { key: "plan", resources: new Map(), onClose: () => undefined };
  const kit = {
    limits: { cpuMs: 1_000, isolateMb: 64, messageChars: 1e6 },
    timers: globalThis,
    currentFrame: () => frame,
    inFrame: (_frame: unknown, fn: () => unknown) => fn(),
    planOf: () => plan,
    interrupt: () => undefined,
  };
  void functionNodeOverride(red, kit as unknown as EngineKit); // as much of it as the node uses
};

process.on("message", (message: { id: number; one: CompareCase }) => {
  void (async () => {
    const byStock = await trace(stock, message.one);
    const byOurs = await trace(ours, message.one);
    process.send?.({ id: message.id, stock: byStock, ours: byOurs });
  })();
});
process.on("disconnect", () => process.exit(0));
