"use client";

import { Button } from "@mantine/core";
import { IconMessage } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useEffect, useEffectEvent, useMemo, useState } from "react";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { BlockSkeleton, StatSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Timeline } from "#app/_ui/timeline/timeline.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail } from "#server/features/runs/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { RunError, RunFacts } from "./run-facts.tsx";
import { STATE_OF, statusWords } from "./run-state.ts";
import { isOpen, runSteps } from "./run-steps.ts";
import { runWords } from "./run-words.ts";
import { useRunLog } from "./use-run-log.ts";
import classes from "./runs.module.css";

const RunInspector = dynamic(() => import("./run-inspector.tsx").then((module) => module.RunInspector), {
  ssr: false,
  loading: () => <BlockSkeleton height={320} />,
});
const ConfirmButton = dynamic(() => import("#app/_ui/form/confirm-button.tsx").then((module) => module.ConfirmButton), {
  ssr: false,
});

const FlowRunPage = dynamic(() => import("../flow-runs/flow-run-page.tsx").then((module) => module.FlowRunPage), {
  ssr: false,
  loading: () => <Waiting />,
});

/** Who looks, as far as it decides what can be pressed; the server decides again. */
export interface Viewer {
  userId: string;
  controlsRuns: boolean;
  runsFlows: boolean;
}

/** One run, live. Keyed by its id. */
export function RunPage({ id, viewer }: { id: string; viewer: Viewer }) {
  const words = useWords(runWords);
  const query = useQuery(useTRPC().runs.byId.queryOptions({ id }));
  const run = query.data;
  const title = run?.title;
  useEffect(() => {
    if (title) document.title = `${title} · OSF Gateway`;
  }, [title]);

  if (query.isError && !run)
    return (
      <PageFrame>
        {toProblem(query.error).status === 404 ? (
          <MissingState>{words.missing}</MissingState>
        ) : (
          <ErrorState
            size="page"
            error={query.error}
            title={words.loadFailed}
            onRetry={() => void query.refetch()}
            retrying={query.isFetching}
          />
        )}
      </PageFrame>
    );
  if (!run) return <Waiting />;
  return run.kind === "flow" ? <FlowRunPage run={run} viewer={viewer} /> : <StepwiseRun run={run} viewer={viewer} />;
}

function Waiting() {
  const words = useWords(runWords);
  return (
    <PageFrame>
      <PageHeader title={"\u00a0"} breadcrumbs={[{ href: "/runs", label: words.runs }]} />
      <StatSkeleton count={5} />
      <BlockSkeleton height={200} />
    </PageFrame>
  );
}

/** A run that is told by its events: an answer in a chat. */
function StepwiseRun({ run, viewer }: { run: RunDetail; viewer: Viewer }) {
  const words = useWords(runWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { events, feed } = useRunLog(run.id);
  const [selected, setSelected] = useState<string | null>(null);
  const steps = useMemo(() => runSteps(run, events, words), [run, events, words]);

  // the terminal event is there before the shell's hint
  const settle = useEffectEvent(() => {
    if (isOpen(run.status)) void queries.invalidateQueries(trpc.runs.byId.queryFilter({ id: run.id }));
  });
  useEffect(() => {
    if (feed === "ended") settle();
  }, [feed]);

  const step = steps.find((one) => one.id === selected) ?? null;
  return (
    <PageFrame>
      <RunHeader run={run} viewer={viewer} />
      {run.error && <RunError error={run.error} />}
      <RunFacts run={run} steps={steps} />
      {feed === "lost" && (
        <p className={classes.lost} role="status">
          <StateBadge state="attention" word={words.lost} variant="plain" />
        </p>
      )}
      <Panel title={words.timeline} description={words.timelineHint}>
        {steps.length === 0 ? (
          <p className={classes.none}>{words.noSteps}</p>
        ) : (
          <Timeline
            label={words.timeline}
            steps={steps}
            selected={selected}
            onSelect={(one) => setSelected(one === selected ? null : one)}
          />
        )}
      </Panel>
      <RunInspector run={run} step={step} events={events} onWhole={() => setSelected(null)} />
    </PageFrame>
  );
}

function RunHeader({ run, viewer }: { run: RunDetail; viewer: Viewer }) {
  const words = useWords(runWords);
  const statuses = useWords(statusWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const cancel = useMutation(trpc.runs.cancel.mutationOptions());
  const mayCancel = isOpen(run.status) && (run.userId === viewer.userId || viewer.controlsRuns);
  const end = async () => {
    await cancel.mutateAsync({ id: run.id }).catch((error: unknown) => {
      // it was over before the word arrived, which is what was wanted
      if (toProblem(error).code !== "run.ended") throw error;
    });
    await queries.invalidateQueries(trpc.runs.byId.queryFilter({ id: run.id }));
  };
  return (
    <PageHeader
      breadcrumbs={[{ href: "/runs", label: words.runs }]}
      title={run.title}
      aside={<StateBadge state={STATE_OF[run.status]} word={statuses[run.status]} />}
      actions={
        <>
          {run.kind === "chat" && run.subjectId && (
            <Button
              component={Link}
              href={`/chat/${run.subjectId}`}
              variant="default"
              leftSection={<IconMessage size={16} />}
            >
              {words.toChat}
            </Button>
          )}
          {mayCancel && (
            <ConfirmButton
              title={words.cancelTitle}
              description={words.cancelText}
              confirm={words.cancel}
              onConfirm={end}
            >
              {words.cancel}
            </ConfirmButton>
          )}
        </>
      }
    />
  );
}
