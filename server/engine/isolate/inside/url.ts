import type { Ask } from "./door.ts";

/** Parts of an address as Node's URL has them. */
type Parts = Record<(typeof PARTS)[number], string>;
const PARTS = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
  "origin",
] as const;

/** URL and URLSearchParams; addresses are parsed by the host, by text. */
export function createUrl(ask: Ask) {
  const encode = (text: string) => ask("query", 0, text) as string; // application/x-www-form-urlencoded

  class Search {
    #pairs: [string, string][] = [];
    #changed: (search: string) => void = () => undefined;

    constructor(init?: unknown) {
      if (typeof init === "string") this.#pairs = ask("queryParse", 0, init) as [string, string][];
      else if (init !== null && typeof init === "object") {
        const pairs = Symbol.iterator in init ? [...(init as Iterable<[unknown, unknown]>)] : Object.entries(init);
        this.#pairs = pairs.map(([key, value]) => [String(key), String(value)]);
      }
    }
    static of(search: string, changed: (search: string) => void): Search {
      const made = new Search(search);
      made.#changed = changed;
      return made;
    }
    reread(search: string): void {
      this.#pairs = ask("queryParse", 0, search) as [string, string][];
    }
    #set(pairs: [string, string][]): void {
      this.#pairs = pairs;
      this.#changed(this.toString());
    }
    get size(): number {
      return this.#pairs.length;
    }
    append(key: unknown, value: unknown): void {
      this.#set([...this.#pairs, [String(key), String(value)]]);
    }
    delete(key: unknown, value?: unknown): void {
      this.#set(this.#pairs.filter(([k, v]) => k !== String(key) || (value !== undefined && v !== String(value))));
    }
    get(key: unknown): string | null {
      return this.#pairs.find(([k]) => k === String(key))?.[1] ?? null;
    }
    getAll(key: unknown): string[] {
      return this.#pairs.filter(([k]) => k === String(key)).map(([, v]) => v);
    }
    has(key: unknown, value?: unknown): boolean {
      return this.#pairs.some(([k, v]) => k === String(key) && (value === undefined || v === String(value)));
    }
    set(key: unknown, value: unknown): void {
      const name = String(key);
      const at = this.#pairs.findIndex(([k]) => k === name);
      if (at < 0) return this.append(key, value);
      const rest = this.#pairs.filter(([k], i) => k !== name || i === at);
      this.#set(rest.map((pair) => (pair[0] === name ? [name, String(value)] : pair)));
    }
    sort(): void {
      this.#set([...this.#pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    forEach(fn: (value: string, key: string, params: Search) => void): void {
      for (const [key, value] of this.#pairs) fn(value, key, this);
    }
    entries(): IterableIterator<[string, string]> {
      return this.#pairs.map(([k, v]): [string, string] => [k, v])[Symbol.iterator]();
    }
    keys(): IterableIterator<string> {
      return this.#pairs.map(([key]) => key)[Symbol.iterator]();
    }
    values(): IterableIterator<string> {
      return this.#pairs.map(([, value]) => value)[Symbol.iterator]();
    }
    [Symbol.iterator](): IterableIterator<[string, string]> {
      return this.entries();
    }
    toString(): string {
      return this.#pairs.map(([key, value]) => `${encode(key)}=${encode(value)}`).join("&");
    }
  }

  class Address {
    declare href: string;
    declare search: string;
    #parts: Parts;
    #search: Search | undefined;

    constructor(address: unknown, base?: unknown) {
      this.#parts = ask("url", 0, String(address), base === undefined ? undefined : String(base)) as Parts;
    }
    static canParse(address: unknown, base?: unknown): boolean {
      return Address.parse(address, base) !== null;
    }
    static parse(address: unknown, base?: unknown): Address | null {
      try {
        return new Address(address, base);
      } catch {
        return null;
      }
    }
    static read(url: Address, part: keyof Parts): string {
      return url.#parts[part];
    }
    static write(url: Address, part: keyof Parts, value: unknown): void {
      url.#parts = ask("urlSet", 0, url.#parts.href, part, String(value)) as Parts;
      if (part === "search" || part === "href") url.#search?.reread(url.#parts.search);
    }
    get searchParams(): Search {
      return (this.#search ??= Search.of(this.#parts.search, (search) => {
        this.#parts = ask("urlSet", 0, this.#parts.href, "search", search) as Parts;
      }));
    }
    toString(): string {
      return this.href;
    }
    toJSON(): string {
      return this.href;
    }
  }
  for (const part of PARTS)
    Object.defineProperty(Address.prototype, part, {
      get(this: Address) {
        return Address.read(this, part);
      },
      set(this: Address, value: unknown) {
        if (part !== "origin") Address.write(this, part, value);
      },
      enumerable: true,
      configurable: true,
    });
  Object.defineProperty(Address, "name", { value: "URL" });
  Object.defineProperty(Search, "name", { value: "URLSearchParams" });
  return { URL: Address, URLSearchParams: Search };
}
