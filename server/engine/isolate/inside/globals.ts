import type { Ask } from "./door.ts";
import { createUrl } from "./url.ts";
import type { Modules } from "./modules.ts";
import { promisifyCustom } from "./function-api.ts";

/** What is missing here although the language has it: memory or threads outside of an isolate's bounds. */
const WITHHELD = ["WebAssembly", "SharedArrayBuffer", "Atomics", "FinalizationRegistry"];

/** The globals of a function node in Node-RED: Buffer, console, util, promisify, RED.util, URL. */
export function defineGlobals(ask: Ask, modules: Modules, current: () => number): void {
  // eslint-disable-next-line typescript/no-dynamic-delete -- names of the list above
  for (const name of WITHHELD) delete (globalThis as Record<string, unknown>)[name];
  modules.global("Buffer", () => (modules.load("buffer") as { Buffer: unknown }).Buffer);
  modules.global("console", () => createConsole(ask, current));
  modules.global("util", () => modules.load("util"));
  modules.global("promisify", () => promisify);
  modules.global("URL", () => createUrl(ask).URL);
  modules.global("URLSearchParams", () => createUrl(ask).URLSearchParams);
}

type Callback = (...args: unknown[]) => unknown;

export function promisify(fn: Callback & { [promisifyCustom]?: unknown }): unknown {
  if (typeof fn !== "function") throw new TypeError('The "original" argument must be of type function');
  if (fn[promisifyCustom]) return fn[promisifyCustom];
  return function promisified(this: unknown, ...args: unknown[]) {
    return new Promise((resolve, reject) => {
      fn.call(this, ...args, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)));
    });
  };
}

/** What is printed goes to the log of the run: the host process has no console that anybody reads. */
function createConsole(ask: Ask, current: () => number) {
  const counts: Record<string, number> = {};
  const starts: Record<string, number> = {};
  const print =
    (level: string) =>
    (...args: unknown[]) =>
      void ask("console", current(), level, ...args.map(printable));
  const console = {
    log: print("info"),
    info: print("info"),
    debug: print("debug"),
    trace: print("debug"),
    dir: (value: unknown) => void ask("console", current(), "info", printable(value)),
    warn: print("warn"),
    error: print("warn"),
    assert: (condition: unknown, ...args: unknown[]) => {
      if (!condition) console.warn("Assertion failed", ...args);
    },
    count: (label: unknown = "default") => {
      counts[String(label)] = (counts[String(label)] ?? 0) + 1;
      console.log(`${label}: ${counts[String(label)]}`);
    },
    countReset: (label: unknown = "default") => void delete counts[String(label)],
    time: (label: unknown = "default") => void (starts[String(label)] = Date.now()),
    timeEnd: (label: unknown = "default") => {
      const start = starts[String(label)];
      if (start !== undefined) console.log(`${label}: ${Date.now() - start}ms`);
    },
    group: print("info"),
    groupEnd: () => undefined,
    table: print("info"),
  };
  return console;
}

/** Functions and symbols do not cross, so they are named. */
function printable(value: unknown): unknown {
  if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
  return typeof value === "symbol" ? String(value) : value;
}
