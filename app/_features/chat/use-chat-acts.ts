"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ChatMessageView, ChatSessionView } from "#server/features/chat/schema.ts";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { useTRPC } from "../trpc/provider.tsx";

interface Conversation {
  session: ChatSessionView;
  messages: ChatMessageView[];
}

/** Sending, retrying and stopping; each shows its effect at once, and what the server knows replaces it. */
export function useChatActs(onStarted: (sessionId: string) => void) {
  const trpc = useTRPC();
  const queries = useQueryClient();

  /** An answer asked for before the act would undo in the cache what the act did. */
  const write = async (
    sessionId: string,
    change: (old: Conversation | undefined, now: Date) => Conversation | undefined,
  ) => {
    await queries.cancelQueries(trpc.chat.session.queryFilter({ id: sessionId }));
    queries.setQueryData(trpc.chat.session.queryKey({ id: sessionId }), (old: Conversation | undefined) =>
      change(old, new Date()),
    );
    void queries.invalidateQueries(trpc.chat.sessions.pathFilter());
  };
  const reload = (sessionId: string) =>
    Promise.all([
      queries.invalidateQueries(trpc.chat.session.queryFilter({ id: sessionId })),
      queries.invalidateQueries(trpc.chat.sessions.pathFilter()),
    ]);

  const send = useMutation(
    trpc.chat.send.mutationOptions({
      onSuccess: async ({ sessionId, runId }, { message }) => {
        await write(sessionId, (old, now) => ({
          session: {
            ...(old?.session ?? { id: sessionId, title: message.split("\n")[0] ?? "", createdAt: now }),
            updatedAt: now,
            activeRunId: runId,
          },
          messages: [
            ...(old?.messages ?? []),
            {
              id: `sent-${runId}`,
              role: "user",
              parts: [{ type: "text", text: message }],
              status: "complete",
              runId,
              createdAt: now,
            },
          ],
        }));
        onStarted(sessionId);
      },
    }),
  );

  const retry = useMutation(
    trpc.chat.retry.mutationOptions({
      onSuccess: ({ sessionId, runId }, { runId: before }) =>
        write(
          sessionId,
          (old) =>
            old && {
              session: { ...old.session, activeRunId: runId },
              messages: old.messages.filter((message) => message.role === "user" || message.runId !== before),
            },
        ),
    }),
  );

  const stop = useMutation(
    trpc.runs.cancel.mutationOptions({
      // it was over before the word arrived: the conversation shows how it ended
      onError: (error) =>
        toProblem(error).code === "run.ended" && queries.invalidateQueries(trpc.chat.session.pathFilter()),
    }),
  );

  return { send, retry, stop, reload };
}
