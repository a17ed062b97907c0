import type { z } from "zod";
import { MODEL_ID } from "./model-list.ts";
import { ChatRequest, textOf } from "./request.ts";
import { WireError } from "./wire-error.ts";

/** Checks a request body as the original does and throws the first fault as `WireError` (400, or 404 for the model). */
export function parseRequest(body: unknown): ChatRequest {
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw new WireError(400, "The request body must be a JSON object.");
  if ("functions" in body || "function_call" in body)
    throw new WireError(
      400,
      "'functions' and 'function_call' are not supported with this model. Use 'tools'.",
      "functions",
      "unsupported_parameter",
    );
  const parsed = ChatRequest.safeParse(body);
  if (!parsed.success) throw describeIssue(parsed.error.issues[0], body);
  const request = parsed.data;
  if (request.model !== MODEL_ID)
    throw new WireError(
      404,
      `The model '${request.model}' does not exist or you do not have access to it.`,
      "model",
      "model_not_found",
    );
  checkCombinations(request);
  checkTools(request);
  checkConversation(request.messages);
  return request;
}

function describeIssue(first: z.core.$ZodIssue | undefined, body: unknown): WireError {
  if (!first) return new WireError(400, "The request is not valid.");
  const issue = innermost(first);
  const param = pathText(issue.path);
  const value = valueAt(body, issue.path);
  const at = param || "body";
  switch (issue.code) {
    case "unrecognized_keys": {
      const name = [param, issue.keys[0]].filter(Boolean).join(".");
      return new WireError(400, `Unknown parameter: '${name}'.`, name, "unknown_parameter");
    }
    case "too_big":
    case "too_small": {
      const kind = Array.isArray(value) ? "array" : typeof value === "string" ? "string" : "integer";
      const big = issue.code === "too_big";
      const bound = issue.code === "too_big" ? `maximum ${String(issue.maximum)}` : `minimum ${String(issue.minimum)}`;
      const code = `${kind}_${big ? "above_max" : "below_min"}_${kind === "integer" ? "value" : "length"}`;
      const empty = Array.isArray(value) && value.length === 0;
      return new WireError(
        400,
        `Invalid '${at}': ${empty ? "empty array" : `${kind} ${big ? "too large" : "too small"}`}. Expected a ${bound}${kind === "integer" ? " value" : " length"}.`,
        at,
        empty ? "empty_array" : code,
      );
    }
    case "invalid_format":
      return new WireError(
        400,
        `Invalid '${at}': string does not match pattern. Expected a string that matches the pattern '${"pattern" in issue ? String(issue.pattern).replaceAll("/", "") : ""}'.`,
        at,
        "invalid_value",
      );
    case "invalid_value":
      if (value !== undefined)
        return new WireError(
          400,
          `Invalid value: ${quote(value)}. Supported values are: ${issue.values.map(quote).join(", ")}.`,
          at,
          "invalid_value",
        );
      break;
    case "invalid_union":
      if (value !== undefined && issue.discriminator)
        return new WireError(400, `Invalid value for '${at}': ${quote(value)} is not supported.`, at, "invalid_value");
      break;
    default:
  }
  if (value === undefined)
    return new WireError(400, `Missing required parameter: '${at}'.`, at, "missing_required_parameter");
  return new WireError(400, `Invalid type for '${at}': ${issue.message}.`, at, "invalid_type");
}

/** Of the branches of a union, the one that got furthest says best what is wrong. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const branches = issue.errors.map((branch) => branch[0]).filter((inner) => inner !== undefined);
  const deepest = branches.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (!deepest || deepest.path.length === 0) return issue;
  return innermost({ ...deepest, path: [...issue.path, ...deepest.path] });
}

const pathText = (path: PropertyKey[]) =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    "",
  );

function valueAt(body: unknown, path: PropertyKey[]): unknown {
  let value: unknown = body;
  for (const key of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<PropertyKey, unknown>)[key]; // any object can be read by key
  }
  return value;
}

const quote = (value: unknown) => `'${typeof value === "string" ? value : JSON.stringify(value)}'`;

function checkCombinations(request: ChatRequest): void {
  const refuse = (message: string, param: string, code: string | null = null): never => {
    throw new WireError(400, message, param, code);
  };
  if (request.stream_options && !request.stream)
    refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  if (request.max_tokens != null && request.max_completion_tokens != null)
    refuse("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens");
  if (!request.tools && request.tool_choice !== undefined && request.tool_choice !== "none")
    refuse("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice");
  if (!request.tools && request.parallel_tool_calls !== undefined)
    refuse(
      "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
      "parallel_tool_calls",
    );
  if ((request.n ?? 1) !== 1) refuse("This model answers with one choice: 'n' must be 1.", "n", "unsupported_value");
  if (request.logprobs) refuse("'logprobs' is not supported with this model.", "logprobs", "unsupported_parameter");
  if (request.response_format?.type === "json_schema")
    refuse(
      "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
      "response_format",
    );
  if (
    request.response_format?.type === "json_object" &&
    !request.messages.some((message) => /json/i.test(textOf(message.content)))
  )
    refuse(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      "messages",
    );
}

function checkTools(request: ChatRequest): void {
  const names = new Set<string>();
  for (const [i, tool] of (request.tools ?? []).entries()) {
    const { name, parameters } = tool.function;
    if (names.has(name))
      throw new WireError(
        400,
        `Tool names must be unique: '${name}' is given twice.`,
        `tools[${i}].function.name`,
        "invalid_value",
      );
    names.add(name);
    if (parameters && Object.keys(parameters).length > 0 && parameters.type !== "object")
      throw new WireError(
        400,
        `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(parameters.type ?? null)}'.`,
        `tools[${i}].function.parameters`,
        "invalid_function_parameters",
      );
  }
  const choice = request.tool_choice;
  if (typeof choice === "object" && !names.has(choice.function.name))
    throw new WireError(400, `Tool choice '${choice.function.name}' not found in 'tools' parameter.`, "tool_choice");
}

/** Parameters are spelt `messages.[1].role` here: the original does so for faults of the conversation. */
function checkConversation(messages: ChatRequest["messages"]): void {
  let open = new Set<string>();
  const unanswered = (index: number) => {
    if (open.size > 0)
      throw new WireError(
        400,
        `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(", ")}`,
        `messages.[${index}].role`,
      );
  };
  let answers = false;
  for (const [i, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!answers)
        throw new WireError(
          400,
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          `messages.[${i}].role`,
        );
      if (!open.delete(message.tool_call_id))
        throw new WireError(
          400,
          `Invalid parameter: 'tool_call_id' of '${message.tool_call_id}' not found in 'tool_calls' of previous message.`,
          `messages.[${i}].tool_call_id`,
        );
      continue;
    }
    unanswered(i);
    answers = message.role === "assistant" && message.tool_calls !== undefined;
    if (message.role === "assistant") {
      if (!message.tool_calls && message.content == null && message.refusal == null)
        throw new WireError(
          400,
          `Invalid value for 'content': expected a string, got null.`,
          `messages.[${i}].content`,
        );
      open = new Set(message.tool_calls?.map((call) => call.id));
    }
    if (message.role === "user" && Array.isArray(message.content)) {
      const other = message.content.find((part) => part.type !== "text");
      if (other)
        throw new WireError(
          400,
          `Invalid content type. ${other.type} is only supported by certain models.`,
          `messages.[${i}].content`,
        );
    }
  }
  unanswered(messages.length);
}
