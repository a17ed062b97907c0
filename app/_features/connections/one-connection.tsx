"use client";

import { Button } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { MissingState } from "#app/_ui/feedback/access-states.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { Notice } from "#app/_ui/feedback/notice.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { connectionsWords } from "./connections-words.ts";

/** Where a call leads that needs the person's own sign-in at a server. */
export function OneConnection({ upstream }: { upstream: string }) {
  const words = useWords(connectionsWords);
  const query = useQuery(useTRPC().connections.list.queryOptions());
  const connection = query.data?.find((one) => one.upstream === upstream);
  return (
    <PageFrame narrow>
      {query.isError && !query.data ? (
        <ErrorState size="page" error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <BlockSkeleton height={200} />
      ) : !connection ? (
        <MissingState>{words.missing}</MissingState>
      ) : (
        <Notice
          heading
          size="page"
          icon={<IconPlugConnected />}
          title={words.oneTitle(connection.title)}
          actions={
            <Button component="a" href={connection.connect}>
              {connection.connected ? words.again : words.connectTo(connection.title)}
            </Button>
          }
        >
          <p>{words.oneText}</p>
        </Notice>
      )}
    </PageFrame>
  );
}
