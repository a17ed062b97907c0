import { createCodec } from "../codec.ts";
import { thenOf } from "../primordials.ts";
import { createCallbacks } from "./callbacks.ts";
import { createCodeApi } from "./code-api.ts";
import { checkSize, createAsk, type Configuration, type Door } from "./door.ts";
import { createFunctionApi, type Kind } from "./function-api.ts";
import { defineGlobals } from "./globals.ts";
import { createMessages } from "./messages.ts";
import { createModules } from "./modules.ts";
import { createNodeUtil } from "./node-util.ts";

/** The host's handle on a context. */
export interface Inside {
  /** Code as the host wrapped it (see source.ts). */
  define(kind: Kind, fn: unknown): void;
  /**
   * Executes code. Answers `v` and results (function: for each output null or a list of messages, see messages; code: the
   * value), or `e` and an error, or undefined: the door's `settle` will say.
   */
  call(kind: Kind, call: number, head?: string, ...texts: string[]): string | undefined;
  /** Calls a timer's function, or answers a question. An error of a timer's function goes to the node. */
  back(callback: number, args?: string): void;
  forget(callback: number): void;
  /** Closers of `node.on("close")`. */
  close(removed: boolean): void;
}

interface BufferLike {
  from(data: string, encoding: "base64"): Uint8Array;
  from(data: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64"): string };
}

/** Runs in each context of an isolate, once. Nothing of what it makes is reachable for user code but by the door's users. */
export function boot(door: Door, configurationText: string): Inside {
  const buffer = () => (modules.load("buffer") as { Buffer: BufferLike }).Buffer;
  const codec = createCodec({
    toText: (bytes) => buffer().from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
    fromText: (text) => buffer().from(text, "base64"),
  });
  const configuration = codec.decode(configurationText) as Configuration; // as the host wrote it
  const ask = createAsk(door, codec, configuration.messageChars);
  const callbacks = createCallbacks();
  const messages = createMessages(codec);
  const closers: ((...args: unknown[]) => unknown)[] = [];
  const modules = createModules(ask, {
    util: () => createNodeUtil(ask),
    "./log": () => ({ warn: () => undefined }),
  });
  const functions: Partial<Record<Kind, (...scope: unknown[]) => (...args: unknown[]) => unknown>> = {};
  /** The call whose code is executing; 0: none. Only for what knows no better (console). */
  let current = 0;

  defineGlobals(ask, modules, () => current);
  if (configuration.kind === "function") modules.global("RED", () => ({ util: redUtil() }));

  function redUtil() {
    const official = modules.load("@node-red/util") as Record<string, unknown>;
    // As in Node-RED's own function node: settings of other nodes are not to be had.
    return { ...official, getSetting: () => undefined, generateId: () => ask("id", current) };
  }

  const scopeOf = createFunctionApi({ door, codec, ask, callbacks, messages, configuration, closers });
  const contextOf = createCodeApi(ask, callbacks);

  function failure(error: unknown): string {
    try {
      return `e${codec.encode(error)}`;
    } catch (deeper) {
      // The error itself cannot be passed on; what says so is ours and can.
      return `e${codec.encode(deeper instanceof Error ? new Error(`${deeper.message}`) : "An error that cannot be shown")}`;
    }
  }

  function success(call: number, kind: Kind, value: unknown): string {
    if (kind === "setup") return "vp[]";
    const text = configuration.kind === "code" ? codec.encode(value) : messages.results(call, value, true);
    checkSize(text, configuration.messageChars * (configuration.kind === "code" ? 1 : 4)); // several messages
    return `v${text}`;
  }

  function settle(call: number, kind: Kind, ok: boolean, value: unknown): void {
    let text: string;
    try {
      text = ok ? success(call, kind, value) : failure(value);
    } catch (error) {
      text = failure(error);
    }
    door("settle", call, text);
  }

  function start(kind: Kind, call: number, head: string | undefined, texts: string[]): unknown {
    const fn = functions[kind];
    if (!fn) return undefined;
    const message = head === undefined ? undefined : messages.open(call, head, texts);
    if (configuration.kind === "code") return fn()(message, contextOf(call));
    const scope = scopeOf(call, kind);
    return fn(...scope.values)(message, scope.node);
  }

  return {
    define(kind, fn) {
      if (typeof fn !== "function") throw new TypeError("The code is not one function");
      functions[kind] = fn as (...scope: unknown[]) => (...args: unknown[]) => unknown; // as the host wrapped it
    },
    call(kind, call, head, ...texts) {
      const outer = current;
      current = call;
      try {
        const result = start(kind, call, head, texts);
        if (!isThenable(result)) return success(call, kind, result);
        thenOf(
          result instanceof Promise ? result : Promise.resolve(result),
          (value) => settle(call, kind, true, value),
          (error) => settle(call, kind, false, error),
        );
        return undefined;
      } catch (error) {
        return failure(error);
      } finally {
        current = outer;
      }
    },
    back(callback, args) {
      const entry = callbacks.take(callback);
      if (!entry) return;
      const outer = current;
      current = entry.call;
      const complain = (error: unknown) => void ask("error", entry.call, error, {});
      try {
        const result = entry.fn(...(args === undefined ? [] : (codec.decode(args) as unknown[]))); // a list, by the host
        if (isThenable(result)) thenOf(Promise.resolve(result), () => undefined, complain);
      } catch (error) {
        complain(error);
      } finally {
        current = outer;
      }
    },
    forget: (callback) => void callbacks.remove(callback),
    close(removed) {
      for (let i = 0; i < closers.length; i++) {
        try {
          closers[i]?.(removed, () => undefined);
        } catch (error) {
          ask("error", 0, error);
        }
      }
      closers.length = 0;
    },
  };
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
