/** What the interface can say about a failure, whatever it came from. */
export interface Problem {
  /** What happened, as a sentence for the person. */
  message: string;
  /** Stable: `flow.cyclic`. */
  code?: string;
  status?: number;
  requestId?: string;
  /** Seconds after which another try makes sense. */
  retryAfter?: number;
  /** Wrong fields: `path` as `a.b[0]`. */
  errors?: { path: string; message: string }[];
  /** The request never got an answer: nothing is known of its effect. */
  unreachable?: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
const count = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : undefined);

function fieldErrors(value: unknown): Problem["errors"] {
  if (!Array.isArray(value)) return undefined;
  const errors = value.flatMap((one: unknown) => {
    if (!isRecord(one)) return [];
    const message = text(one.message);
    return message === undefined ? [] : [{ path: text(one.path) ?? "", message }];
  });
  return errors.length > 0 ? errors : undefined;
}

/**
 * Reads a problem document (RFC 9457), a tRPC client error that carries one in `data.problem` or flat in `data`, or any
 * thrown value. Never throws. The words of a program's own bug are not shown; they go to the log under the request id.
 */
export function toProblem(error: unknown): Problem {
  const outer = isRecord(error) ? error : {};
  const data = isRecord(outer.data) ? outer.data : {};
  const shape = isRecord(data.problem) ? data.problem : { ...data };
  const pick = <T>(key: string, read: (value: unknown) => T | undefined) => read(shape[key]) ?? read(outer[key]);

  const status = pick("status", count) ?? count(data.httpStatus);
  const message =
    text(shape.detail) ?? text(shape.message) ?? text(outer.detail) ?? text(outer.message) ?? text(outer.title) ?? "";
  const unreachable = status === undefined && /failed to fetch|networkerror|load failed|fetch failed/i.test(message);
  const problem: Problem = { message: unreachable ? "" : message };
  const code = text(shape.code) ?? text(outer.code);
  const requestId = pick("requestId", text);
  const retryAfter = pick("retryAfter", count);
  const errors = fieldErrors(shape.errors) ?? fieldErrors(shape.fields) ?? fieldErrors(outer.errors);
  if (code) problem.code = code;
  if (status !== undefined) problem.status = status;
  if (requestId) problem.requestId = requestId;
  if (retryAfter !== undefined) problem.retryAfter = retryAfter;
  if (errors) problem.errors = errors;
  if (unreachable) problem.unreachable = true;
  return problem;
}

/** Field errors keyed as a form names its fields (`a.b[0]` becomes `a.b.0`); those without a field under "". */
export function fieldMessages(problem: Problem): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const { path, message } of problem.errors ?? []) {
    const key = path.replaceAll(/\[(\w+)\]/g, ".$1").replace(/^\./, "");
    messages[key] = messages[key] ? `${messages[key]} ${message}` : message;
  }
  return messages;
}
