import { createObject } from "../primordials.ts";

/** Functions of user code that the host calls later (timers, answers), by number. */
export interface Callbacks {
  /** `once`: forgotten when it was called. */
  add(call: number, fn: (...args: unknown[]) => unknown, once: boolean): number;
  /** False: it was not known any more. */
  remove(id: number): boolean;
  take(id: number): { call: number; fn: (...args: unknown[]) => unknown } | undefined;
}

export function createCallbacks(): Callbacks {
  const entries: Record<number, { call: number; fn: (...args: unknown[]) => unknown; once: boolean }> =
    createObject(null);
  let last = 0;
  return {
    add(call, fn, once) {
      last += 1;
      entries[last] = { call, fn, once };
      return last;
    },
    remove: (id) => entries[id] !== undefined && delete entries[id],
    take(id) {
      const entry = entries[id];
      if (entry?.once) delete entries[id];
      return entry;
    },
  };
}
