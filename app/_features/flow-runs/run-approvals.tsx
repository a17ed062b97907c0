"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail } from "#server/features/runs/schema.ts";
import { isOpen } from "../runs/run-steps.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { flowRunWords } from "./flow-run-words.ts";
import classes from "./flow-runs.module.css";

const Approval = dynamic(() => import("../inbox/approval-view.tsx").then((module) => module.Approval), {
  ssr: false,
  loading: () => <BlockSkeleton height={200} />,
});

/** What the run waits for, to be answered right there. */
export function RunApprovals({ run }: { run: RunDetail }) {
  const words = useWords(flowRunWords);
  const open = useQuery(
    useTRPC().approvals.list.queryOptions({ runId: run.id, box: "team", limit: 20 }, { enabled: isOpen(run.status) }),
  );
  if (isOpen(run.status) && open.isError && !open.data)
    return <ErrorState error={open.error} title={words.approvalsFailed} onRetry={() => void open.refetch()} />;
  const items = isOpen(run.status) ? (open.data?.items ?? []) : [];
  if (items.length === 0) return null;
  const decision = items.some(({ kind }) => kind === "decision");
  return (
    <Panel
      title={decision ? words.needsDecision : words.waits}
      description={decision ? words.needsDecisionHint : words.waitsHint}
    >
      <div className={classes.approvals}>
        {items.map((approval) => (
          <Approval key={approval.id} approval={approval} inRun />
        ))}
      </div>
    </Panel>
  );
}
