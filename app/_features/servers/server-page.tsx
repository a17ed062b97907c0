"use client";

import { Button, Tabs } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton, ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { ServerOverview } from "./server-overview.tsx";
import { ServerState } from "./server-state.tsx";
import { SERVER_TABS, serverTab, type ServerTab } from "./server-tabs.ts";
import { ServerTools } from "./tools/server-tools.tsx";
import type { ServersViewer } from "./servers-viewer.ts";
import { serversWords } from "./servers-words.ts";
import { useCheck, useServers } from "./use-servers.ts";
import classes from "./servers.module.css";

const HOME = "/servers";
const rows = () => <ListSkeleton rows={5} />;
const ServerOffer = dynamic(() => import("./server-offer.tsx").then((module) => module.ServerOffer), {
  ssr: false,
  loading: rows,
});
const ServerCalls = dynamic(() => import("./server-calls.tsx").then((module) => module.ServerCalls), {
  ssr: false,
  loading: rows,
});
const ServerLog = dynamic(() => import("./server-log.tsx").then((module) => module.ServerLog), {
  ssr: false,
  loading: rows,
});
const ServerSettings = dynamic(() => import("./server-settings.tsx").then((module) => module.ServerSettings), {
  ssr: false,
  loading: rows,
});

/** One server: how it does, what it offers, what was called, what is set. Keyed by its name. */
export function ServerPage({ name, viewer, tab }: { name: string; viewer: ServersViewer; tab: ServerTab }) {
  const words = useWords(serversWords);
  const query = useServers();
  const server = query.data?.find((one) => one.name === name);
  const title = server?.title;
  useEffect(() => {
    if (title) document.title = `${title} · OSF Gateway`;
  }, [title]);
  return (
    <PageFrame>
      {server ? (
        <Known server={server} viewer={viewer} first={tab} />
      ) : query.isError && !query.data ? (
        <ErrorState size="page" error={query.error} title={words.loadFailed} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <MissingState>{words.missing}</MissingState>
      ) : (
        <>
          <PageHeader title={name} breadcrumbs={[{ href: HOME, label: words.parts.servers }]} />
          <BlockSkeleton height={240} />
        </>
      )}
    </PageFrame>
  );
}

function Known({ server, viewer, first }: { server: UpstreamView; viewer: ServersViewer; first: ServerTab }) {
  const words = useWords(serversWords);
  const [tab, setTab] = useState(first);
  const check = useCheck();
  // who called what is for those who may read the audit
  const tabs = SERVER_TABS.filter((one) => one !== "logs" || viewer.audits);
  const show = (next: ServerTab) => {
    setTab(next);
    const home = `${HOME}/${encodeURIComponent(server.name)}`;
    window.history.replaceState(null, "", next === "overview" ? home : `${home}?tab=${next}`);
  };
  return (
    <>
      <PageHeader
        breadcrumbs={[{ href: HOME, label: words.parts.servers }]}
        title={server.title}
        aside={<ServerState state={server.state} />}
        actions={
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            onClick={() => check.mutate({ id: server.id })}
            loading={check.isPending}
            disabled={!server.enabled}
          >
            {words.check}
          </Button>
        }
      />
      <FormErrors error={check.error} />
      {server.state === "down" && (
        <div className={classes.down} role="alert">
          <strong>{words.whyDown}</strong>
          <p>{server.problem}</p>
          <p>{words.downHint}</p>
        </div>
      )}
      <Tabs value={tab} onChange={(value) => show(serverTab(value))} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <ServerOverview server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="tools">
          <ServerTools server={server} viewer={viewer} />
        </Tabs.Panel>
        <Tabs.Panel value="offer">
          <ServerOffer server={server} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <div className={classes.form}>
            {server.transport === "stdio" && (server.workspaceId === null ? viewer.owns : viewer.writes) && (
              <ServerLog server={server} />
            )}
            <ServerCalls server={server} />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <ServerSettings server={server} viewer={viewer} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
