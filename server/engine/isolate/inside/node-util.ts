import type { Ask } from "./door.ts";
import { promisify } from "./globals.ts";
import { promisifyCustom } from "./function-api.ts";

type Fn = (...args: never[]) => unknown;

/** Node's `util` as far as it makes sense without Node: what needs Node's own formatting is asked of the host. */
export function createNodeUtil(ask: Ask): Record<string, unknown> {
  const hosted =
    (name: string) =>
    (...args: unknown[]) =>
      ask("util", 0, name, ...args);
  return {
    promisify: Object.assign(promisify, { custom: promisifyCustom }),
    callbackify:
      (fn: (...args: unknown[]) => Promise<unknown>) =>
      async (...args: unknown[]) => {
        const callback = args.pop() as (error: unknown, value?: unknown) => void; // by the contract of callbackify
        let value: unknown;
        try {
          value = await fn(...args);
        } catch (error) {
          callback(error ?? new Error("Promise was rejected with a falsy value"));
          return;
        }
        callback(null, value);
      },
    inspect: Object.assign(hosted("inspect"), { custom: Symbol.for("nodejs.util.inspect.custom") }),
    format: hosted("format"),
    isDeepStrictEqual: hosted("isDeepStrictEqual"),
    stripVTControlCharacters: hosted("stripVTControlCharacters"),
    toUSVString: (text: unknown) => String(text).toWellFormed(),
    isArray: (value: unknown) => Array.isArray(value),
    deprecate: (fn: Fn) => fn,
    debuglog: () => () => undefined,
    inherits: (child: { prototype: object; super_?: unknown }, parent: { prototype: object }) => {
      child.super_ = parent;
      Object.setPrototypeOf(child.prototype, parent.prototype);
    },
    types: createTypes(),
  };
}

function createTypes(): Record<string, (value: unknown) => boolean> {
  const named = (name: string) => (value: unknown) => Object.prototype.toString.call(value) === `[object ${name}]`;
  return {
    isDate: (value) => value instanceof Date,
    isRegExp: (value) => value instanceof RegExp,
    isNativeError: (value) => value instanceof Error,
    isPromise: (value) => value instanceof Promise,
    isMap: (value) => value instanceof Map,
    isSet: (value) => value instanceof Set,
    isWeakMap: (value) => value instanceof WeakMap,
    isWeakSet: (value) => value instanceof WeakSet,
    isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
    isUint8Array: (value) => value instanceof Uint8Array,
    isArrayBuffer: (value) => value instanceof ArrayBuffer,
    isAnyArrayBuffer: (value) => value instanceof ArrayBuffer,
    isArrayBufferView: (value) => ArrayBuffer.isView(value),
    isAsyncFunction: named("AsyncFunction"),
    isGeneratorFunction: named("GeneratorFunction"),
    isSymbolObject: named("Symbol"),
  };
}
