"use client";

import { ActionIcon, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconPlus, IconRefresh } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import type { Column } from "#app/_ui/table/columns.ts";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { adminWords } from "./admin-words.ts";
import { UpstreamForm } from "./upstream-form.tsx";
import { UpstreamState } from "./upstream-state.tsx";
import { useCheck, useUpstreams } from "./use-upstreams.ts";
import classes from "./admin.module.css";

const hrefOf = ({ name }: UpstreamView) => `/admin/upstreams/${name}`;

export function UpstreamsPage() {
  const words = useWords(adminWords);
  const router = useRouter();
  const query = useUpstreams();
  const [adding, add] = useDisclosure(false);
  return (
    <PageFrame>
      <PageHeader
        title={words.upstreams}
        description={words.upstreamsDescription}
        actions={
          <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
            {words.add}
          </Button>
        }
      />
      <DataTable<UpstreamView>
        name="upstreams"
        label={words.upstreams}
        mainTable
        columns={columnsOf(words)}
        rows={query.data}
        rowKey={({ id }) => id}
        href={hrefOf}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeletonRows={5}
        empty={
          <EmptyState icon={<IconPlugConnected />} title={words.noUpstreams}>
            <p>{words.noUpstreamsHint}</p>
          </EmptyState>
        }
      />
      <UpstreamForm opened={adding} onClose={add.close} onSaved={(saved) => router.push(hrefOf(saved))} />
    </PageFrame>
  );
}

function columnsOf(words: (typeof adminWords)["en"]): Column<UpstreamView>[] {
  return [
    {
      id: "server",
      header: words.server,
      value: ({ title }) => title,
      render: ({ title, name, problem }) => (
        <span className={classes.two}>
          {title}
          <span className={classes.sub}>{name}</span>
          {problem && <span className={classes.problem}>{problem}</span>}
        </span>
      ),
    },
    {
      id: "state",
      header: words.state,
      width: "10rem",
      value: ({ state }) => words[state],
      render: ({ state }) => <UpstreamState state={state} plain />,
    },
    { id: "tools", header: words.tools, width: "6rem", align: "right", from: "sm", value: ({ tools }) => tools },
    {
      id: "latency",
      header: words.latency,
      width: "7rem",
      align: "right",
      from: "sm",
      value: ({ latencyMs }) => latencyMs ?? null,
      render: ({ latencyMs }) => (latencyMs === undefined ? "–" : <Duration ms={latencyMs} />),
    },
    {
      id: "protocol",
      header: words.protocol,
      width: "9rem",
      from: "md",
      mono: true,
      value: ({ protocol }) => protocol ?? "–",
    },
    { id: "source", header: words.source, width: "9rem", from: "md", value: ({ source }) => words.sources[source] },
    { id: "address", header: words.address, from: "md", mono: true, optional: true, value: ({ url }) => url },
    {
      id: "checked",
      header: words.checked,
      width: "8rem",
      from: "md",
      value: ({ checkedAt }) => checkedAt ?? null,
      render: ({ checkedAt }) => (checkedAt ? <RelativeTime at={checkedAt} /> : "–"),
    },
    {
      id: "check",
      header: words.checkShort,
      width: "4.5rem",
      fixed: true,
      render: (upstream) => <CheckNow upstream={upstream} />,
    },
  ];
}

function CheckNow({ upstream }: { upstream: UpstreamView }) {
  const words = useWords(adminWords);
  const check = useCheck();
  return (
    <Tooltip label={words.check}>
      <ActionIcon
        onClick={() => check.mutate({ id: upstream.id })}
        loading={check.isPending}
        disabled={!upstream.enabled}
        aria-label={words.checkWhat(upstream.title)}
      >
        <IconRefresh size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
