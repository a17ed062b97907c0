"use client";

import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ApprovalView } from "#server/features/approvals/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { labelOf } from "./answer-values.ts";
import { inboxWords } from "./inbox-words.ts";

/** Answers a question, tells how it went, and shows everything that it changed. */
export function useRespond(onDone?: (answered: ApprovalView) => void) {
  const words = useWords(inboxWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.approvals.respond.mutationOptions({
      onSuccess(answered, { decision }) {
        queries.setQueryData(trpc.approvals.byId.queryKey({ id: answered.id }), answered);
        const label = labelOf(answered, decision);
        notifications.show({
          color: "ok",
          title: answered.title,
          message: answered.status === "open" ? words.votedFor(label) : words.sent(label),
          autoClose: 3_000,
        });
        onDone?.(answered);
      },
      onError(error) {
        // somebody else was first: what they decided is shown in its place
        const { code, message } = toProblem(error);
        if (code?.startsWith("approval.") && /decided|expired|cancelled/.test(code))
          notifications.show({ color: "attention", title: words.tooLate, message, autoClose: 8_000 });
      },
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries(trpc.approvals.pathFilter()),
          queries.invalidateQueries(trpc.runs.byId.queryFilter()),
        ]),
    }),
  );
}
