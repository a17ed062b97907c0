"use client";

import { Button, Tabs } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useEffect, useState } from "react";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { toProblem } from "#app/_ui/feedback/problem.ts";
import { BlockSkeleton, ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FlowDetail } from "#server/features/flows/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { FLOW_TABS, flowTab, type FlowTab } from "./flow-tabs.ts";
import { flowWords } from "./flow-words.ts";
import { RunFlow } from "./run-flow.tsx";
import classes from "./flows.module.css";

const waiting = () => <BlockSkeleton height={360} />;
const rows = () => <ListSkeleton rows={5} />;
const FlowOverview = dynamic(() => import("./flow-overview.tsx").then((module) => module.FlowOverview), {
  ssr: false,
  loading: waiting,
});
const RunList = dynamic(() => import("../runs/run-list.tsx").then((module) => module.RunList), {
  ssr: false,
  loading: rows,
});
const FlowVersions = dynamic(() => import("./flow-versions.tsx").then((module) => module.FlowVersions), {
  ssr: false,
  loading: rows,
});
const FlowSettings = dynamic(() => import("./flow-settings.tsx").then((module) => module.FlowSettings), {
  ssr: false,
  loading: waiting,
});

/** Who looks, as far as it decides what can be pressed; the server decides again. */
export interface FlowViewer {
  runs: boolean;
  controlsRuns: boolean;
  writes: boolean;
  edits: boolean;
}

/** One flow: as it is drawn, what it did, what it was, what can be set. Keyed by its id. */
export function FlowPage({ id, viewer, tab: first }: { id: string; viewer: FlowViewer; tab: FlowTab }) {
  const words = useWords(flowWords);
  const query = useQuery(useTRPC().flows.byId.queryOptions({ id }));
  const [tab, setTab] = useState(first);
  const flow = query.data;
  const name = flow?.name;
  useEffect(() => {
    if (name) document.title = `${name} · OSF Gateway`;
  }, [name]);

  if (query.isError && !flow)
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
  if (!flow)
    return (
      <PageFrame>
        <PageHeader title={"\u00a0"} breadcrumbs={[{ href: "/flows", label: words.flows }]} />
        <BlockSkeleton height={420} />
      </PageFrame>
    );

  const show = (next: FlowTab) => {
    setTab(next);
    // the address says where one is, without another load of the page
    window.history.replaceState(null, "", next === "overview" ? `/flows/${id}` : `/flows/${id}?tab=${next}`);
  };
  return (
    <PageFrame>
      <FlowHeader
        flow={flow}
        viewer={viewer}
        onBlocked={() => {
          show(flow.disabled ? "settings" : "overview");
          requestAnimationFrame(() => document.getElementById("flow-issues")?.focus());
        }}
      />
      <Tabs value={tab} onChange={(value) => show(flowTab(value))} keepMounted={false}>
        <Tabs.List mb="md">
          {FLOW_TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <FlowOverview flow={flow} mayEdit={viewer.edits && flow.mine} />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <RunList subjectId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <FlowVersions flow={flow} mayWrite={viewer.writes && flow.mine} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <FlowSettings flow={flow} mayWrite={viewer.writes && flow.mine} />
        </Tabs.Panel>
      </Tabs>
    </PageFrame>
  );
}

function FlowHeader(props: { flow: FlowDetail; viewer: FlowViewer; onBlocked: () => void }) {
  const { flow, viewer, onBlocked } = props;
  const words = useWords(flowWords);
  const errors = flow.issues.filter(({ severity }) => severity === "error").length;
  const hints = flow.issues.length - errors;
  const mayRun = flow.mine ? viewer.runs : viewer.controlsRuns;
  return (
    <PageHeader
      breadcrumbs={[{ href: "/flows", label: words.flows }]}
      title={flow.name}
      aside={
        <span className={classes.state}>
          {flow.disabled ? (
            <StateBadge state="idle" word={words.off} />
          ) : errors > 0 ? (
            <StateBadge state="fault" word={words.issueCount(errors, hints)} />
          ) : (
            <StateBadge state="ok" word={words.on} />
          )}
        </span>
      }
      description={flow.description || undefined}
      actions={
        <>
          {flow.mine && viewer.edits ? (
            <Button
              component={Link}
              href={`/editor?flow=${flow.id}`}
              variant="default"
              leftSection={<IconPencil size={16} />}
            >
              {words.edit}
            </Button>
          ) : (
            !flow.mine && (
              <Tooltip label={words.notYours(flow.ownerName)} maw={280}>
                <span className={classes.dim} tabIndex={0}>
                  {words.editOther(flow.ownerName)}
                </span>
              </Tooltip>
            )
          )}
          {mayRun && <RunFlow flow={flow} onBlocked={onBlocked} />}
        </>
      }
    />
  );
}
