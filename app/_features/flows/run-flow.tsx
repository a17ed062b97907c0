"use client";

import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronDown, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { feedbackWords } from "#app/_ui/feedback/feedback-words.ts";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { MenuOnDemand } from "#app/_ui/menu/menu-on-demand.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { flowWords } from "./flow-words.ts";
import classes from "./flows.module.css";

const RunDialog = dynamic(() => import("./run-dialog.tsx").then((module) => module.RunDialog), { ssr: false });
const loadMenu = () => import("./run-menu.tsx").then((module) => module.RunMenu);

/** Starts the flow and goes to the run: at once from its first start, from another one, or with an input. */
export function RunFlow({ flow, onBlocked }: { flow: FlowDetail; onBlocked: () => void }) {
  const words = useWords(flowWords);
  const { run, busy } = useStartRun(flow.id);
  const [dialog, setDialog] = useState<boolean | null>(null);
  const blocked = flow.disabled || flow.issues.some(({ severity }) => severity === "error");
  const start = (given: { start?: string }) => (blocked ? onBlocked() : run(given));
  return (
    <>
      <div className={classes.split}>
        <Button leftSection={<IconPlayerPlayFilled size={16} />} loading={busy} onClick={() => start({})}>
          {words.run}
        </Button>
        <MenuOnDemand
          load={loadMenu}
          props={{
            starts: flow.starts,
            onStart: ({ node }) => start({ start: node }),
            onInput: () => (blocked ? onBlocked() : setDialog(true)),
          }}
          button={
            <Button aria-label={words.runHow} px={6} disabled={busy}>
              <IconChevronDown size={16} />
            </Button>
          }
        />
      </div>
      {dialog !== null && <RunDialog flow={flow} opened={dialog} onClose={() => setDialog(false)} />}
    </>
  );
}

/** Starts a run and goes to its page; a failure is told where one is. */
export function useStartRun(flowId: string) {
  const words = useWords(flowWords);
  const feedback = useWords(feedbackWords);
  const router = useRouter();
  const start = useMutation(
    useTRPC().flows.run.mutationOptions({
      onSuccess: ({ runId }) => router.push(`/runs/${runId}`),
      onError: (error) => {
        const { message, unreachable } = toProblem(error);
        notifications.show({
          color: "fault",
          title: words.runFailed,
          message: unreachable ? `${feedback.noAnswer} ${feedback.noAnswerLost}` : message,
          autoClose: 12_000,
        });
      },
    }),
  );
  return {
    run: (given: { start?: string }) => start.mutate({ id: flowId, ...given }),
    busy: start.isPending || start.isSuccess,
  };
}
