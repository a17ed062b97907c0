import { RpcError, type Json } from "../../exchange.ts";
import { CODE, isObject, objectAt, WireError } from "../wire/rpc.ts";

export interface Question {
  method: string;
  params: Json;
}

/** The capabilities that a client must have declared to be asked this; undefined: nobody may be asked it. */
function requiredFor({ method, params }: Question): Json | undefined {
  if (method === "elicitation/create") return { elicitation: params["mode"] === "url" ? { url: {} } : { form: {} } };
  if (method === "sampling/createMessage")
    return { sampling: params["tools"] !== undefined || params["toolChoice"] !== undefined ? { tools: {} } : {} };
  return method === "roots/list" ? { roots: {} } : undefined;
}

/** What of it the client did not declare; undefined: nothing. A bare `elicitation: {}` means forms. */
export function missingFor(question: Question, declared: Json): Json | undefined {
  const required = requiredFor(question);
  if (!required) return {};
  for (const [name, members] of Object.entries(required)) {
    const has = declared[name];
    if (!isObject(has)) return required;
    const bare = name === "elicitation" && has["form"] === undefined && has["url"] === undefined;
    const lacking = Object.keys(objectAt({ members }, "members")).some(
      (member) => has[member] === undefined && !(bare && member === "form"),
    );
    if (lacking) return required;
  }
  return undefined;
}

/** Throws unless the client declared that it can be asked this. */
export function mustBeAble(question: Question, declared: Json): void {
  const missing = missingFor(question, declared);
  if (!missing) return;
  if (Object.keys(missing).length === 0)
    throw new RpcError(CODE.method, `The server may not ask a client for ${question.method}`);
  throw new WireError(400, CODE.capability, `The client did not declare what ${question.method} needs`, {
    requiredCapabilities: missing,
  });
}

/** The questions of an `input_required` result. */
export function questionsOf(result: Json): [key: string, question: Question][] {
  return Object.entries(objectAt(result, "inputRequests")).map(([key, request]) => {
    const method = isObject(request) ? request["method"] : undefined;
    if (typeof method !== "string")
      throw new RpcError(CODE.internal, "The server asked something that is not a request");
    return [key, { method, params: objectAt(request as Json, "params") }]; // isObject above
  });
}

export const needsInput = (result: Json): boolean => result["resultType"] === "input_required";
