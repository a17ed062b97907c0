import type { Snapshot } from "#server/engine/contract.ts";

/**
 * Messages as text: JSON, with tags for what JSON does not know. A tag is an object with one key:
 *
 * `$undefined`, `$number` (NaN, Infinity, -0), `$bigint`, `$date` (ISO, or null where invalid), `$buffer` (base64),
 * `$bytes` ([type, base64]), `$regexp` ([source, flags]), `$error` ({name, message, stack?, cause?, …own properties}),
 * `$map`, `$set`, `$ref` (keys from the root to the object that contains this place: a cycle), `$plain` (an object that
 * would be taken for a tag). Functions and symbols are left out. Instances of other classes become plain objects.
 */
const TAGS = new Set([
  "$undefined",
  "$number",
  "$bigint",
  "$date",
  "$buffer",
  "$bytes",
  "$regexp",
  "$error",
  "$map",
  "$set",
  "$ref",
  "$plain",
]);
const DEEPEST_PLAIN = 100;
/** Levels of a message; more is no data, and would use up the stack of whoever copies it. */
const DEEPEST = 500;

export function snapshot(value: unknown): Snapshot {
  return isPlain(value, 0) ? JSON.stringify(value) : JSON.stringify(tagged(value, [], []));
}

export function restore(text: Snapshot): unknown {
  const value: unknown = JSON.parse(text);
  if (!text.includes('"$')) return value;
  const root: { value?: unknown } = {};
  root.value = untagged(value, root, []);
  return root.value;
}

/** Whether JSON.stringify says all of it, so that most messages are looked at once and written natively. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > DEEPEST_PLAIN) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (key.charCodeAt(0) === 36 || key === "toJSON" || key === "__proto__") return false;
    if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false; // a plain object, by its prototype
  }
  return true;
}

function tagged(value: unknown, path: (string | number)[], above: object[]): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? "-0" : `${value}` };
    case "bigint":
      return { $bigint: `${value}` };
    case "undefined":
    case "function":
    case "symbol":
      return { $undefined: true };
    default:
      break;
  }
  if (value === null || typeof value !== "object") return null;
  const special = taggedClass(value);
  if (special) return special;
  const index = above.indexOf(value);
  if (index >= 0) return { $ref: path.slice(0, index) };
  if (above.length >= DEEPEST)
    throw Object.assign(new Error(`It has more than ${DEEPEST} levels of objects within objects`), {
      code: "run.message-depth",
    });
  above.push(value);
  const result = taggedContainer(value, path, above);
  above.pop();
  return result;
}

function taggedClass(value: object): unknown {
  if (value instanceof Date) {
    const time = value.getTime();
    return { $date: Number.isNaN(time) ? null : new Date(time).toISOString() };
  }
  if (Buffer.isBuffer(value)) return { $buffer: value.toString("base64") };
  if (ArrayBuffer.isView(value))
    return {
      $bytes: [
        value.constructor.name,
        Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"),
      ],
    };
  if (value instanceof ArrayBuffer) return { $bytes: ["ArrayBuffer", Buffer.from(value).toString("base64")] };
  if (value instanceof RegExp) return { $regexp: [value.source, value.flags] };
  return undefined;
}

function taggedContainer(value: object, path: (string | number)[], above: object[]): unknown {
  const inner = (entry: unknown, ...keys: (string | number)[]) => tagged(entry, [...path, ...keys], above);
  if (Array.isArray(value)) return value.map((entry, i) => inner(entry, i));
  if (value instanceof Map)
    return { $map: [...value].map(([key, entry], i) => [inner(key, i, 0), inner(entry, i, 1)]) };
  if (value instanceof Set) return { $set: [...value].map((entry, i) => inner(entry, i)) };
  const out: Record<string, unknown> = {};
  if (value instanceof Error) {
    out["name"] = value.name;
    out["message"] = value.message;
    if (value.stack !== undefined) out["stack"] = value.stack;
    if (value.cause !== undefined) out["cause"] = inner(value.cause, "cause");
  }
  for (const key of Object.keys(value)) {
    const entry: unknown = (value as Record<string, unknown>)[key]; // own enumerable keys of an object
    if (typeof entry === "function" || typeof entry === "symbol") continue;
    setOwn(out, key, inner(entry, key));
  }
  if (value instanceof Error) return { $error: out };
  const [first, second] = Object.keys(out);
  return first !== undefined && second === undefined && TAGS.has(first) ? { $plain: out } : out;
}

/** `__proto__` as a key must not become the prototype. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  else target[key] = value;
}

function untagged(value: unknown, root: { value?: unknown }, above: { at: unknown }[]): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const out: unknown[] = [];
    const below = [...above, { at: out }];
    for (const entry of value) out.push(untagged(entry, root, below));
    return out;
  }
  const source = value as Record<string, unknown>; // an object of JSON.parse
  const keys = Object.keys(source);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined && TAGS.has(only)) return untaggedClass(only, source[only], root, above);
  return untaggedObject(source, {}, root, above);
}

function untaggedObject(
  source: Record<string, unknown>,
  out: Record<string, unknown>,
  root: { value?: unknown },
  above: { at: unknown }[],
): unknown {
  const below = [...above, { at: out }];
  for (const key of Object.keys(source)) setOwn(out, key, untagged(source[key], root, below));
  return out;
}

const VIEWS: Record<string, (bytes: ArrayBuffer) => unknown> = {
  ArrayBuffer: (bytes) => bytes,
  Uint8Array: (bytes) => new Uint8Array(bytes),
  Uint8ClampedArray: (bytes) => new Uint8ClampedArray(bytes),
  Int8Array: (bytes) => new Int8Array(bytes),
  Uint16Array: (bytes) => new Uint16Array(bytes),
  Int16Array: (bytes) => new Int16Array(bytes),
  Uint32Array: (bytes) => new Uint32Array(bytes),
  Int32Array: (bytes) => new Int32Array(bytes),
  Float32Array: (bytes) => new Float32Array(bytes),
  Float64Array: (bytes) => new Float64Array(bytes),
  BigInt64Array: (bytes) => new BigInt64Array(bytes),
  BigUint64Array: (bytes) => new BigUint64Array(bytes),
  DataView: (bytes) => new DataView(bytes),
};

/** What `tagged` wrote is read here, so the shapes below each tag are known. */
function untaggedClass(tag: string, body: unknown, root: { value?: unknown }, above: { at: unknown }[]): unknown {
  switch (tag) {
    case "$number":
      return Number(body);
    case "$bigint":
      return BigInt(String(body));
    case "$date":
      return body === null ? new Date(Number.NaN) : new Date(String(body));
    case "$buffer":
      return Buffer.from(String(body), "base64");
    case "$bytes": {
      const [name, text] = body as [string, string];
      const bytes = new Uint8Array(Buffer.from(text, "base64")).buffer;
      return (VIEWS[name] ?? VIEWS["Uint8Array"])?.(bytes);
    }
    case "$regexp": {
      const [source, flags] = body as [string, string];
      return new RegExp(source, flags);
    }
    case "$error":
      return untaggedError(body as Record<string, unknown>, root, above);
    case "$map": {
      const map = new Map<unknown, unknown>();
      const below = [...above, { at: map }];
      for (const [key, entry] of body as [unknown, unknown][])
        map.set(untagged(key, root, below), untagged(entry, root, below));
      return map;
    }
    case "$set": {
      const set = new Set<unknown>();
      const below = [...above, { at: set }];
      for (const entry of body as unknown[]) set.add(untagged(entry, root, below));
      return set;
    }
    case "$ref":
      return above[(body as unknown[]).length]?.at; // as many containers above as the path has keys
    case "$plain":
      return untaggedObject(body as Record<string, unknown>, {}, root, above);
    default:
      return undefined; // $undefined
  }
}

function untaggedError(body: Record<string, unknown>, root: { value?: unknown }, above: { at: unknown }[]): Error {
  const { name, message, stack, cause, ...own } = body;
  const error = new Error(String(message));
  const below = [...above, { at: error }];
  Object.defineProperty(error, "name", { value: name, enumerable: false, writable: true, configurable: true });
  Object.defineProperty(error, "stack", { value: stack, enumerable: false, writable: true, configurable: true });
  if (cause !== undefined)
    Object.defineProperty(error, "cause", {
      value: untagged(cause, root, below),
      enumerable: false,
      writable: true,
      configurable: true,
    });
  for (const key of Object.keys(own)) Object.assign(error, { [key]: untagged(own[key], root, below) });
  return error;
}
