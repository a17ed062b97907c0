"use client";

import { SegmentedControl } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ReviewItem } from "#server/features/tool-review/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { ReviewList } from "./review-list.tsx";
import { reviewWords } from "./review-words.ts";

const ReviewDrawer = dynamic(() => import("./review-drawer.tsx").then((module) => module.ReviewDrawer), { ssr: false });

const STATES = ["quarantined", "rejected", "approved", "gone"] as const;
const view = {
  state: parseAsStringLiteral(STATES).withDefault("quarantined"),
  server: parseAsString,
  tool: parseAsString,
};

/** Tools that wait for somebody to look at what they say of themselves, by server. */
export function QuarantinePage() {
  return (
    <NuqsAdapter>
      <Quarantine />
    </NuqsAdapter>
  );
}

function Quarantine() {
  const words = useWords(reviewWords);
  const [{ state, server, tool }, setView] = useQueryStates(view, { history: "replace" });
  const query = useQuery(useTRPC().toolReview.list.queryOptions({ state }));
  const servers = byServer(query.data ?? []);
  return (
    <PageFrame>
      <PageHeader title={words.title} description={words.description} />
      <SegmentedControl
        aria-label={words.which}
        value={state}
        onChange={(value) => void setView({ state: STATES.find((one) => one === value) ?? null })}
        data={STATES.map((value) => ({ value, label: words.states[value] }))}
        style={{ justifySelf: "start", maxWidth: "100%" }}
      />
      {query.isError && !query.data ? (
        <ErrorState error={query.error} title={words.failed} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <ListSkeleton rows={5} />
      ) : servers.length === 0 ? (
        <EmptyState icon={<IconShieldCheck />} title={words.empty[state]}>
          {state === "quarantined" && <p>{words.emptyHint}</p>}
        </EmptyState>
      ) : (
        servers.map((items) => (
          <ReviewList
            key={items[0]?.serverId}
            items={items}
            onOpen={(item) => void setView({ server: item.serverId, tool: item.tool })}
          />
        ))
      )}
      <ReviewDrawer
        chosen={server !== null && tool !== null ? { id: server, tool } : null}
        onClose={() => void setView({ server: null, tool: null })}
      />
    </PageFrame>
  );
}

function byServer(items: readonly ReviewItem[]): ReviewItem[][] {
  const servers = new Map<string, ReviewItem[]>();
  for (const item of items) servers.set(item.serverId, [...(servers.get(item.serverId) ?? []), item]);
  return [...servers.values()];
}
