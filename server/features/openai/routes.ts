import { z } from "zod";
import { route } from "#server/edge/rest/route.ts";
import { sseResponse } from "#server/edge/sse.ts";
import { AppError, shuttingDown } from "#server/kernel/errors.ts";
import { foldEvent, newTurn } from "../chat/turn.schema.ts";
import { watchRun } from "../runs/index.ts";
import { MODEL_IDS, startCompletion } from "./completion.ts";
import { chunks, completion } from "./render.ts";
import { ChatCompletion, ModelList } from "./schema.ts";

/** Failures of a run that another try may not meet. */
const BUSY = new Set(["model.saturated", "model.unconfigured"]);

export const openaiRoutes = [
  route({
    method: "GET",
    path: "/v1/models",
    permission: "model.read",
    tag: "OpenAI-compatible",
    summary: "The models of the gateway",
    response: ModelList,
    handle: async () => ({
      object: "list" as const,
      data: MODEL_IDS.map((id) => ({ id, object: "model" as const, created: 0, owned_by: "osf-gateway" })),
    }),
  }),
  route({
    method: "POST",
    path: "/v1/chat/completions",
    permission: "model.use",
    tag: "OpenAI-compatible",
    summary: "Chat completion for any OpenAI client",
    description:
      "Without `tools` the gateway answers with the plant's own tools (a key that is limited to scopes needs `plant.read` for those that read, `tool.write` for those that write); with `tools` those are offered instead and their calls returned. A completion is a run: the header `X-Run-Id` names it. Streaming is not held up by anything: text is sent as the model writes it, also what it writes before it asks a tool.",
    body: ChatCompletion,
    response: z.unknown(),
    errors: { 404: "No such model", 502: "The model failed" },
    handle: async (call) => {
      const { deps, actor, body, idempotencyKey, signal, requestId } = call;
      const runId = await startCompletion(deps, actor, body, { idempotencyKey, requestId });
      const head = {
        id: `chatcmpl-${runId}`,
        model: body.model,
        created: Math.floor(deps.clock.now().getTime() / 1_000),
      };
      const ownTools = Boolean(body.tools?.length);
      if (body.stream) {
        const options = { ownTools, includeUsage: body.stream_options?.include_usage ?? false };
        const response = sseResponse(call, (until) => chunks(head, watchRun(deps, runId, 0, until), options));
        response.headers.set("X-Run-Id", runId);
        return response;
      }
      const turn = newTurn();
      for await (const event of watchRun(deps, runId, 0, signal)) foldEvent(turn, event);
      if (signal.aborted) throw shuttingDown();
      if (turn.state !== "complete")
        throw new AppError(
          BUSY.has(turn.error?.code ?? "") ? "unavailable" : "upstream",
          turn.error?.code ?? "run.cancelled",
          turn.error?.message ?? "The run was cancelled",
          { extra: { runId }, ...(BUSY.has(turn.error?.code ?? "") ? { retryAfter: 10 } : {}) },
        );
      return Response.json(completion(head, turn, ownTools), { headers: { "X-Run-Id": runId } });
    },
  }),
];
