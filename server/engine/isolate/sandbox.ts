import ivm from "isolated-vm";
import type { RunLimits } from "#server/engine/contract.ts";
import { hostCodec } from "#server/engine/isolate/host-codec.ts";
import type { boot } from "#server/engine/isolate/inside/boot.ts";
import type { Configuration, Door } from "#server/engine/isolate/inside/door.ts";
import type { Kind } from "#server/engine/isolate/inside/function-api.ts";
import { insideText, type Wrapped } from "#server/engine/isolate/sources.ts";

/**
 * Code in an isolate of V8 (isolated-vm): a heap, built-ins and a global object of its own. It is executed on the calling
 * thread, which is what makes a call cost microseconds, and which bounds what the isolate itself can stop:
 *
 * - Busy loops, regular expressions, promise storms, waiting: stopped after `cpuMs` (`function.timeout`). Promise jobs run
 *   before the call returns, within its time.
 * - Allocation of objects and strings beyond `isolateMb`: the isolate is disposed (`function.memory`), or V8 gives up first
 *   and aborts the process. No `onCatastrophicError` is set, on purpose: its callback needs this very thread, so with it the
 *   process would neither end nor answer, whereas without it V8 aborts at once.
 * - One built-in that runs for long without looking up (BigInt arithmetic, `Array(2**29).fill(0)`) and memory that V8 does
 *   not count in time (arrays of doubles, Intl): nothing in this process can stop it. The supervisor kills the process by
 *   its stalled event loop or its resident memory.
 */
export interface Sandbox {
  /** A global object for one node's code. Throws SandboxError. */
  open(configuration: Omit<Configuration, "messageChars">, door: Door): SandboxContext;
  /** Called when the isolate is gone with all that was at work in it; another one is made with the next `open`. */
  onLost(fn: () => void): void;
  dispose(): void;
}

type Inside = ReturnType<typeof boot>;

export interface SandboxContext {
  /** False: the isolate was lost, and this context with it. */
  readonly alive: boolean;
  /** Throws the SyntaxError, whose stack names file, line and column. */
  define(kind: Kind, source: Wrapped): void;
  /** See `Inside.call`. Throws SandboxError `function.timeout`, `function.memory`. */
  call(kind: Kind, call: number, texts: string[], timeoutMs: number): string | undefined;
  back(callback: number, args: string | undefined, timeoutMs: number): void;
  forget(callback: number): void;
  close(removed: boolean): void;
  release(): void;
}

/** What the bounds of the isolate say. `timeoutMs` with `function.timeout`. */
export class SandboxError extends Error {
  readonly code: "function.timeout" | "function.memory";
  readonly timeoutMs: number;
  constructor(code: SandboxError["code"], message: string, timeoutMs = 0, stack?: string) {
    super(message);
    if (stack !== undefined) this.stack = stack;
    this.code = code;
    this.timeoutMs = timeoutMs;
  }
}

export type SandboxLimits = Pick<RunLimits, "cpuMs" | "isolateMb" | "messageChars">;

export function createSandbox(limits: SandboxLimits): Sandbox {
  let isolate: ivm.Isolate | undefined;
  let entry: ivm.Script | undefined;
  const listeners: (() => void)[] = [];

  function alive(): ivm.Isolate {
    if (isolate && !isolate.isDisposed) return isolate;
    isolate = new ivm.Isolate({ memoryLimit: limits.isolateMb });
    entry = isolate.compileScriptSync(insideText(), { filename: "isolate:inside" });
    return isolate;
  }

  /** Executes inside and says in words of ours what stopped it. */
  function enter<T>(within: ivm.Isolate, timeoutMs: number, fn: () => T): T {
    try {
      return fn();
    } catch (error) {
      if (within.isDisposed) {
        if (isolate === within) {
          isolate = undefined;
          for (const listener of listeners) listener();
        }
        throw new SandboxError(
          "function.memory",
          `The code used more than the ${limits.isolateMb} MB of memory that the functions of a flow have together`,
        );
      }
      if (error instanceof Error && error.message === "Script execution timed out.")
        throw new SandboxError(
          "function.timeout",
          `Script execution timed out after ${timeoutMs}ms`,
          timeoutMs,
          error.stack, // names the line that was executing
        );
      throw error;
    }
  }

  return {
    open(configuration, door) {
      const home = alive();
      return enter(home, limits.cpuMs, () => {
        const context = home.createContextSync();
        const started = entry?.runSync(context, { reference: true, timeout: limits.cpuMs });
        if (!started) throw new Error("The inside of the isolate has no entry");
        const inside: ivm.Reference = started.applySync(
          undefined,
          [new ivm.Callback(guarded(door)), hostCodec.encode({ ...configuration, messageChars: limits.messageChars })],
          { result: { reference: true }, timeout: limits.cpuMs },
        );
        const handle = (name: keyof Inside): ivm.Reference => inside.getSync(name, { reference: true });
        return openedContext(home, context, {
          define: handle("define"),
          call: handle("call"),
          back: handle("back"),
          forget: handle("forget"),
          close: handle("close"),
        });
      });
    },
    onLost: (fn) => void listeners.push(fn),
    dispose() {
      if (isolate && !isolate.isDisposed) isolate.dispose();
      isolate = undefined;
    },
  };

  function openedContext(
    home: ivm.Isolate,
    context: ivm.Context,
    inside: Record<keyof Inside, ivm.Reference>,
  ): SandboxContext {
    return {
      get alive() {
        return !home.isDisposed;
      },
      define(kind, { text, filename, lineOffset }) {
        enter(home, limits.cpuMs, () => {
          const script = home.compileScriptSync(text, { filename, lineOffset });
          const fn = script.runSync(context, { reference: true, timeout: limits.cpuMs });
          inside.define.applySync(undefined, [kind, fn.derefInto()], { timeout: limits.cpuMs });
        });
      },
      call: (kind, call, texts, timeout) =>
        enter(
          home,
          timeout,
          // The cast: `Inside.call` answers so.
          () => inside.call.applySync(undefined, [kind, call, ...texts], { timeout }) as string | undefined,
        ),
      back(callback, args, timeout) {
        enter(home, timeout, () => inside.back.applySync(undefined, [callback, args], { timeout }));
      },
      forget(callback) {
        if (!home.isDisposed) enter(home, limits.cpuMs, () => inside.forget.applySync(undefined, [callback]));
      },
      close(removed) {
        enter(home, limits.cpuMs, () => inside.close.applySync(undefined, [removed], { timeout: limits.cpuMs }));
      },
      release() {
        if (home.isDisposed) return;
        for (const reference of Object.values(inside)) reference.release();
        context.release();
      },
    };
  }
}

/** Nothing but text may leave the host: neither an error object nor a stack that names its files. */
function guarded(door: Door): Door {
  return (operation, call, text) => {
    try {
      if (typeof operation !== "string" || typeof call !== "number" || typeof text !== "string")
        throw new TypeError("The border takes text only");
      return door(operation, call, text);
    } catch (error) {
      return `e${hostCodec.encode(withoutHostStack(error))}`;
    }
  };
}

function withoutHostStack(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const bare = new Error(error.message);
  const own: Record<string, unknown> = { ...error };
  delete own["cause"];
  Object.assign(bare, own);
  Object.defineProperty(bare, "name", { value: error.name });
  Object.defineProperty(bare, "stack", { value: `${error.name}: ${error.message}` });
  return bare;
}
