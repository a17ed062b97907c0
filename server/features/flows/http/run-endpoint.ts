import { isDeepStrictEqual } from "node:util";
import type { NodeDef } from "#server/engine/contract.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../../deps.ts";
import { createSecrets, isTerminal, rowKey, watchRun, type RunEventView } from "../../runs/index.ts";
import { cacheOf } from "../flow-cache.ts";
import type { FlowRunInput, RequestView } from "../flow-input.ts";
import { revisionNodes } from "../prepare-flow.ts";
import { startPreparedRun, authoriseRun } from "../start-flow-run.ts";
import type { EndpointMatch } from "./match-endpoint.ts";
import { replyResponse, type HttpReply } from "./http-reply.ts";
import { requestView } from "./request-view.ts";

/** How long a caller waits; the run goes on after it. */
export const REPLY_WITHIN_MS = 120_000;

const NODES = Symbol("http in nodes");

/** The `http in` node's own settings, remembered by revision. */
async function endpointNode(deps: Pick<Deps, "db" | "live">, { flow, nodeId }: EndpointMatch): Promise<NodeDef> {
  const cache = cacheOf<NodeDef>(deps, NODES);
  const key = `${flow.documentId}/${flow.revision}/${nodeId}`;
  const known = cache.get(key);
  if (known) return known;
  const nodes = await revisionNodes(deps, flow.documentId, flow.revision);
  const node = nodes.find(({ id }) => id === nodeId) ?? { id: nodeId, type: "http in" };
  cache.set(key, node);
  return node;
}

function keyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key")?.trim() || undefined;
  if (key !== undefined && key.length > 200)
    throw new AppError("invalid", "request.idempotency-key", "An Idempotency-Key has at most 200 characters");
  return key;
}

/**
 * The run that this key began before. A repeated request differs in headers that name the try, so only what it asks for
 * has to be the same; where that differs, the start refuses it.
 */
async function sentBefore(
  { db }: Pick<Deps, "db">,
  { workspaceId, userId }: Actor,
  key: string,
  { flow, nodeId }: EndpointMatch,
  view: RequestView,
): Promise<string | null> {
  const run = await db.run.findFirst({ where: { workspaceId, idempotencyKey: rowKey(userId, key) } });
  if (!run || run.subjectId !== flow.id) return null;
  const { start, request } = run.input as unknown as FlowRunInput; // of a run of a flow
  const asked = ({ method, url, body }: RequestView) => JSON.parse(JSON.stringify([method, url, body])) as unknown;
  return request && start.node === nodeId && isDeepStrictEqual(asked(request), asked(view)) ? run.id : null;
}

/** A problem document as the rest of the HTTP API answers; 504 is known here alone. */
const problem = (status: number, code: string, title: string, detail: string, runId: string, requestId: string) =>
  Response.json(
    { type: `urn:osf:problem:${code}`, title, status, detail, code, requestId, run_id: runId },
    { status, headers: { "Content-Type": "application/problem+json", "X-Run-Id": runId } },
  );

/** What the end of a run that did not answer means to who waits. */
function endResponse({ type, data }: RunEventView, runId: string, requestId: string): Response {
  if (type === "done") return new Response(null, { status: 204, headers: { "X-Run-Id": runId } });
  const why = typeof data.message === "string" ? data.message : "The run was cancelled";
  const code = typeof data.code === "string" ? data.code : "run.cancelled";
  return problem(502, code, "The flow failed", why, runId, requestId);
}

/**
 * Answers a request below /flows/http by a run of the flow that was matched: what its `http response` node says, 204
 * when the run ends without one, 502 when it fails, 504 when it takes too long. Every answer names the run in
 * `X-Run-Id`. When the caller is gone the run goes on. Throws what `startFlowRun` throws, and `large`, `invalid`.
 */
export async function runEndpoint(
  deps: Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings">,
  actor: Actor,
  match: EndpointMatch,
  request: Request,
  { url, requestId = "", withinMs = REPLY_WITHIN_MS }: { url: string; requestId?: string; withinMs?: number },
): Promise<Response> {
  authoriseRun(actor, match.flow); // before a body is read
  const { params, nodeId, flow } = match;
  const view = await requestView(request, { url, params, node: await endpointNode(deps, match) });
  const idempotencyKey = keyOf(request);
  const known = idempotencyKey ? await sentBefore(deps, actor, idempotencyKey, match, view) : null;
  const runId =
    known ??
    (
      await startPreparedRun(deps, actor, flow, {
        start: nodeId,
        trigger: "http",
        request: view,
        idempotencyKey,
        ...(requestId ? { requestId } : {}),
      })
    ).runId;
  const late = AbortSignal.timeout(withinMs);
  for await (const event of watchRun(deps, runId, 0, AbortSignal.any([late, request.signal]))) {
    if (event.type === "http_reply") {
      const whole = createSecrets(deps.settings.jwtSecret).restored(JSON.stringify(event.data));
      const response = replyResponse(JSON.parse(whole) as HttpReply, runId); // takes nothing of it for granted
      return request.method === "HEAD" ? new Response(null, response) : response;
    }
    if (isTerminal(event.type)) return endResponse(event, runId, requestId);
  }
  return problem(
    504,
    "flow.timeout",
    "The flow did not answer in time",
    `The flow has not answered within ${withinMs / 1_000} s. It goes on: look at the run ${runId}`,
    runId,
    requestId,
  );
}
