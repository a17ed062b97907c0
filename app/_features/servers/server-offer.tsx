"use client";

import { IconFileText, IconMessageCode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { DataTable } from "#app/_ui/table/data-table.tsx";
import { PlainText } from "#app/_ui/text/plain-text.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamOffer, UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { serversWords } from "./servers-words.ts";
import classes from "./servers.module.css";

/** What a server has besides tools, and what it says of itself. */
export function ServerOffer({ server }: { server: UpstreamView }) {
  const words = useWords(serversWords);
  const query = useQuery(useTRPC().upstreams.offer.queryOptions({ id: server.id }));
  if (query.isError && !query.data)
    return <ErrorState error={query.error} title={words.offerFailed} onRetry={() => void query.refetch()} />;
  if (!query.data) return <ListSkeleton rows={5} />;
  const { instructions, prompts } = query.data;
  const resources = [
    ...query.data.resources.map(({ uri, ...rest }) => ({ ...rest, uri })),
    ...query.data.templates.map(({ uriTemplate, ...rest }) => ({ ...rest, uri: uriTemplate })),
  ];
  return (
    <div className={classes.form}>
      {instructions && (
        <Panel title={words.instructions} description={words.instructionsHint}>
          <PlainText>{instructions}</PlainText>
        </Panel>
      )}
      <Panel title={words.resources} flush>
        <DataTable
          name="resources"
          label={words.resources}
          bare
          rows={resources}
          rowKey={({ uri }) => uri}
          columns={[
            { id: "name", header: words.name, value: ({ title, name }) => title ?? name },
            { id: "uri", header: "URI", mono: true, value: ({ uri }) => uri },
            { id: "does", header: words.does, from: "md", sortable: false, value: ({ description }) => description },
            { id: "type", header: words.mimeType, width: "10rem", from: "md", value: ({ mimeType }) => mimeType },
          ]}
          empty={<EmptyState icon={<IconFileText />} title={words.noResources} />}
        />
      </Panel>
      <Panel title={words.prompts} flush>
        <DataTable<UpstreamOffer["prompts"][number]>
          name="prompts"
          label={words.prompts}
          bare
          rows={prompts}
          rowKey={({ name }) => name}
          columns={[
            { id: "name", header: words.name, value: ({ title, name }) => title ?? name },
            { id: "does", header: words.does, sortable: false, value: ({ description }) => description },
            {
              id: "arguments",
              header: words.takes,
              from: "sm",
              mono: true,
              sortable: false,
              value: ({ arguments: taken = [] }) =>
                taken.map(({ name, required }) => (required ? name : `${name}?`)).join(", "),
            },
          ]}
          empty={<EmptyState icon={<IconMessageCode />} title={words.noPrompts} />}
        />
      </Panel>
    </div>
  );
}
