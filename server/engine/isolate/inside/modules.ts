import type { Ask } from "./door.ts";
import { applyFunction, createObject, defineProperty } from "../primordials.ts";

/**
 * CommonJS packages inside of an isolate, from a fixed list of the host's (sources.ts), compiled when they are first
 * looked at: most functions need none, and a context without them is made in a fraction of the time.
 */
export interface Modules {
  /** The module's exports. */
  load(name: string): unknown;
  /** Defines a global whose value is made when it is first read. */
  global(name: string, make: () => unknown): void;
}

type Compiled = (
  exports: unknown,
  require: (name: string) => unknown,
  module: { exports: unknown },
  // What the packages take for granted; none of it is the host's.
  process: unknown,
) => void;

/** Modules that others require at their top although few of their functions need them: 1.2 MB of text. */
const SELDOM = ["./jsonata", "moment-timezone", "util"];

export function createModules(ask: Ask, given: Record<string, () => unknown>): Modules {
  const loaded: Record<string, { exports: unknown }> = createObject(null);
  const compile = Function;

  function load(name: string): unknown {
    const known = loaded[name];
    if (known) return known.exports;
    const own: { exports: unknown } = { exports: {} };
    loaded[name] = own;
    const make = given[name];
    if (make) {
      own.exports = make();
      return own.exports;
    }
    const text = ask("module", 0, name);
    // The cast: a function of these parameters is what is compiled.
    const run = compile("exports", "require", "module", "process", `${text}`) as Compiled;
    applyFunction(run, undefined, [
      own.exports,
      (wanted: string) => (SELDOM.includes(wanted) ? later(wanted) : load(wanted)),
      own,
      { env: {} },
    ]);
    return own.exports;
  }

  /** Stands for a module until something of it is used. */
  function later(name: string): unknown {
    const real = () => load(name) as (...args: unknown[]) => unknown; // functions with properties, all of them
    return new Proxy(() => undefined, {
      apply: (_, self, args) => applyFunction(real(), self, args),
      get: (_, key) => (real() as unknown as Record<PropertyKey, unknown>)[key],
    });
  }

  return {
    load,
    global(name, make) {
      const fix = (value: unknown) => {
        defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
        return value;
      };
      defineProperty(globalThis, name, { get: () => fix(make()), set: fix, enumerable: false, configurable: true });
    },
  };
}
