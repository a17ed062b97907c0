import type { Codec } from "../codec.ts";
import { sliceText } from "../primordials.ts";

/**
 * The only way out of an isolate: operation, call, arguments as text. Answers undefined, or `v` and a value, or `e` and an
 * error, as text. It is handed to the boot function and never stored where user code could find it.
 */
export type Door = (operation: string, call: number, text: string) => string | undefined;

/** What the host tells a context about itself. */
export interface Configuration {
  kind: "function" | "code";
  id: string;
  name?: string;
  path?: string;
  outputs?: number;
  /** Characters of one message. */
  messageChars: number;
  /** Sentences of Node-RED's catalogue that the inside throws. */
  texts: Record<string, string>;
}

/** Leads to the host and back, with values for text. */
export type Ask = (operation: string, call: number, ...args: unknown[]) => unknown;

export function createAsk(door: Door, codec: Codec, limit: number): Ask {
  return (operation, call, ...args) => {
    const text = codec.encode(args);
    checkSize(text, limit);
    return valueOf(door(operation, call, text), codec);
  };
}

/** What an answer of the door says; throws the error that it is. */
export function valueOf(answer: string | undefined, codec: Codec): unknown {
  if (answer === undefined) return undefined;
  const value = codec.decode(sliceText(answer, 1));
  if (answer[0] === "e") throw value;
  return value;
}

export function checkSize(text: string, limit: number): void {
  if (text.length <= limit) return;
  throw Object.assign(
    new Error(`A message of ${text.length} characters is too large; at most ${limit} characters can be passed on`),
    { code: "function.too-large" },
  );
}
