import type { Codec } from "../codec.ts";
import {
  createObject,
  defineProperty,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isArray,
  keysOf,
  objectPrototype,
  sliceText,
  stringify,
  tryDefine,
  weakGet,
  weakSet,
} from "../primordials.ts";

/** A field of a message that came as a text of its own. */
interface Field {
  call: number;
  key: string;
  text: string;
}

export interface Messages {
  /** `head` is the message; with `texts` it is `[message, keys]`, and the fields of these keys are read when looked at. */
  open(call: number, head: string, texts: string[]): unknown;
  /**
   * What a function returns or sends, as a text for the host: for each output null or a list of messages, a string in place
   * of a message being the type of something that is none. Fields that still are as they came are only named, if `keep`.
   */
  results(call: number, value: unknown, keep: boolean): string;
}

export function createMessages(codec: Codec): Messages {
  const unread = new WeakMap<object, Record<string, Field>>();
  const given = new WeakMap<object, Field>();
  let anyFields = false;

  function defer(message: object, field: Field, waiting: Record<string, Field>) {
    let read = false;
    let value: unknown;
    // A frozen message keeps the accessor.
    const fix = (fixed: unknown) => {
      read = true;
      value = fixed;
      const own = { value, writable: true, enumerable: true, configurable: true };
      if (tryDefine(message, field.key, own)) delete waiting[field.key];
    };
    waiting[field.key] = field;
    defineProperty(message, field.key, {
      get: () => {
        if (read) return value;
        fix(codec.decode(field.text));
        if (typeof value === "object" && value !== null) weakSet(given, value, field);
        return value;
      },
      set: fix,
      enumerable: true,
      configurable: true,
    });
  }

  const same = (field: Field) => `{"$":"k","v":${stringify(field.key)}}`;
  const asPart = (text: string) => (text[0] === "p" ? `{"$":"j","v":${sliceText(text, 1)}}` : sliceText(text, 1));

  function fieldPart(call: number, value: unknown): string {
    const field =
      // The cast: only fields are put into it.
      typeof value === "object" && value !== null ? (weakGet(given, value) as Field | undefined) : undefined;
    if (field === undefined || field.call !== call) return codec.part(value);
    const text = codec.encode(value);
    return text === field.text ? same(field) : asPart(text);
  }

  function messagePart(call: number, message: object, keep: boolean): string {
    const prototype: unknown = getPrototypeOf(message);
    if (!anyFields || !keep || (prototype !== objectPrototype && prototype !== null)) return codec.part(message);
    const waiting = weakGet(unread, message) as Record<string, Field> | undefined; // only such are put into it
    const keys = keysOf(message);
    let text = "{";
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string; // i is below the length
      if (key === "$" || key === "toJSON") return codec.part(message);
      const field = waiting?.[key];
      const unseen = field !== undefined && getOwnPropertyDescriptor(message, key)?.get !== undefined;
      const part = !unseen
        ? fieldPart(call, (message as Record<string, unknown>)[key])
        : field.call === call
          ? same(field)
          : asPart(field.text);
      text += `${i === 0 ? "" : ","}${stringify(key)}:${part}`;
    }
    return `${text}}`;
  }

  /** Null: nothing. A string in quotes: the type of what is no message. */
  function itemPart(call: number, item: unknown, keep: boolean): string {
    if (item === null || item === undefined) return "null";
    if (typeof item !== "object") return stringify(typeof item);
    if (isArray(item)) return '"Array"';
    if (item instanceof Uint8Array) return '"Buffer"';
    return messagePart(call, item, keep);
  }

  return {
    open(call, head, texts) {
      if (texts.length === 0) return codec.decode(head);
      anyFields = true;
      const [message, keys] = codec.decode(head) as [object, string[]]; // as the host wrote it
      const waiting: Record<string, Field> = createObject(null);
      for (let i = 0; i < keys.length; i++)
        defer(message, { call, key: keys[i] as string, text: texts[i] as string }, waiting); // as many texts as keys
      weakSet(unread, message, waiting);
      return message;
    },
    results(call, value, keep) {
      if (value === null || value === undefined) return "p[]";
      const outputs: unknown[] = isArray(value) ? value : [value];
      if (!anyFields && codec.isPlain(outputs) && areMessages(outputs)) return `p${stringify(wrapped(outputs))}`;
      let text = "";
      for (let i = 0; i < outputs.length; i++) {
        const output = outputs[i];
        if (i > 0) text += ",";
        if (!output) {
          text += "null";
          continue;
        }
        const items: unknown[] = isArray(output) ? output : [output];
        let list = "";
        for (let n = 0; n < items.length; n++) list += `${n === 0 ? "" : ","}${itemPart(call, items[n], keep)}`;
        text += `[${list}]`;
      }
      return `t[${text}]`;
    },
  };
}

/** Whether each output is one message, a list of messages, or nothing. */
function areMessages(outputs: unknown[]): boolean {
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i];
    if (output === null) continue;
    if (typeof output !== "object") return false;
    if (!isArray(output)) continue;
    for (let n = 0; n < output.length; n++) {
      const item: unknown = output[n];
      if (typeof item !== "object" || isArray(item)) return false;
    }
  }
  return true;
}

function wrapped(outputs: unknown[]): unknown[] {
  const lists: unknown[] = [];
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i];
    lists[i] = output === null || isArray(output) ? output : [output];
  }
  return lists;
}
