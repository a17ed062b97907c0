import { z } from "zod";
import { pageOf, route } from "#server/edge/rest/route.ts";
import { sseResponse, type SseEvent } from "#server/edge/sse.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { FlowStarted, runGraph } from "../flows/index.ts";
import { settlers } from "../settlers.ts";
import { cancelRun } from "./cancel-run.ts";
import { findRun, getRun, listRunEvents, listRuns } from "./find-runs.ts";
import { getStep, listSteps } from "./find-steps.ts";
import { retryRun } from "./retry-run.ts";
import { RunDetail, RunEventView, RunFilter, RunRef, RunView } from "./schema.ts";
import { RetryRun, RunGraph, RunStepDetail, RunStepView, StepRef, StepsQuery } from "./steps.schema.ts";
import { shownEvent } from "./events.ts";
import { watchRun } from "./watch-run.ts";

const EventsQuery = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).meta({ description: "Number of the last event already seen" }),
  limit: z.coerce.number().int().min(1).max(1_000).default(200).meta({ description: "Only for JSON" }),
});

async function* runEvents(
  deps: Pick<Deps, "db" | "live">,
  runId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<SseEvent> {
  for await (const event of watchRun(deps, runId, after, signal)) {
    const { seq, type, data, at } = shownEvent(event);
    yield { id: seq, event: type, data: { seq, type, data, at } };
  }
}

function resumeAfter(request: Request, after: number): number {
  const last = request.headers.get("last-event-id");
  if (last === null) return after;
  const seq = Number(last);
  if (Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw new AppError("invalid", "request.invalid", "Last-Event-ID must be the number of an event", {
    fields: [{ path: "Last-Event-ID", message: "Must be the number of an event" }],
  });
}

export const runRoutes = [
  route({
    method: "GET",
    path: "/api/runs",
    permission: "run.read",
    tag: "Runs",
    summary: "Runs, newest first",
    query: RunFilter,
    response: pageOf(RunView),
    handle: ({ deps, actor, query }) => listRuns(deps, actor, query),
  }),
  route({
    method: "GET",
    path: "/api/runs/{id}",
    permission: "run.read",
    tag: "Runs",
    summary: "One run with input and output",
    params: RunRef,
    response: RunDetail,
    handle: ({ deps, actor, params }) => getRun(deps, actor, params),
  }),
  route({
    method: "GET",
    path: "/api/runs/{id}/events",
    permission: "run.read",
    tag: "Runs",
    summary: "The events of a run, as they come",
    description:
      "Server-sent events; `Last-Event-ID` (or `?after=`) resumes without loss or repeat; a finished run replays its whole log and closes. With `Accept: application/json` a page of events instead.",
    params: RunRef,
    query: EventsQuery,
    response: z.union([z.string(), z.object({ items: z.array(RunEventView), nextCursor: z.string().nullable() })]),
    contentType: "text/event-stream",
    handle: async (call) => {
      const { deps, actor, params, query, request } = call;
      const run = await findRun(deps, actor, params.id);
      const after = resumeAfter(request, query.after);
      const accept = request.headers.get("accept") ?? "";
      if (accept.includes("application/json") && !accept.includes("text/event-stream")) {
        const items = await listRunEvents(deps, actor, { id: run.id, after, limit: query.limit });
        return Response.json({ items, nextCursor: items.length === query.limit ? String(items.at(-1)?.seq) : null });
      }
      // Nobody has seen what is not there yet: from beyond the end a watcher would wait for ever.
      return sseResponse(call, (signal) => runEvents(deps, run.id, Math.min(after, run.lastSeq), signal));
    },
  }),
  route({
    method: "POST",
    path: "/api/runs/{id}/cancel",
    permission: "run.cancel",
    tag: "Runs",
    summary: "End a run now",
    params: RunRef,
    response: RunView,
    errors: { 409: "It is over already" },
    handle: ({ deps, actor, params }) => cancelRun(deps, settlers, actor, params),
  }),
  route({
    method: "GET",
    path: "/api/runs/{id}/steps",
    permission: "run.read",
    tag: "Runs",
    summary: "The steps of a run: deliveries of messages to nodes, in the order in which they were sent",
    params: RunRef,
    query: StepsQuery,
    response: pageOf(RunStepView),
    handle: ({ deps, actor, params: { id }, query: { after, cursor, limit } }) =>
      listSteps(deps, actor, { id, after: cursor ?? after, limit }),
  }),
  route({
    method: "GET",
    path: "/api/runs/{id}/steps/{seq}",
    permission: "run.read",
    tag: "Runs",
    summary: "One step with its message, its outputs and its calls",
    description: "What stands under keys that look like credentials is shown as •••.",
    params: StepRef,
    response: RunStepDetail,
    handle: ({ deps, actor, params }) => getStep(deps, actor, params),
  }),
  route({
    method: "GET",
    path: "/api/runs/{id}/graph",
    permission: "run.read",
    tag: "Runs",
    summary: "The flow that a run executed, as it was then",
    params: RunRef,
    response: RunGraph,
    handle: ({ deps, actor, params }) => runGraph(deps, actor, params.id),
  }),
  route({
    method: "POST",
    path: "/api/runs/{id}/retry",
    permission: "flow.run",
    tag: "Runs",
    summary: "Run a flow again as it was begun, or with another input",
    description:
      "A new run, of the flow as it is now. `Idempotency-Key` is heeded. Flows of others need the role operator.",
    params: RunRef,
    body: RetryRun.nullable(),
    response: FlowStarted,
    status: 202,
    errors: { 422: "The engine cannot run it: `errors` names nodes and properties", 503: "The model's queue is full" },
    handle: async ({ deps, actor, params, body, idempotencyKey, requestId }) => {
      const wish = body ?? { from: "start" };
      const { runId, status } = await retryRun(deps, actor, { ...wish, id: params.id }, { idempotencyKey, requestId });
      return { run_id: runId, status };
    },
  }),
];
