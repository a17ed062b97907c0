"use client";

import { Button } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useNow, useWords } from "#app/_ui/words/locale.tsx";
import type { ConnectionView } from "#server/features/upstream-auth/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { connectionsWords } from "./connections-words.ts";
import classes from "./connections.module.css";

/** Servers that each person signs in to. */
export function ServerConsents() {
  const words = useWords(connectionsWords);
  const query = useQuery(useTRPC().connections.list.queryOptions());
  return (
    <Panel flush title={words.servers} description={words.serversText}>
      {query.isError && !query.data ? (
        <ErrorState error={query.error} title={words.serversFailed} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <ListSkeleton rows={2} />
      ) : query.data.length === 0 ? (
        <EmptyState icon={<IconPlugConnected />} title={words.noServers} />
      ) : (
        <ul className={classes.list}>
          {query.data.map((connection) => (
            <Consent key={connection.upstream} connection={connection} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Consent({ connection }: { connection: ConnectionView }) {
  const { upstream, title, connect, connected, wantsMore, issuer, scopes, connectedAt, expiresAt, renewable } =
    connection;
  const words = useWords(connectionsWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const now = useNow(() => 60_000);
  const remove = useMutation(
    trpc.connections.remove.mutationOptions({
      onSettled: () =>
        Promise.all([
          queries.invalidateQueries(trpc.connections.pathFilter()),
          queries.invalidateQueries(trpc.upstreams.pathFilter()),
        ]),
    }),
  );
  const expired = connected && !renewable && expiresAt !== null && expiresAt.getTime() <= now;
  const again = connected && (wantsMore || expired);
  return (
    <li>
      <div className={classes.entry}>
        <span className={classes.name}>
          <strong>{title}</strong>
          <StateBadge
            state={again ? "attention" : connected ? "ok" : "idle"}
            word={connected ? words.connected : words.notConnected}
            variant="plain"
            size="sm"
          />
        </span>
        {connected && (
          <span className={classes.sub}>
            {issuer && `${issuer} · `}
            {connectedAt && (
              <>
                {words.since} <RelativeTime at={connectedAt} />
              </>
            )}
            {renewable ? (
              ` · ${words.renews}`
            ) : expiresAt ? (
              <>
                {" · "}
                {words.until} <RelativeTime at={expiresAt} />
              </>
            ) : null}
          </span>
        )}
        {connected && scopes.length > 0 && (
          <span className={classes.sub}>
            {words.may} <code>{scopes.join(" ")}</code>
          </span>
        )}
        {again && <span className={classes.attention}>{wantsMore ? words.wantsMore : words.expired}</span>}
      </div>
      <div className={classes.acts}>
        {(!connected || again) && (
          // another site comes next: a whole page load
          <Button component="a" href={connect} size="compact-md" aria-label={words.connectTo(title)}>
            {connected ? words.again : words.connect}
          </Button>
        )}
        {connected && (
          <ConfirmButton
            title={words.disconnectTitle(title)}
            description={words.disconnectText}
            confirm={words.disconnect}
            onConfirm={() => remove.mutateAsync({ upstream })}
            size="compact-md"
            aria-label={`${words.disconnect}: ${title}`}
          >
            {words.disconnect}
          </ConfirmButton>
        )}
      </div>
    </li>
  );
}
