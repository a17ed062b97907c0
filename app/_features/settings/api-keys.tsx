"use client";

import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { parseAsBoolean, useQueryState } from "nuqs";
import { useState } from "react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { pagedKey } from "../trpc/paged-key.ts";
import { useTRPC, useTRPCClient } from "../trpc/provider.tsx";
import { settingsWords } from "./settings-words.ts";

const KeyTable = dynamic(() => import("./key-table.tsx").then((module) => module.KeyTable), {
  ssr: false,
  loading: () => <ListSkeleton rows={3} />,
});
const CreateKey = dynamic(() => import("./create-key.tsx").then((module) => module.CreateKey), { ssr: false });

const PAGE = 50;

export function ApiKeys() {
  const words = useWords(settingsWords);
  const trpc = useTRPC();
  const client = useTRPCClient();
  const hydrated = useHydrated();
  const [creating, setCreating] = useQueryState("new", parseAsBoolean.withDefault(false));
  const me = useQuery(trpc.accounts.me.queryOptions());
  const keys = useInfiniteQuery({
    queryKey: pagedKey(trpc.accounts.apiKeys.list.queryKey({ limit: PAGE })),
    queryFn: ({ pageParam, signal }) =>
      client.accounts.apiKeys.list.query({ limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const rows = keys.data?.pages.flatMap(({ items }) => items);
  const [wanted, setWanted] = useState(false);
  const create = () => {
    setWanted(true);
    void setCreating(true);
  };
  return (
    <Panel
      flush
      title={words.keys}
      description={words.keysText}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={create} disabled={!hydrated}>
          {words.create}
        </Button>
      }
    >
      {keys.isError && !rows ? (
        <ErrorState
          error={keys.error}
          title={words.keysFailed}
          onRetry={() => void keys.refetch()}
          retrying={keys.isFetching}
        />
      ) : rows?.length === 0 ? (
        <EmptyState
          icon={<IconKey />}
          title={words.noKeys}
          action={
            <Button variant="default" onClick={create}>
              {words.create}
            </Button>
          }
        >
          {words.noKeysText}
        </EmptyState>
      ) : !rows ? (
        <ListSkeleton rows={3} />
      ) : (
        <KeyTable
          rows={rows}
          hasMore={keys.hasNextPage}
          loadingMore={keys.isFetchingNextPage}
          onMore={() => void keys.fetchNextPage()}
        />
      )}
      {/* once it was wanted it stays, so that it closes in its own way */}
      {(creating || wanted) && hydrated && (
        <CreateKey
          opened={creating}
          onClose={() => {
            setWanted(true);
            void setCreating(null);
          }}
          permissions={me.data?.permissions ?? []}
        />
      )}
    </Panel>
  );
}
