"use client";

import { Button } from "@mantine/core";
import { IconRefresh, IconSitemap } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useDeferredValue, useEffect, useEffectEvent, useMemo, useState } from "react";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Timeline } from "#app/_ui/timeline/timeline.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail } from "#server/features/runs/schema.ts";
import { STATE_OF, statusWords } from "../runs/run-state.ts";
import { isOpen } from "../runs/run-steps.ts";
import { runWords } from "../runs/run-words.ts";
import type { Viewer } from "../runs/run-page.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { FlowRunFacts, FlowRunError } from "./flow-run-facts.tsx";
import { FlowRunGraph } from "./flow-run-graph.tsx";
import { flowRunWords } from "./flow-run-words.ts";
import { Messages } from "./messages.tsx";
import { RunApprovals } from "./run-approvals.tsx";
import { barId, seqOf, stepBars } from "./step-bars.ts";
import { nodeNames } from "./node-names.ts";
import { useFlowLog } from "./use-flow-log.ts";
import classes from "./flow-runs.module.css";

const RetryDialog = dynamic(() => import("./retry-dialog.tsx").then((module) => module.RetryDialog), { ssr: false });

/** What one looks at: a node of the graph, and one of the messages that it got; neither: the whole run. */
export interface Selection {
  node: string | null;
  seq: number | null;
}
const NOTHING: Selection = { node: null, seq: null };

/** A run of a flow, live: graph, messages, waits, timeline. Keyed by its id; looks the same when it is over. */
export function FlowRunPage({ run, viewer }: { run: RunDetail; viewer: Viewer }) {
  const words = useWords(flowRunWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const graph = useQuery(trpc.runs.graph.queryOptions({ id: run.id }, { staleTime: Infinity }));
  const { log, events, version, feed } = useFlowLog(run.id);
  const [selection, setSelection] = useState(NOTHING);
  const [hovered, setHovered] = useState<number | null>(null);

  // the terminal event and what is asked are here before the shell's hint
  const settle = useEffectEvent(() => {
    if (isOpen(run.status)) void queries.invalidateQueries(trpc.runs.byId.queryFilter({ id: run.id }));
    void queries.invalidateQueries(trpc.approvals.list.queryFilter());
  });
  const waits = log.waits.filter(({ to }) => to === null).length;
  useEffect(() => {
    if (feed === "ended" || waits > 0) settle();
  }, [feed, waits]);

  const names = useMemo(() => nodeNames(graph.data?.nodes ?? []), [graph.data]);
  // a bar for each of many steps is not drawn anew for every batch that comes in
  const drawn = useDeferredValue(version);
  const bars = useMemo(
    () => (drawn >= 0 ? stepBars(log, run, (node) => names(node).name, words) : []),
    [log, drawn, run, names, words],
  );
  const select = (seq: number | null) =>
    setSelection(seq === null ? NOTHING : { node: log.steps[seq - 1]?.node ?? null, seq });

  const timeline = (
    <Panel title={words.timeline} description={words.timelineHint}>
      {bars.length === 0 ? (
        <p className={classes.note}>{run.status === "queued" ? words.queuedHint : words.nothingYet}</p>
      ) : (
        <Timeline
          label={words.timeline}
          steps={bars}
          selected={selection.seq === null ? null : barId(selection.seq)}
          onSelect={(id) => {
            const seq = seqOf(id);
            select(seq === selection.seq ? null : seq);
          }}
          hovered={hovered === null ? null : barId(hovered)}
          onHover={(id) => setHovered(seqOf(id))}
        />
      )}
    </Panel>
  );

  return (
    <PageFrame>
      <FlowRunHeader run={run} viewer={viewer} />
      <RunApprovals run={run} />
      {run.error && <FlowRunError error={run.error} log={log} nameOf={(node) => names(node).name} onShow={select} />}
      <FlowRunFacts run={run} log={log} revision={graph.data?.revision ?? null} />
      {feed === "lost" && <Lost />}
      {graph.isError ? (
        <>
          <ErrorState
            error={graph.error}
            title={words.graphFailed}
            consequence={words.graphFailedHint}
            onRetry={() => void graph.refetch()}
          />
          {timeline}
        </>
      ) : graph.data ? (
        <FlowRunGraph
          run={run}
          graph={graph.data}
          log={log}
          version={version}
          names={names}
          selection={selection}
          onSelect={setSelection}
          hovered={hovered === null ? null : (log.steps[hovered - 1]?.node ?? null)}
          onHover={(node) => setHovered(node === null ? null : (log.nodes.get(node)?.steps.at(-1) ?? null))}
        >
          {timeline}
        </FlowRunGraph>
      ) : (
        <BlockSkeleton height={480} />
      )}
      <Messages
        log={log}
        events={events}
        version={version}
        start={run.createdAt}
        nameOf={(node) => names(node).name}
        onNode={(node) => setSelection({ node, seq: log.nodes.get(node)?.steps.at(-1) ?? null })}
      />
    </PageFrame>
  );
}

function Lost() {
  const words = useWords(runWords);
  return (
    <p className={classes.note} role="status">
      <StateBadge state="attention" word={words.lost} variant="plain" />
    </p>
  );
}

function FlowRunHeader({ run, viewer }: { run: RunDetail; viewer: Viewer }) {
  const words = useWords(flowRunWords);
  const general = useWords(runWords);
  const statuses = useWords(statusWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const cancel = useMutation(trpc.runs.cancel.mutationOptions());
  const [retrying, setRetrying] = useState<boolean | null>(null);
  const own = run.userId === viewer.userId;
  const mayCancel = isOpen(run.status) && (own || viewer.controlsRuns);
  const end = async () => {
    await cancel.mutateAsync({ id: run.id }).catch((error: unknown) => {
      // it was over before the word arrived, which is what was wanted
      if (toProblem(error).code !== "run.ended") throw error;
    });
    await queries.invalidateQueries(trpc.runs.byId.queryFilter({ id: run.id }));
  };
  return (
    <>
      <PageHeader
        breadcrumbs={[{ href: "/runs", label: general.runs }]}
        title={run.title}
        aside={<StateBadge state={STATE_OF[run.status]} word={statuses[run.status]} />}
        actions={
          <>
            {run.subjectId && (
              <Button
                component={Link}
                href={`/flows/${run.subjectId}`}
                variant="default"
                leftSection={<IconSitemap size={16} />}
              >
                {words.openFlow}
              </Button>
            )}
            {viewer.runsFlows && (own || viewer.controlsRuns) && (
              <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={() => setRetrying(true)}>
                {words.retry}
              </Button>
            )}
            {mayCancel && (
              <ConfirmButton
                title={general.cancelTitle}
                description={general.cancelText}
                confirm={words.cancel}
                onConfirm={end}
              >
                {words.cancel}
              </ConfirmButton>
            )}
          </>
        }
      />
      {retrying !== null && <RetryDialog run={run} opened={retrying} onClose={() => setRetrying(false)} />}
    </>
  );
}
