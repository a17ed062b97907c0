import type { Json } from "../exchange.ts";
import { NotMcp } from "./wire-errors.ts";

/** A JSON-RPC message of whatever kind. */
export interface Message {
  jsonrpc: "2.0";
  id?: string | number | null;
  method?: string;
  params?: Json;
  result?: Json;
  error?: { code: number; message: string; data?: unknown };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isResponse = (message: Message): boolean => message.result !== undefined || message.error !== undefined;

const MAX_DEPTH = 100;

/**
 * The messages of a text: one, or the batch of revision 2025-03-26. Throws NotMcp, also for values nested more than 100
 * deep, which nothing behind this could handle with a stack.
 */
export function messagesOf(text: string): Message[] {
  let value: unknown;
  try {
    if (!isShallow(text)) throw new NotMcp("its answer is nested too deeply");
    value = JSON.parse(text);
  } catch (error) {
    throw error instanceof NotMcp ? error : new NotMcp(undefined, error);
  }
  return Array.isArray(value) ? value.map(messageOf) : [messageOf(value)];
}

function messageOf(value: unknown): Message {
  if (!isObject(value) || value["jsonrpc"] !== "2.0") throw new NotMcp();
  const { id, method, params, result, error } = value;
  const right =
    (id === undefined || id === null || typeof id === "string" || typeof id === "number") &&
    (method === undefined || typeof method === "string") &&
    (params === undefined || isObject(params)) &&
    (result === undefined || isObject(result)) &&
    (error === undefined || (isObject(error) && typeof error["code"] === "number")) &&
    (method !== undefined || result !== undefined || error !== undefined);
  if (!right) throw new NotMcp();
  return value as unknown as Message; // as was just looked at; messages of errors are read with `String`
}

/** Without parsing: brackets outside of strings. */
function isShallow(text: string): boolean {
  if (text.length <= MAX_DEPTH) return true;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      // to the quote that ends the string: one that an even number of backslashes stands before
      for (;;) {
        at = text.indexOf('"', at + 1);
        if (at < 0) return true; // no JSON: the parser says so
        let before = at - 1;
        while (text.charCodeAt(before) === 0x5c) before--;
        if ((at - before) % 2 === 1) break;
      }
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) return false;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return true;
}
