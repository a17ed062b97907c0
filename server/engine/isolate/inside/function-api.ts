import { defineProperty } from "../primordials.ts";
import type { Callbacks } from "./callbacks.ts";
import { createContextApi } from "./context-api.ts";
import type { Ask, Configuration, Door } from "./door.ts";
import { checkSize, valueOf } from "./door.ts";
import type { Codec } from "../codec.ts";
import type { Messages } from "./messages.ts";

export type Kind = "main" | "setup" | "cleanup";

/** What code of a function node finds around it; everything knows the call that it belongs to. */
export interface Scope {
  node: Record<string, unknown>;
  /** In the order of SCOPE_NAMES. */
  values: unknown[];
}
export const SCOPE_NAMES = [
  "context",
  "flow",
  "global",
  "env",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
] as const;

export interface FunctionApiParts {
  door: Door;
  codec: Codec;
  ask: Ask;
  callbacks: Callbacks;
  messages: Messages;
  configuration: Configuration;
  closers: ((...args: unknown[]) => unknown)[];
}

export const promisifyCustom = Symbol.for("nodejs.util.promisify.custom");

export function createFunctionApi(parts: FunctionApiParts): (call: number, kind: Kind) => Scope {
  const { ask, configuration } = parts;
  const env = { get: (name: unknown) => ask("env", 0, name) };
  return (call, kind) => {
    const context = createContextApi(ask, call, "node");
    context.flow = createContextApi(ask, call, "flow");
    context.global = createContextApi(ask, call, "global");
    const { setTimeout, clear, setInterval } = createTimers(parts, call);
    const node: Record<string, unknown> = {
      id: configuration.id,
      name: configuration.name,
      path: configuration.path,
      outputCount: configuration.outputs,
      log: (...args: unknown[]) => ask("log", call, ...args),
      error: (...args: unknown[]) => ask("error", call, ...args),
      warn: (...args: unknown[]) => ask("warn", call, ...args),
      debug: (...args: unknown[]) => ask("debug", call, ...args),
      trace: (...args: unknown[]) => ask("trace", call, ...args),
      status: (...args: unknown[]) => ask("status", call, ...args),
      send:
        kind === "cleanup"
          ? () => ask("error", call, "Cannot send from close function")
          : (messages: unknown) => sendFrom(parts, call, messages),
    };
    if (kind === "main") addMainOnly(parts, call, node);
    return { node, values: [context, context.flow, context.global, env, setTimeout, clear, setInterval, clear] };
  };
}

function addMainOnly(parts: FunctionApiParts, call: number, node: Record<string, unknown>): void {
  const { ask, callbacks, closers, configuration } = parts;
  node["on"] = (event: unknown, handler: (...args: unknown[]) => unknown) => {
    if (event === "input") throw new Error(configuration.texts["inputListener"]);
    if (event === "close") closers.push(handler);
  };
  node["done"] = (error: unknown) => ask("done", call, error);
  node["linkcall"] = async (target: unknown, message: unknown, options: unknown) =>
    new Promise((resolve, reject) => {
      const answer = callbacks.add(call, (error, value) => (error ? reject(error) : resolve(value)), true);
      ask("linkcall", call, answer, target, message, options); // a throw rejects
    });
}

/** The host answers true when it has forgotten the call and so does not know its fields any more. */
function sendFrom({ door, codec, messages, configuration }: FunctionApiParts, call: number, value: unknown): void {
  const text = messages.results(call, value, true);
  checkSize(text, configuration.messageChars * 4); // several messages
  if (valueOf(door("send", call, text), codec) === true)
    valueOf(door("send", -1, messages.results(call, value, false)), codec);
}

/** As Node's Timeout, as far as it makes sense. It survives being stored: `id` is all that it takes to clear it. */
class Timer {
  id: number;
  constructor(id: number) {
    this.id = id;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  [Symbol.toPrimitive](): number {
    return this.id;
  }
}

function createTimers({ ask, callbacks }: FunctionApiParts, call: number) {
  const timer =
    (repeat: boolean) =>
    (fn: unknown, ms: unknown, ...args: unknown[]) => {
      if (typeof fn !== "function")
        throw Object.assign(new TypeError('The "callback" argument must be of type function'), {
          code: "ERR_INVALID_ARG_TYPE",
        });
      // The cast: it is a function, called with what the caller gave for it.
      const id = callbacks.add(call, () => (fn as (...args: unknown[]) => unknown)(...args), !repeat);
      ask("timer", call, id, Number(ms), repeat);
      return new Timer(id);
    };
  const setTimeout = timer(false);
  defineProperty(setTimeout, promisifyCustom, {
    value: (ms: unknown, value: unknown) => new Promise((resolve) => void setTimeout(() => resolve(value), ms)),
  });
  // The host knows whose timer it is: another run's stays.
  const clear = (given: unknown) => {
    const id = Number(typeof given === "object" && given !== null ? (given as { id?: unknown }).id : given);
    if (ask("clear", call, id) === true) callbacks.remove(id);
  };
  return { setTimeout, clear, setInterval: timer(true) };
}
