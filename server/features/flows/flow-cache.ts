import type { Live } from "#server/kernel/live.ts";
import type { Deps } from "../deps.ts";

const MAX_ENTRIES = 500;

/** Keeps the most recently used entries. */
class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #onDrop: (value: V) => void;

  constructor(onDrop: (value: V) => void = () => undefined) {
    this.#onDrop = onDrop;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > MAX_ENTRIES && !oldest.done) this.delete(oldest.value);
  }

  delete(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#onDrop(value);
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.delete(key);
  }
}

// State of a process hangs on its connection for live events, which is what invalidates it: one of each a process.
const caches = new WeakMap<Live, Map<symbol, Recent<unknown>>>();

/** A cache of this process. `name` tells its kinds apart; what is in it must hold by key, or be invalidated by `onDrop`'s owner. */
export function cacheOf<V>({ live }: Pick<Deps, "live">, name: symbol, onDrop?: (value: V) => void): Recent<V> {
  let all = caches.get(live);
  if (!all) caches.set(live, (all = new Map()));
  let cache = all.get(name) as Recent<V> | undefined; // a name is used with one type, by one file
  if (!cache) all.set(name, (cache = new Recent<V>(onDrop)) as Recent<unknown>);
  return cache;
}
