"use client";

import { IconFileText } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { TextSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { PlainText } from "#app/_ui/text/plain-text.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { serversWords } from "./servers-words.ts";
import classes from "./servers.module.css";

const EVERY_MS = 3_000;

/** What the process of a server wrote last. */
export function ServerLog({ server }: { server: UpstreamView }) {
  const words = useWords(serversWords);
  const query = useQuery(
    useTRPC().upstreams.logs.queryOptions({ id: server.id }, { refetchInterval: EVERY_MS, retry: false }),
  );
  return (
    <Panel title={words.log} description={words.logHint} flush>
      {query.isError && !query.data ? (
        <ErrorState error={query.error} title={words.logFailed} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <TextSkeleton lines={5} />
      ) : query.data.length === 0 ? (
        <EmptyState icon={<IconFileText />} title={words.noLog} />
      ) : (
        // it scrolls: without focus the keyboard cannot reach what is out of sight
        <ol className={classes.log} tabIndex={0} aria-label={words.log}>
          {query.data.map(({ at, text }, line) => (
            // lines have no id of their own
            // oxlint-disable-next-line react/no-array-index-key
            <li key={line}>
              <span>
                <RelativeTime at={new Date(at)} />
              </span>
              <code>
                <PlainText>{text}</PlainText>
              </code>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
