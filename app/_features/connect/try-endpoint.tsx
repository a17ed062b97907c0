"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { connectWords } from "./connect-words.ts";
import { askForTools } from "./ask-for-tools.ts";
import classes from "./connect.module.css";

/** Asks for the tools the way the client will. */
export function TryEndpoint({ url, apiKey }: { url: string; apiKey: string }) {
  const words = useWords(connectWords);
  const test = useMutation({ mutationFn: () => askForTools(url, apiKey) });
  const outcome = test.data;
  return (
    <Panel title={words.test}>
      <div className={classes.stack}>
        <p className={classes.note}>{apiKey ? words.testHint : words.testNeedsKey}</p>
        <div className={classes.row}>
          <Button variant="default" onClick={() => test.mutate()} loading={test.isPending} disabled={apiKey === ""}>
            {words.testNow}
          </Button>
          <span role="status">
            {outcome && (
              <StateBadge
                state={outcome.kind === "works" ? "ok" : "fault"}
                variant="plain"
                word={
                  outcome.kind === "works"
                    ? words.works(outcome.tools.length)
                    : outcome.kind === "refused"
                      ? words.refused(outcome.status)
                      : words.unreachable
                }
              />
            )}
          </span>
        </div>
        {outcome?.kind === "refused" && outcome.message && <p className={classes.note}>{outcome.message}</p>}
        {outcome?.kind === "works" && outcome.tools.length > 0 && (
          <ul className={classes.tools}>
            {outcome.tools.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Panel>
  );
}
