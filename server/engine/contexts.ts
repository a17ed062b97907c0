import type { ContextWrite } from "#server/engine/contract.ts";
import { currentFrame } from "#server/engine/frame.ts";
import type { NodeRedUtil } from "#server/engine/loader.ts";
import { restore } from "#server/engine/snapshot.ts";

/** A context as nodes know it: `get`, `set`, `keys`, each with an optional store and callback. */
export interface Context {
  get(key: unknown, store?: unknown, callback?: unknown): unknown;
  set(key: unknown, value: unknown, store?: unknown, callback?: unknown): void;
  keys(store?: unknown, callback?: unknown): unknown;
}
export interface NodeContext extends Context {
  flow: Context;
  global: Context;
}

type Callback = (error?: unknown, ...values: unknown[]) => void;
type Values = Record<string, unknown>;

/** Values by scope (`node:…`, `flow:…`, `global`). One store for the workspace, one for the nodes of each run. */
export class ContextStore {
  readonly #scopes = new Map<string, Values>();

  values(scope: string): Values {
    let values = this.#scopes.get(scope);
    if (!values) this.#scopes.set(scope, (values = Object.create(null) as Values)); // keys are people's: no prototype
    return values;
  }

  /** `whole`: what is not named is gone. */
  load(writes: readonly ContextWrite[], whole = false): void {
    if (whole) for (const values of this.#scopes.values()) for (const key of Object.keys(values)) delete values[key];
    for (const { scope, key, value } of writes) {
      if (value === undefined) delete this.values(scope)[key];
      else this.values(scope)[key] = restore(value);
    }
  }
}

/**
 * A context over one scope of a store, with Node-RED's memory store's behaviour: keys may be paths (`a.b[0]`) or arrays,
 * store names (`#:(store)::key`) are accepted and mean the one store there is, callbacks are called at once. What is
 * written is noted on the step at work, under the first part of the path: that is the unit which is kept.
 */
export function createContext(
  util: NodeRedUtil,
  store: () => ContextStore,
  scope: string,
  parent?: Context | null,
): Context {
  const read = (key: string): unknown => {
    try {
      return util.getObjectProperty(store().values(scope), key);
    } catch (error) {
      if ((error as { code?: string }).code === "INVALID_EXPR") throw error;
      return undefined; // a path through something that is not there
    }
  };
  const write = (key: string, value: unknown): void => {
    const values = store().values(scope);
    util.setObjectProperty(values, key, value);
    const name = String(util.normalisePropertyExpression(key)[0]);
    const step = currentFrame()?.step;
    if (step) (step.writes ??= new Map()).set(`${scope} ${name}`, { scope, key: name, read: () => values[name] });
  };
  const above = (key: string): [Context | null | undefined, string] | undefined => {
    if (key !== "$parent" && !key.startsWith("$parent.")) return undefined;
    return [parent, key === "$parent" ? "" : key.slice("$parent.".length)];
  };

  const get = (key: unknown, ...rest: unknown[]): unknown => {
    const callback = callbackOf(rest);
    return answering(callback, Array.isArray(key), () => {
      checkKey(key);
      if (Array.isArray(key)) return (key as string[]).map(read);
      const path = util.parseContextStore(key as string).key; // a string: checked
      const up = above(path);
      return up ? (up[1] ? up[0]?.get(up[1]) : undefined) : read(path);
    });
  };
  const set = (key: unknown, value: unknown, ...rest: unknown[]): void => {
    answering(callbackOf(rest), false, () => {
      checkKey(key);
      if (Array.isArray(key)) {
        const values = Array.isArray(value) ? (value as unknown[]) : [value];
        (key as string[]).forEach((one, i) => write(one, i < values.length ? values[i] : null));
        return;
      }
      const path = util.parseContextStore(key as string).key; // a string: checked
      const up = above(path);
      if (!up) write(path, value);
      else if (up[1]) up[0]?.set(up[1], value);
    });
  };
  const keys = (...rest: unknown[]): unknown =>
    answering(callbackOf(rest), false, () => Object.keys(store().values(scope)));

  const context: Context = Object.create(null) as Context; // the three below and nothing inherited, as in Node-RED
  Object.defineProperties(context, { get: { value: get }, set: { value: set }, keys: { value: keys } });
  if (parent) Object.defineProperty(context, "$parent", { value: parent });
  return context;
}

function callbackOf(rest: unknown[]): Callback | undefined {
  const given = typeof rest[0] === "function" ? rest[0] : rest[1];
  if (given !== undefined && given !== null && typeof given !== "function")
    throw new Error("Callback must be a function");
  return (given ?? undefined) as Callback | undefined;
}

function checkKey(key: unknown): void {
  const all = Array.isArray(key) ? (key as unknown[]) : [key];
  if (all.length === 0 || !all.every((one) => typeof one === "string" && one.length > 0))
    throw new Error("Invalid context key");
}

/** Node-RED's convention: with a callback errors and values go there, an array of values as arguments. */
function answering(callback: Callback | undefined, spread: boolean, fn: () => unknown): unknown {
  if (!callback) return fn();
  let value: unknown;
  try {
    value = fn();
  } catch (error) {
    callback(error);
    return undefined;
  }
  if (spread) callback(undefined, ...(value as unknown[]));
  else callback(undefined, value);
  return undefined;
}
