"use client";

import { ActionIcon, Button, Tabs } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { JsonView } from "#app/_ui/json/json-view.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { RunDetail } from "#server/features/runs/schema.ts";
import type { RunStepDetail, StepChange } from "#server/features/runs/steps.schema.ts";
import { isOpen } from "../runs/run-steps.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import type { FlowLog } from "./flow-log.ts";
import type { Selection } from "./flow-run-page.tsx";
import { flowRunWords } from "./flow-run-words.ts";
import { LogLines } from "./log-lines.tsx";
import { MessageDiff } from "./message-diff.tsx";
import { helpFor, nodeHelp } from "./node-help.ts";
import type { NamedNode } from "./node-names.ts";
import { STEP_STATE } from "./step-bars.ts";
import { StepCalls } from "./step-calls.tsx";
import classes from "./flow-runs.module.css";

const TABS = ["input", "output", "diff", "logs", "calls", "help"] as const;
type Tab = (typeof TABS)[number];

interface InspectorProps {
  run: RunDetail;
  log: FlowLog;
  version: number;
  names: (key: string) => NamedNode;
  selection: Selection;
  onSelect: (selection: Selection) => void;
}

/** What went in and out at a node, what it asked and said; without a choice that of the whole run. */
export function Inspector(props: InspectorProps) {
  const { run, log, names, selection, onSelect } = props;
  const words = useWords(flowRunWords);
  const { node, seq } = selection;
  return (
    <Panel
      title={node === null ? words.wholeRun : names(node).name}
      description={node === null ? undefined : names(node).type}
      actions={
        node !== null && (
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onSelect({ node: null, seq: null })}>
            {words.showRun}
          </Button>
        )
      }
    >
      <div className={classes.inspector}>
        {node === null ? (
          <WholeRun run={run} />
        ) : (
          <NodeSteps run={run} log={log} names={names} node={node} seq={seq} onSelect={onSelect} />
        )}
      </div>
    </Panel>
  );
}

const Note = ({ children }: { children: ReactNode }) => <p className={classes.note}>{children}</p>;

function WholeRun({ run }: { run: RunDetail }) {
  const words = useWords(flowRunWords);
  const [tab, setTab] = useState<"input" | "output">("output");
  const value = tab === "input" ? run.input : run.output;
  const none = tab === "input" ? words.noInput : isOpen(run.status) ? words.noOutputYet : words.noResult;
  return (
    <Tabs value={tab} onChange={(next) => setTab(next === "input" ? "input" : "output")} keepMounted={false}>
      <Tabs.List mb="sm">
        <Tabs.Tab value="input">{words.tabs.input}</Tabs.Tab>
        <Tabs.Tab value="output">{words.tabs.output}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value={tab}>
        {value === null || value === undefined ? (
          <Note>{none}</Note>
        ) : (
          <JsonView value={value} depth={4} maxHeight="26rem" />
        )}
      </Tabs.Panel>
    </Tabs>
  );
}

function NodeSteps(props: {
  run: RunDetail;
  log: FlowLog;
  names: (key: string) => NamedNode;
  node: string;
  seq: number | null;
  onSelect: (selection: Selection) => void;
}) {
  const { run, log, names, node, seq, onSelect } = props;
  const words = useWords(flowRunWords);
  const [tab, setTab] = useState<Tab>("output");
  const all = log.nodes.get(node)?.steps ?? [];
  const at = seq === null ? -1 : all.indexOf(seq);
  const step = seq === null ? undefined : log.steps[seq - 1];
  const go = (to: number) => {
    const next = all[to];
    if (next !== undefined) onSelect({ node, seq: next });
  };
  return (
    <>
      {step && (
        <div className={classes.stepHead}>
          <StateBadge state={STEP_STATE[step.status]} word={words.states[step.status]} size="sm" />
          {step.durationMs !== undefined && <Duration ms={step.durationMs} />}
          {step.statusText && <span>{step.statusText}</span>}
          {all.length > 1 && (
            <span className={classes.pager}>
              <ActionIcon aria-label={words.previous} disabled={at <= 0} onClick={() => go(at - 1)}>
                <IconChevronLeft size={16} />
              </ActionIcon>
              <span>{words.ofNode(at + 1, all.length)}</span>
              <ActionIcon aria-label={words.next} disabled={at >= all.length - 1} onClick={() => go(at + 1)}>
                <IconChevronRight size={16} />
              </ActionIcon>
            </span>
          )}
        </div>
      )}
      {step?.error && (
        <p className={classes.stepError} role="alert">
          {step.error.message} <code>{step.error.code}</code>
        </p>
      )}
      <Tabs value={tab} onChange={(next) => setTab(TABS.find((one) => one === next) ?? "output")} keepMounted={false}>
        <Tabs.List mb="sm" className={classes.tabs ?? ""}>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab}>
          {tab === "help" ? (
            <Help type={names(node).type} />
          ) : tab === "logs" ? (
            <LogLines lines={log.log.filter((line) => line.node === node)} start={run.createdAt} />
          ) : step ? (
            <StepPart run={run} step={step} tab={tab} names={names} />
          ) : (
            <Note>{words.noSteps}</Note>
          )}
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Help({ type }: { type: string }) {
  return <p className={classes.help}>{helpFor(useWords(nodeHelp), type)}</p>;
}

function StepPart(props: {
  run: RunDetail;
  step: StepChange;
  tab: "input" | "output" | "diff" | "calls";
  names: (key: string) => NamedNode;
}) {
  const { run, step, tab, names } = props;
  const words = useWords(flowRunWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const ref = { id: run.id, seq: step.seq };
  const query = useQuery({
    // what one status has of a step is not what the next one has; the run's end settles all of them
    queryKey: [...trpc.runs.step.queryKey(ref), step.status, isOpen(run.status)],
    queryFn: ({ signal }) => client.runs.step.query(ref, { signal }),
    placeholderData: keepPreviousData,
  });
  if (query.isError && !query.data)
    return <ErrorState error={query.error} title={words.stepFailed} onRetry={() => void query.refetch()} />;
  if (!query.data || query.data.seq !== step.seq) return <BlockSkeleton height={180} />;
  const detail = query.data;
  if (tab === "calls") return <StepCalls calls={detail.calls} />;
  if (tab === "input") return <JsonView value={detail.input} depth={3} maxHeight="26rem" />;
  if (tab === "diff") return <MessageDiff input={detail.input} outputs={detail.outputs} names={names} />;
  return <StepOutputs detail={detail} names={names} open={step.status === "queued" || step.status === "running"} />;
}

function StepOutputs(props: { detail: RunStepDetail; names: (key: string) => NamedNode; open: boolean }) {
  const { detail, names, open } = props;
  const words = useWords(flowRunWords);
  if (detail.outputs.length === 0) return <Note>{open ? words.noOutputYet : words.noOutput}</Note>;
  return (
    <div className={classes.outputs}>
      {detail.outputs.map(({ port, to, node, msg }, n) => (
        <section key={`${port} ${to ?? n}`}>
          <h3>
            {node === null
              ? words.toNowhere(port + 1)
              : port < 0
                ? words.byRoute(names(node).name)
                : words.toNode(port + 1, names(node).name)}
          </h3>
          <JsonView value={msg} depth={3} maxHeight="22rem" />
        </section>
      ))}
    </div>
  );
}
