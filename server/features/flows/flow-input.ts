import type { Start } from "#server/engine/contract.ts";
import { restore, snapshot } from "#server/engine/snapshot.ts";
import type { FlowStart } from "./schema.ts";

/** What an `http in` node gets as `msg.req`. */
export interface RequestView {
  method: string;
  /** Path and query as the flow sees them: without /flows/http. */
  url: string;
  path: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  query: Record<string, unknown>;
  cookies: Record<string, string>;
  /** As it was parsed; JSON with the tags of the engine's snapshots for buffers. Not for GET. */
  body?: unknown;
  /** Of an upload, with the same tags. */
  files?: unknown;
}

/** `Run.input` of a run of the kind flow. */
export interface FlowRunInput {
  start: { node: string; kind: FlowStart["kind"] };
  /** Becomes `msg.payload`; absent: an inject node makes its own message. */
  payload?: unknown;
  /** Where the run was begun by a request, and so has somebody to answer. */
  request?: RequestView;
  /** Where there is no flow: the code that it is, as code-run.ts has it. */
  code?: { text: string; seconds: number };
}

const untagged = (value: unknown): unknown => (value === undefined ? undefined : restore(JSON.stringify(value)));

/** The first message of a run that starts elsewhere than at an inject node; null: it makes its own. */
function firstMessage({ start, payload, request }: FlowRunInput): Record<string, unknown> | null {
  if (request) {
    const { body: stored, files, ...view } = request;
    const body = untagged(stored);
    const req = { ...view, body, ...(files === undefined ? {} : { files: untagged(files) }) };
    return { payload: request.method === "GET" ? request.query : body, req };
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
