import { z } from "zod";
import { pageOf, route } from "#server/edge/rest/route.ts";
import { sseResponse, type SseEvent } from "#server/edge/sse.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { settlers } from "../settlers.ts";
import { cancelRun } from "./cancel-run.ts";
import { findRun, getRun, listRunEvents, listRuns } from "./find-runs.ts";
import { RunDetail, RunEventView, RunFilter, RunRef, RunView } from "./schema.ts";
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
  for await (const { seq, type, data, at } of watchRun(deps, runId, after, signal))
    yield { id: seq, event: type, data: { seq, type, data, at } };
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
];
