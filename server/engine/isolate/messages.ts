import { hostCodec } from "#server/engine/isolate/host-codec.ts";

/** A message on its way into an isolate: see `Messages.open` inside. */
export interface SentMessage {
  texts: string[];
  /** Fields that have a text of their own, by key. What comes back unchanged is taken from here. */
  fields?: Map<string, KeptField>;
}
interface KeptField {
  value: unknown;
  text: string;
  taken: boolean;
}

/** Values in a field up to which it is read at once: below, an accessor costs more than it spares. */
const LIGHT = 48;

/**
 * Big fields, and those that JSON does not hold, get a text of their own: it is read only when the code looks at the
 * field, and a field that comes back as it went is not read here again.
 */
export function encodeMessage(msg: Record<string, unknown>): SentMessage {
  const keys = Object.keys(msg);
  const heavy: string[] = [];
  let plain = true;
  for (const key of keys) {
    if (key === "$" || key === "toJSON" || key === "__proto__") return { texts: [hostCodec.encode(msg)] };
    const value = msg[key];
    if (typeof value === "object" && value !== null) {
      if (weigh(value, 0, LIGHT) < 0) heavy.push(key);
    } else if (
      typeof value === "number" ? value - value !== 0 : typeof value !== "string" && typeof value !== "boolean"
    )
      plain &&= value === null;
  }
  if (heavy.length === 0) return { texts: [plain ? `p${JSON.stringify(msg)}` : hostCodec.encode(msg)] };

  const shape: Record<string, unknown> = { ...msg };
  const fields = new Map<string, KeptField>();
  const texts: string[] = [];
  for (const key of heavy) {
    shape[key] = null;
    const text = hostCodec.encode(msg[key]);
    fields.set(key, { value: msg[key], text, taken: false });
    texts.push(text);
  }
  return { texts: [hostCodec.encode([shape, heavy]), ...texts], fields };
}

/** What is left of a budget of values; negative: more than that, or something that JSON does not hold. */
function weigh(value: unknown, depth: number, budget: number): number {
  let left = budget - 1;
  if (typeof value !== "object") {
    if (typeof value === "number") return value - value === 0 ? left : -1;
    return typeof value === "string" || typeof value === "boolean" ? left : -1;
  }
  if (value === null) return left;
  if (depth > LIGHT) return -1;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i++) left = weigh(value[i], depth + 1, left);
    return left;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return -1;
  for (const key in value) {
    if (key === "$" || key === "toJSON" || left < 0) return -1;
    left = weigh((value as Record<string, unknown>)[key], depth + 1, left); // a key of this object
  }
  return left;
}

/** The value of a field that did not change: the object that went in, then copies, as what was handed on may change. */
export function takeField(fields: SentMessage["fields"], key: string): unknown {
  const field = fields?.get(key);
  if (!field) return undefined;
  if (field.taken) return hostCodec.decode(field.text);
  field.taken = true;
  return field.value;
}

/** For each output null or a list of messages; a string: the type of something that is no message. */
export type Results = (({ _msgid?: string } | string | null)[] | null)[];
