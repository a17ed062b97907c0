import type { Start } from "#server/engine/contract.ts";
import { snapshot } from "#server/engine/snapshot.ts";
import type { FlowStart } from "./schema.ts";

/** What an `http in` node gets as `msg.req`, and the body as it was parsed. */
export interface RequestView {
  method: string;
  /** Path and query as the flow sees them: without /flows/http. */
  url: string;
  path: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  query: Record<string, unknown>;
  cookies: Record<string, string>;
  body: unknown;
  /** `base64`: `body` is that text of a buffer. */
  bodyEncoding?: "base64";
}

/** `Run.input` of a run of the kind flow. */
export interface FlowRunInput {
  start: { node: string; kind: FlowStart["kind"] };
  /** Becomes `msg.payload`; absent: an inject node makes its own message. */
  payload?: unknown;
  /** Where the run was begun by a request, and so has somebody to answer. */
  request?: RequestView;
}

const bodyOf = ({ body, bodyEncoding }: RequestView): unknown =>
  bodyEncoding === "base64" && typeof body === "string" ? Buffer.from(body, "base64") : body;

/** The first message of a run that starts elsewhere than at an inject node; null: it makes its own. */
function firstMessage({ start, payload, request }: FlowRunInput): Record<string, unknown> | null {
  if (request) {
    const { bodyEncoding: _, ...view } = request;
    const body = bodyOf(request);
    return { payload: request.method === "GET" ? request.query : body, req: { ...view, body } };
  }
  if (start.kind === "http-in") {
    const nobody = { method: "POST", url: "", path: "", headers: {}, params: {}, query: {}, cookies: {} };
    return { payload, req: { ...nobody, body: payload } };
  }
  return start.kind === "first" ? { payload } : null;
}

/** Where and with what the engine begins a run with this input. */
export function engineStart(input: FlowRunInput): Start {
  const { node } = input.start;
  const msg = firstMessage(input);
  if (msg) return { node, msg: snapshot(msg) };
  return input.payload === undefined ? { node } : { node, set: { payload: input.payload } };
}
