import { z } from "zod";
import { Page, pageOf, route } from "#server/edge/rest/route.ts";
import { sseResponse, type SseEvent } from "#server/edge/sse.ts";
import type { Deps } from "../deps.ts";
import { refuseWhenSaturated } from "../models/index.ts";
import { watchRun, type RunEventView } from "../runs/index.ts";
import { settlers } from "../settlers.ts";
import { deleteSession } from "./delete-session.ts";
import { ChatMessageView, ChatSessionView, ListSessions, SendMessage, SessionRef } from "./schema.ts";
import { sendMessage, type StartedTurn } from "./send-message.ts";
import { findSession, getSession, listSessions } from "./sessions.ts";

/** Events of a turn as `POST /chat/completions` streams them; the others are our own bookkeeping. */
const SHOWN = new Set([
  "tool_start",
  "tool_result",
  "content",
  "content_withdrawn",
  "queue",
  "done",
  "error",
  "cancelled",
]);

async function* turnEvents(
  deps: Pick<Deps, "db" | "live">,
  { sessionId, runId }: StartedTurn,
  signal: AbortSignal,
): AsyncGenerator<SseEvent> {
  yield { id: 0, event: "session", data: { type: "session", sessionId, runId } };
  for await (const event of watchRun(deps, runId, 0, signal)) if (SHOWN.has(event.type)) yield shown(event);
}

const shown = ({ seq, type, data }: RunEventView): SseEvent => ({ id: seq, event: type, data: { type, ...data } });

export const chatRoutes = [
  route({
    method: "GET",
    path: "/chat/sessions",
    permission: "chat.read",
    tag: "Chat",
    summary: "Your conversations, newest first",
    query: ListSessions,
    response: pageOf(ChatSessionView),
    handle: ({ deps, actor, query }) => listSessions(deps, actor, query),
  }),
  route({
    method: "POST",
    path: "/chat/sessions",
    permission: "chat.write",
    tag: "Chat",
    summary: "Begin a conversation with its first message; the answer is streamed by the run",
    body: SendMessage.omit({ sessionId: true }),
    response: z.object({ sessionId: z.string(), runId: z.string() }),
    status: 201,
    errors: { 503: "The model's queue is full" },
    handle: async ({ deps, actor, body, idempotencyKey, requestId }) => {
      await refuseWhenSaturated(deps, body.tier);
      return sendMessage(deps, actor, body, { trigger: "api", idempotencyKey, requestId });
    },
  }),
  route({
    method: "GET",
    path: "/chat/sessions/{id}/messages",
    permission: "chat.read",
    tag: "Chat",
    summary: "The messages of a conversation, oldest first",
    params: SessionRef,
    query: Page,
    response: pageOf(ChatMessageView),
    handle: async ({ deps, actor, params, query: { cursor = "", limit } }) => {
      const { messages } = await getSession(deps, actor, params);
      // By order, not by place: the message of the cursor may have been replaced by a retry meanwhile.
      const rest = messages.filter(({ id }) => id > cursor);
      const items = rest.slice(0, limit);
      return { items, nextCursor: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  }),
  route({
    method: "DELETE",
    path: "/chat/sessions/{id}",
    permission: "chat.write",
    tag: "Chat",
    summary: "Delete a conversation, its messages and its runs",
    params: SessionRef,
    response: z.object({ deleted: z.literal(true) }),
    handle: async ({ deps, actor, params }) => {
      await deleteSession(deps, settlers, actor, params);
      return { deleted: true as const };
    },
  }),
  route({
    method: "POST",
    path: "/chat/completions",
    permission: "chat.write",
    tag: "Chat",
    summary: "Ask, and watch the answer come",
    description:
      "Events: `session {sessionId,runId}`, `tool_start {callId,name,arguments}`, `tool_result {callId,name,result,failed,durationMs}`, `content {part,text}`, `content_withdrawn {part}` (the passage was cut off and is written anew), `queue {position}`, then `done`, `error {code,message}` or `cancelled`. The answer goes on when the connection breaks: resume at `/api/runs/{runId}/events` with `Last-Event-ID`. `Idempotency-Key` is heeded.",
    body: SendMessage,
    response: z.string(),
    contentType: "text/event-stream",
    errors: { 404: "No such conversation", 409: "The last question of this conversation is still being answered" },
    handle: async (call) => {
      const { deps, actor, body, idempotencyKey, requestId } = call;
      if (body.sessionId) await findSession(deps, actor, body.sessionId);
      await refuseWhenSaturated(deps, body.tier);
      const turn = await sendMessage(deps, actor, body, { trigger: "api", idempotencyKey, requestId });
      return sseResponse(call, (signal) => turnEvents(deps, turn, signal));
    },
  }),
];
