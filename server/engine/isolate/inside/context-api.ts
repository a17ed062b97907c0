import { isArray } from "../primordials.ts";
import type { Ask } from "./door.ts";

type Callback = (error: unknown, ...values: unknown[]) => void;

/** `context`, `flow` or `global` of a function node: the host's stores, for one call. */
export interface ContextApi {
  get: (...args: unknown[]) => unknown;
  set: (...args: unknown[]) => unknown;
  keys: (...args: unknown[]) => unknown;
  flow?: ContextApi;
  global?: ContextApi;
}

/** The stores are in memory, so a callback is called at once, as Node-RED's memory store does. */
export function createContextApi(ask: Ask, call: number, scope: "node" | "flow" | "global"): ContextApi {
  const operation =
    (name: "get" | "set" | "keys") => (one?: unknown, two?: unknown, three?: unknown, four?: unknown) => {
      const args = [one, two, three, four];
      let length = 4;
      while (length > 0 && args[length - 1] === undefined) length -= 1;
      args.length = length;
      const last = args[length - 1];
      const callback = typeof last === "function" ? (last as Callback) : undefined; // what Node-RED calls it with
      if (!callback) return ask(`context.${name}`, call, scope, ...args);
      args.length = length - 1;
      let value: unknown;
      try {
        value = ask(`context.${name}`, call, scope, ...args);
      } catch (error) {
        callback(error);
        return undefined;
      }
      if (name === "get" && isArray(one) && isArray(value)) callback(undefined, ...(value as unknown[]));
      else if (name === "set") callback(undefined);
      else callback(name === "keys" ? null : undefined, value);
      return undefined;
    };
  return { get: operation("get"), set: operation("set"), keys: operation("keys") };
}
