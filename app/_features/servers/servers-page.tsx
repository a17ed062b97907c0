"use client";

import { Button, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { NoMatch } from "#app/_ui/feedback/no-match.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { SearchInput } from "#app/_ui/table/search-input.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { serverColumns, type ServerRow } from "./server-columns.tsx";
import { serversWords } from "./servers-words.ts";
import type { ServersViewer } from "./servers-viewer.ts";
import { useMetrics, useServers } from "./use-servers.ts";
import classes from "./servers.module.css";

const ServerForm = dynamic(() => import("./form/server-form.tsx").then((module) => module.ServerForm), { ssr: false });

const STATES = ["ok", "connecting", "down", "disabled"] as const;
const TRANSPORTS = ["http", "sse", "stdio", "openapi", "service"] as const;
const filters = {
  q: parseAsString.withDefault(""),
  state: parseAsStringLiteral(STATES),
  transport: parseAsStringLiteral(TRANSPORTS),
};

const hrefOf = ({ name }: { name: string }) => `/servers/${name}`;

/** All servers that the workspace may use. */
export function ServersPage({ viewer }: { viewer: ServersViewer }) {
  return (
    <NuqsAdapter>
      <Servers viewer={viewer} />
    </NuqsAdapter>
  );
}

function Servers({ viewer }: { viewer: ServersViewer }) {
  const words = useWords(serversWords);
  const router = useRouter();
  const query = useServers();
  const [{ q, state, transport }, setFilters] = useQueryStates(filters, { history: "replace" });
  const [adding, add] = useDisclosure(false);
  const filtered = q !== "" || state !== null || transport !== null;
  const metrics = useMetrics();
  const rows = query.data
    ?.filter(
      (server) =>
        (!state || server.state === state) && (!transport || server.transport === transport) && matches(server, q),
    )
    .map((server) => ({ ...server, metrics: metrics.data?.find(({ name }) => name === server.name) }));
  return (
    <PageFrame>
      <PageHeader
        title={words.servers}
        description={words.description}
        actions={
          viewer.writes && (
            <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
              {words.add}
            </Button>
          )
        }
      />
      <DataTable<ServerRow>
        name="servers"
        label={words.parts.servers}
        mainTable
        columns={serverColumns(words)}
        rows={rows}
        rowKey={({ id }) => id}
        href={hrefOf}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeletonRows={5}
        toolbar={
          <>
            <SearchInput
              className={classes.search ?? ""}
              label={words.search}
              value={q}
              onChange={(next) => void setFilters({ q: next || null })}
            />
            <Select
              aria-label={words.state}
              placeholder={words.allStates}
              clearable
              className={classes.filter}
              value={state}
              onChange={(value) => void setFilters({ state: STATES.find((one) => one === value) ?? null })}
              data={STATES.map((value) => ({ value, label: words[value] }))}
            />
            <Select
              aria-label={words.transport}
              placeholder={words.allTransports}
              clearable
              className={classes.filter}
              value={transport}
              onChange={(value) => void setFilters({ transport: TRANSPORTS.find((one) => one === value) ?? null })}
              data={TRANSPORTS.map((value) => ({ value, label: words.transports[value] }))}
            />
          </>
        }
        empty={
          filtered ? (
            <NoMatch
              title={words.noMatch}
              clear={words.clear}
              onClear={() => void setFilters({ q: null, state: null, transport: null })}
            />
          ) : (
            <EmptyState
              icon={<IconPlugConnected />}
              title={words.noUpstreams}
              action={
                <Button component={Link} href="/servers/catalogue">
                  {words.toCatalogue}
                </Button>
              }
            >
              <p>{words.noUpstreamsHint}</p>
            </EmptyState>
          )
        }
      />
      {viewer.writes && (
        <ServerForm
          opened={adding}
          onClose={add.close}
          owner={viewer.owns}
          onSaved={(saved) => router.push(hrefOf(saved))}
        />
      )}
    </PageFrame>
  );
}

const matches = ({ name, title, url }: UpstreamView, typed: string) => {
  const text = `${name} ${title} ${url}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
};
