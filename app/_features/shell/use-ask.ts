"use client";

import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { feedbackWords } from "#app/_ui/feedback/feedback-words.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { appWords } from "./shell-words.ts";

/** Starts a conversation with a question and goes there. A failure is told; the question stays where it was typed. */
export function useAsk() {
  const router = useRouter();
  const words = useWords(appWords);
  const feedback = useWords(feedbackWords);
  const send = useMutation(
    useTRPC().chat.send.mutationOptions({
      onSuccess: ({ sessionId }) => router.push(`/chat/${sessionId}`),
      onError: (error) => {
        const { message, unreachable } = toProblem(error);
        notifications.show({
          color: "fault",
          title: words.askFailed,
          message: unreachable ? `${feedback.noAnswer} ${feedback.noAnswerLost}` : message,
          autoClose: 10_000,
        });
      },
    }),
  );
  return {
    ask: (question: string) => send.mutate({ message: question }),
    /** Until the conversation's page stands there. */
    asking: send.isPending || send.isSuccess,
    /** What is being asked, so that only the button that was pressed shows it. */
    question: send.isPending || send.isSuccess ? send.variables.message : null,
  };
}
