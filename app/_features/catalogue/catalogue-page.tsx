"use client";

import { NativeSelect } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { parseAsString, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState } from "react";
import { NoMatch } from "#app/_ui/feedback/no-match.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { SearchInput } from "#app/_ui/table/search-input.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { FoundServer } from "#server/features/catalogue/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { catalogueWords } from "./catalogue-words.ts";
import { ServerCard } from "./server-card.tsx";
import classes from "./catalogue.module.css";

const ActivateDialog = dynamic(() => import("./activate-dialog.tsx").then((module) => module.ActivateDialog), {
  ssr: false,
});

const ALL = 200;
const filters = { q: parseAsString.withDefault(""), tag: parseAsString };

/** All servers that the gateway knows and what it takes to have them. */
export function CataloguePage(props: { activates: boolean; keepsSecrets: boolean }) {
  return (
    <NuqsAdapter>
      <Catalogue {...props} />
    </NuqsAdapter>
  );
}

function Catalogue({ activates, keepsSecrets }: { activates: boolean; keepsSecrets: boolean }) {
  const words = useWords(catalogueWords);
  const trpc = useTRPC();
  const [{ q, tag }, setFilters] = useQueryStates(filters, { history: "replace" });
  const [chosen, setChosen] = useState<FoundServer | null>(null);
  const all = useQuery(trpc.catalogue.find.queryOptions({ query: "", limit: ALL }));
  const query = useQuery(
    trpc.catalogue.find.queryOptions(
      { query: q, limit: ALL, ...(tag ? { tag } : {}) },
      { placeholderData: keepPreviousData },
    ),
  );
  const active = useQuery(trpc.catalogue.active.queryOptions());
  const own = new Set(active.data?.filter((server) => server.own).map(({ name }) => name));
  const tags = [...new Set((all.data ?? []).flatMap((server) => server.tags))].toSorted();
  // those that are registered by hand have their place among the servers
  const found = query.data?.filter((server) => server.catalogue);
  return (
    <PageFrame>
      <PageHeader title={words.title} description={words.description} />
      <search className={classes.filters}>
        <SearchInput
          className={classes.search ?? ""}
          label={words.search}
          value={q}
          onChange={(next) => void setFilters({ q: next || null })}
        />
        <NativeSelect
          aria-label={words.allTags}
          className={classes.tag}
          value={tag ?? ""}
          onChange={(event) => void setFilters({ tag: event.currentTarget.value || null })}
          data={[{ value: "", label: words.allTags }, ...tags]}
        />
        <span className={classes.count} role="status">
          {found ? words.count(found.length) : ""}
        </span>
      </search>
      {query.isError && !found ? (
        <ErrorState size="page" error={query.error} title={words.failed} onRetry={() => void query.refetch()} />
      ) : !found ? (
        <div className={classes.cards}>
          {Array.from({ length: 6 }, (_, i) => (
            <BlockSkeleton key={i} height={180} />
          ))}
        </div>
      ) : found.length === 0 ? (
        <NoMatch title={words.none} clear={words.clear} onClear={() => void setFilters({ q: null, tag: null })}>
          <p>{words.noneHint}</p>
        </NoMatch>
      ) : (
        <ul className={classes.cards}>
          {found.map((server) => (
            <li key={server.name}>
              <ServerCard
                server={server}
                removable={activates && own.has(server.name)}
                onActivate={() => setChosen(server)}
                onTag={(next) => void setFilters({ tag: next })}
              />
            </li>
          ))}
        </ul>
      )}
      <ActivateDialog server={chosen} keepsSecrets={keepsSecrets} onClose={() => setChosen(null)} />
    </PageFrame>
  );
}
