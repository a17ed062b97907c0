"use client";

import { Button } from "@mantine/core";
import { useWords } from "#app/_ui/words/locale.tsx";
import { authWords } from "./auth-words.ts";
import classes from "./auth.module.css";

/** Where the passwords of the demonstration are; never the passwords themselves. */
export function DemoPanel({ accounts, onPick }: { accounts: string[]; onPick?: (email: string) => void }) {
  const words = useWords(authWords);
  return (
    <aside className={classes.demo}>
      <h2>{words.demoTitle}</h2>
      <p>
        {words.demoText} <code>.data/demo-accounts.json</code>.
      </p>
      {onPick && (
        <div className={classes.accounts}>
          {accounts.map((email) => (
            <Button
              key={email}
              variant="default"
              size="compact-sm"
              onClick={() => onPick(email)}
              aria-label={words.fillIn(email)}
            >
              {email.split("@")[0]}
            </Button>
          ))}
        </div>
      )}
    </aside>
  );
}
