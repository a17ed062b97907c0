"use client";

import { IconApi, IconDeviceDesktop } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { ConfirmButton } from "#app/_ui/form/confirm-button.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { Session } from "#server/features/accounts/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { readUserAgent } from "./read-user-agent.ts";
import { settingsWords } from "./settings-words.ts";
import classes from "./settings.module.css";

export function Sessions() {
  const words = useWords(settingsWords);
  const sessions = useQuery(useTRPC().accounts.sessions.list.queryOptions());
  return (
    <Panel flush title={words.sessions} description={words.sessionsText}>
      {sessions.isError && !sessions.data ? (
        <ErrorState
          error={sessions.error}
          title={words.sessionsFailed}
          onRetry={() => void sessions.refetch()}
          retrying={sessions.isFetching}
        />
      ) : !sessions.data ? (
        <ListSkeleton rows={2} />
      ) : (
        <ul className={classes.list}>
          {sessions.data.map((session) => (
            <SessionEntry key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SessionEntry({ session }: { session: Session }) {
  const words = useWords(settingsWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const end = useMutation(
    trpc.accounts.sessions.revoke.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.accounts.sessions.list.queryFilter()),
    }),
  );
  const agent = readUserAgent(session.userAgent);
  const what = agent ? [agent.program, agent.system].filter(Boolean).join(", ") : words.unknownBrowser;
  const Icon = session.kind === "browser" ? IconDeviceDesktop : IconApi;
  return (
    <li>
      <Icon size={20} stroke={1.5} aria-hidden="true" />
      <div className={classes.entry}>
        <span>
          <strong>{what}</strong>
          {session.current && <span className={classes.here}>{words.thisOne}</span>}
        </span>
        <span>
          {session.kind === "token" && `${words.program} · `}
          {session.ip && `${session.ip} · `}
          {words.lastSeen} <RelativeTime at={session.lastSeenAt} /> · {words.begun}{" "}
          <RelativeTime at={session.createdAt} />
        </span>
      </div>
      {!session.current && (
        <ConfirmButton
          title={words.endTitle(what)}
          description={words.endText}
          confirm={words.endIt}
          onConfirm={() => end.mutateAsync({ id: session.id })}
          size="compact-sm"
          aria-label={`${words.end}: ${what}`}
        >
          {words.end}
        </ConfirmButton>
      )}
    </li>
  );
}
