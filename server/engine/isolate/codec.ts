import {
  createObject,
  defineProperty,
  getPrototypeOf,
  includesText,
  isArray,
  keysOf,
  objectPrototype,
  parse,
  popOf,
  pushTo,
  sliceText,
  stringify,
  timeOf,
} from "./primordials.ts";

/**
 * Values between the realms, as text. The same source runs on the host and, as text, inside of each isolate.
 *
 * `p<json>`: JSON as it is. `t<json>`: with tags, objects of the form `{"$": kind, "v": …}`: u undefined, n number that JSON
 * lacks, i bigint, d date, b Uint8Array (base64; a Buffer on both sides), y other typed arrays, r regular expression,
 * e error, m map, s set, c the n-th object around it (a cycle), o an object that has a key `$` itself, j JSON without tags
 * inside, k a field that did not change (see messages). Functions and symbols do not cross: they become undefined.
 * Identity does not cross either: what is shared arrives twice.
 */
export interface Codec {
  encode(value: unknown): string;
  decode(text: string, kept?: (key: string) => unknown): unknown;
  /** JSON text of a value, tagged or wrapped as `j`, to be put into a text that starts with `t`. */
  part(value: unknown): string;
  isPlain(value: unknown): boolean;
}

/** Base64 of bytes. */
export interface Bytes {
  toText(bytes: Uint8Array): string;
  fromText(text: string): Uint8Array;
}

/** Levels of objects in objects; more is taken for a mistake, before it exhausts the stack of whoever walks it. */
const DEEPEST = 500;
const PLAIN_DEEPEST = 100;

type Tagged = { $: string; v?: unknown };
const tagged = (kind: string, v?: unknown): Tagged => ({ $: kind, v });

const tooDeep = () =>
  Object.assign(new Error(`A value with more than ${DEEPEST} levels of objects cannot be passed on`), {
    code: "function.depth",
  });

const LARGEST = 2n ** 16_384n;
const tooLarge = () =>
  Object.assign(new Error("A BigInt of more than 16384 bits cannot be passed on"), { code: "function.too-large" });

const TYPED = {
  ArrayBuffer,
  DataView,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};

function plain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return value - value === 0; // neither NaN nor infinite
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > PLAIN_DEEPEST) return false; // perhaps a cycle: the tags know
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!plain(value[i], depth + 1)) return false;
    return true;
  }
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== objectPrototype && prototype !== null) return false;
  // Twice as fast as by Object.keys. What is inherited can only make it say no, which is slower and right as well.
  for (const key in value) {
    // The cast: `value` is an object with this key.
    if (key === "$" || key === "toJSON" || !plain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

export function createCodec(bytes: Bytes): Codec {
  /** The text being decoded names a prototype somewhere: what is plain in it has to be looked through, too. */
  let suspect = false;

  /** `around`: the objects that this value lies in, outermost first. */
  function tag(value: unknown, around: unknown[]): unknown {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return value - value === 0 ? value : tagged("n", `${value}`);
      case "bigint":
        if (value > LARGEST || value < -LARGEST) throw tooLarge(); // to and from text takes for ever
        return tagged("i", `${value}`);
      case "object":
        break;
      default:
        return tagged("u");
    }
    if (value === null) return null;
    for (let i = 0; i < around.length; i++) if (around[i] === value) return tagged("c", i);
    if (around.length > DEEPEST) throw tooDeep();
    if (value instanceof Date) return tagged("d", timeOf(value));
    if (value instanceof RegExp) return tagged("r", [value.source, value.flags]);
    if (value instanceof Uint8Array && !(value instanceof Uint8ClampedArray)) return tagged("b", bytes.toText(value));
    if (value instanceof ArrayBuffer) return tagged("y", ["ArrayBuffer", bytes.toText(new Uint8Array(value))]);
    if (ArrayBuffer.isView(value))
      return tagged("y", [
        value.constructor.name,
        bytes.toText(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
      ]);
    pushTo(around, value);
    const result = tagContainer(value, around);
    popOf(around);
    return result;
  }

  function tagContainer(value: object, around: unknown[]): unknown {
    if (isArray(value)) {
      const list: unknown[] = [];
      for (let i = 0; i < value.length; i++) list[i] = tag(value[i], around);
      return list;
    }
    if (value instanceof Map || value instanceof Set) {
      const list: unknown[] = [];
      // eslint-disable-next-line unicorn/no-array-for-each -- the iterator could have been replaced; `forEach` is the collection's
      value.forEach((item: unknown, key: unknown) => {
        if (value instanceof Map) pushTo(list, tag(key, around));
        pushTo(list, tag(item, around));
      });
      return tagged(value instanceof Map ? "m" : "s", list);
    }
    const plainCopy = tagProperties(value, around);
    if (value instanceof Error) {
      if (value.cause !== undefined) plainCopy["cause"] = tag(value.cause, around);
      return tagged("e", { n: `${value.name}`, m: `${value.message}`, s: `${value.stack}`, o: plainCopy });
    }
    return "$" in plainCopy ? tagged("o", plainCopy) : plainCopy;
  }

  function tagProperties(value: object, around: unknown[]): Record<string, unknown> {
    const copy: Record<string, unknown> = createObject(null);
    const keys = keysOf(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string; // i is below the length
      copy[key] = tag((value as Record<string, unknown>)[key], around);
    }
    return copy;
  }

  type Kept = ((key: string) => unknown) | undefined;

  /** Puts values for tags, in place. */
  function revive(value: unknown, around: unknown[], kept: Kept): unknown {
    if (value === null || typeof value !== "object") return value;
    if (isArray(value)) {
      pushTo(around, value);
      for (let i = 0; i < value.length; i++) value[i] = revive(value[i], around, kept);
      popOf(around);
      return value;
    }
    // What JSON.parse made: an object with string keys.
    const object = value as Record<string, unknown>;
    if (typeof object["$"] === "string") return reviveTag(object["$"], object["v"], around, kept);
    pushTo(around, object);
    reviveInto(object, object, around, kept);
    popOf(around);
    return object;
  }

  function reviveInto(target: object, from: Record<string, unknown>, around: unknown[], kept: Kept) {
    const keys = keysOf(from);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string; // i is below the length
      // A key of this name would lead code that merges objects to a prototype.
      if (key === "__proto__") {
        if (target === from) delete from[key];
        continue;
      }
      const item = revive(from[key], around, kept);
      if (target !== from || item !== from[key])
        defineProperty(target, key, { value: item, writable: true, enumerable: true, configurable: true });
    }
  }

  function reviveTag(kind: string, v: unknown, around: unknown[], kept: Kept): unknown {
    switch (kind) {
      case "n":
        return Number(v);
      case "i":
        return BigInt(`${v}`);
      case "d":
        return new Date(typeof v === "number" ? v : Number.NaN);
      case "b":
        return bytes.fromText(`${v}`);
      case "j":
        return suspect ? revive(v, around, kept) : v;
      case "k":
        return kept?.(`${v}`);
      case "c":
        return around[Number(v)];
      case "r": {
        const [source, flags] = v as [string, string]; // as `tag` wrote it
        return new RegExp(source, flags);
      }
      case "y": {
        const [name, text] = v as [string, string]; // as `tag` wrote it
        const raw = bytes.fromText(text);
        const buffer = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength) as ArrayBuffer; // base64 makes no shared one
        const type = TYPED[name as keyof typeof TYPED]; // undefined for names that are not in the table
        return type === undefined || type === ArrayBuffer ? buffer : new (type as typeof Int8Array)(buffer);
      }
      case "o":
      case "e":
      case "m":
      case "s":
        return reviveContainer(kind, v, around, kept);
      default:
        return undefined;
    }
  }

  function reviveContainer(kind: "o" | "e" | "m" | "s", v: unknown, around: unknown[], kept: Kept): unknown {
    if (kind === "o") {
      const object = {};
      pushTo(around, object);
      reviveInto(object, v as Record<string, unknown>, around, kept); // as `tagContainer` wrote it
      popOf(around);
      return object;
    }
    if (kind === "e") {
      const { n, m, s, o } = v as { n: string; m: string; s: string; o: Record<string, unknown> }; // likewise
      const error = new Error(m);
      pushTo(around, error);
      for (const [key, value] of [
        ["name", n],
        ["stack", s],
      ] as const)
        defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
      reviveInto(error, o, around, kept);
      popOf(around);
      return error;
    }
    const list = v as unknown[]; // likewise
    const collection = kind === "m" ? new Map<unknown, unknown>() : new Set<unknown>();
    pushTo(around, collection);
    for (let i = 0; i < list.length; i++) {
      const item = revive(list[i], around, kept);
      if (collection instanceof Map) collection.set(item, revive(list[++i], around, kept));
      else collection.add(item);
    }
    popOf(around);
    return collection;
  }

  return {
    isPlain: (value) => plain(value, 0),
    encode: (value) => (plain(value, 0) ? `p${stringify(value)}` : `t${stringify(tag(value, []))}`),
    part: (value) => {
      if (value === null || (typeof value !== "object" && plain(value, 0))) return stringify(value);
      return plain(value, 0) ? `{"$":"j","v":${stringify(value)}}` : stringify(tag(value, []));
    },
    decode: (text, kept) => {
      const value: unknown = parse(sliceText(text, 1));
      suspect = includesText(text, '"__proto__"'); // every text comes from `stringify`, which never escapes these letters
      return text[0] === "p" && !suspect ? value : revive(value, [], kept);
    },
  };
}
