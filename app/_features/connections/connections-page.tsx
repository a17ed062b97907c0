"use client";

import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { ConnectedApps } from "./connected-apps.tsx";
import { connectionsWords } from "./connections-words.ts";
import { ServerConsents } from "./server-consents.tsx";
import classes from "./connections.module.css";

/** Both ways of connecting: where the gateway is signed in for the person, and which apps act as them. `problem`: why a sign-in at a server failed. */
export function ConnectionsPage({ problem }: { problem: string | null }) {
  const words = useWords(connectionsWords);
  return (
    <>
      {problem && (
        <p className={classes.problem} role="alert">
          <StateBadge state="fault" variant="plain" word={words.problems[problem] ?? words.problem} />
        </p>
      )}
      <ConnectedApps />
      <ServerConsents />
    </>
  );
}
