"use client";

import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil, IconRefresh, IconTools } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Section } from "#app/_ui/layout/panel.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ToolView, UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { adminWords } from "./admin-words.ts";
import { ToolClass } from "./tool-class.tsx";
import { ToolDrawer } from "./tool-drawer.tsx";
import { UpstreamForm } from "./upstream-form.tsx";
import { UpstreamState } from "./upstream-state.tsx";
import { useCheck, useUpstreams } from "./use-upstreams.ts";
import classes from "./admin.module.css";

const HOME = "/admin/upstreams";

export function UpstreamPage({ name }: { name: string }) {
  const words = useWords(adminWords);
  const query = useUpstreams();
  const upstream = query.data?.find((one) => one.name === name);
  return (
    <PageFrame>
      {upstream ? (
        <Known upstream={upstream} />
      ) : query.isError && !query.data ? (
        <ErrorState size="page" error={query.error} title={words.loadFailed} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <MissingState>{words.missing}</MissingState>
      ) : (
        <>
          <PageHeader title={name} breadcrumbs={[{ href: HOME, label: words.upstreams }]} />
          <BlockSkeleton height={120} />
        </>
      )}
    </PageFrame>
  );
}

function Known({ upstream }: { upstream: UpstreamView }) {
  const words = useWords(adminWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const [editing, edit] = useDisclosure(false);
  const check = useCheck();
  const remove = useMutation(trpc.upstreams.remove.mutationOptions());
  const own = upstream.source === "admin";
  const end = async () => {
    await remove.mutateAsync({ id: upstream.id });
    router.push(HOME);
    await queries.invalidateQueries(trpc.upstreams.pathFilter());
  };
  return (
    <>
      <PageHeader
        breadcrumbs={[{ href: HOME, label: words.upstreams }]}
        title={upstream.title}
        aside={<UpstreamState state={upstream.state} />}
        description={own ? undefined : upstream.source === "demo" ? words.fixedDemo : words.fixed}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} />}
              onClick={() => check.mutate({ id: upstream.id })}
              loading={check.isPending}
              disabled={!upstream.enabled}
            >
              {words.check}
            </Button>
            {own && (
              <>
                <Button variant="default" leftSection={<IconPencil size={16} />} onClick={edit.open}>
                  {words.edit}
                </Button>
                <ConfirmButton
                  title={words.removeTitle(upstream.title)}
                  takes={[words.removeTakes(upstream.tools)]}
                  description={words.removeText}
                  confirm={words.remove}
                  onConfirm={end}
                >
                  {words.remove}
                </ConfirmButton>
              </>
            )}
          </>
        }
      />
      <FormErrors error={check.error} />
      {upstream.state === "down" && (
        <div className={classes.problem} role="alert">
          <strong>{words.whyDown}</strong>
          <p>{upstream.problem}</p>
          <p>{words.downHint}</p>
        </div>
      )}
      <div className={classes.facts}>
        <KeyValue
          layout="columns"
          items={[
            { label: words.name, value: <code>{upstream.name}</code> },
            { label: words.address, value: <span className={classes.address}>{upstream.url}</span> },
            { label: words.protocol, value: upstream.protocol },
            { label: words.version, value: upstream.serverVersion },
            {
              label: words.latency,
              value: upstream.latencyMs === undefined ? undefined : <Duration ms={upstream.latencyMs} />,
            },
            { label: words.checked, value: upstream.checkedAt && <RelativeTime at={upstream.checkedAt} /> },
            { label: words.source, value: words.sources[upstream.source] },
            { label: words.scope, value: upstream.workspaceId ? words.thisWorkspace : words.everyWorkspace },
          ]}
        />
      </div>
      <Tools upstream={upstream} />
      {own && <UpstreamForm opened={editing} onClose={edit.close} upstream={upstream} />}
    </>
  );
}

function Tools({ upstream }: { upstream: UpstreamView }) {
  const words = useWords(adminWords);
  const trpc = useTRPC();
  const query = useQuery(trpc.upstreams.tools.queryOptions({ server: upstream.name }));
  const [open, setOpen] = useState<string | null>(null);
  const columns: Column<ToolView>[] = [
    {
      id: "tool",
      header: words.tool,
      value: ({ title }) => title,
      render: ({ title, name }) => (
        <span className={classes.two}>
          {title}
          <span className={classes.sub}>{name}</span>
        </span>
      ),
    },
    {
      id: "class",
      header: words.kind,
      width: "8rem",
      value: (tool) => words.classes[tool.class],
      render: (tool) => <ToolClass of={tool.class} />,
    },
    {
      id: "description",
      header: words.does,
      from: "md",
      sortable: false,
      value: ({ description }) => brief(description),
    },
  ];
  return (
    <Section title={words.tools} description={words.toolCount(upstream.tools)}>
      <DataTable<ToolView>
        name="tools"
        label={words.tools}
        columns={columns}
        rows={query.data}
        rowKey={({ name }) => name}
        onOpen={({ name }) => setOpen(name)}
        {...(open ? { current: open } : {})}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeletonRows={5}
        empty={<EmptyState icon={<IconTools />} title={upstream.state === "ok" ? words.noTools : words.noToolsDown} />}
      />
      <ToolDrawer tool={query.data?.find(({ name }) => name === open) ?? null} onClose={() => setOpen(null)} />
    </Section>
  );
}

const BRIEF = 110;
const brief = (text: string) => (text.length <= BRIEF ? text : `${text.slice(0, BRIEF - 1).trimEnd()}…`);
