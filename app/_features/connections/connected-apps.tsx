"use client";

import { Button } from "@mantine/core";
import { IconApps } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ConnectedApp } from "#server/features/oauth/schema.ts";
import { permissionWords } from "../settings/permission-words.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { connectionsWords } from "./connections-words.ts";
import classes from "./connections.module.css";

/** MCP clients that signed in as the person. */
export function ConnectedApps() {
  const words = useWords(connectionsWords);
  const query = useQuery(useTRPC().oauth.listApps.queryOptions());
  const howTo = (
    <Button component={Link} href="/servers/connect" variant="default">
      {words.howTo}
    </Button>
  );
  return (
    <Panel flush title={words.apps} description={words.appsText} actions={howTo}>
      {query.isError && !query.data ? (
        <ErrorState error={query.error} title={words.appsFailed} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <ListSkeleton rows={2} />
      ) : query.data.length === 0 ? (
        <EmptyState icon={<IconApps />} title={words.noApps}>
          <p>{words.noAppsText}</p>
        </EmptyState>
      ) : (
        <ul className={classes.list}>
          {query.data.map((app) => (
            <App key={app.id} app={app} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function App({ app }: { app: ConnectedApp }) {
  const { id, name, host, workspace, server, scopes, connectedAt, expiresAt, lastUsedAt } = app;
  const words = useWords(connectionsWords);
  const means: Record<string, string> = useWords(permissionWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const revoke = useMutation(
    trpc.oauth.revokeApp.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.oauth.pathFilter()),
    }),
  );
  return (
    <li>
      <div className={classes.entry}>
        <span className={classes.name}>
          <strong>{name}</strong>
          {host && <code>{host}</code>}
        </span>
        <span className={classes.sub}>
          {workspace.name} · {server ? <code>{server}</code> : words.everything} ·{" "}
          <Tooltip label={scopes.map((scope) => means[scope] ?? scope).join(", ")} maw={320}>
            <span tabIndex={0}>{words.permissions(scopes.length)}</span>
          </Tooltip>
        </span>
        <span className={classes.sub}>
          {lastUsedAt ? (
            <>
              {words.used} <RelativeTime at={lastUsedAt} />
            </>
          ) : (
            words.never
          )}{" "}
          · {words.since} <RelativeTime at={connectedAt} />
          {expiresAt && (
            <>
              {" "}
              · {words.until} <RelativeTime at={expiresAt} />
            </>
          )}
        </span>
      </div>
      <div className={classes.acts}>
        <ConfirmButton
          title={words.revokeTitle(name)}
          description={words.revokeText}
          confirm={words.revoke}
          onConfirm={() => revoke.mutateAsync({ id })}
          size="compact-md"
          aria-label={`${words.revoke}: ${name}`}
        >
          {words.revoke}
        </ConfirmButton>
      </div>
    </li>
  );
}
