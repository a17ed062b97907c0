"use client";

import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import Link from "next/link";
import { Notice } from "#app/_ui/feedback/notice.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { consentWords } from "./consent-words.ts";
import classes from "./consent.module.css";

/** Why an app was not connected, by its code alone: nothing else of an address is shown to people as our words. */
export function ConnectFailed({ code }: { code: string }) {
  const words = useWords(consentWords);
  const known: Record<string, string> = words.failed;
  return (
    <main className={classes.ground}>
      <Notice
        icon={<IconPlugConnectedX />}
        tone="attention"
        size="page"
        heading
        title={words.failedTitle}
        actions={
          <Button component={Link} href="/" variant="default">
            {words.home}
          </Button>
        }
      >
        <p>{Object.hasOwn(known, code) ? known[code] : words.failedOtherwise(code)}</p>
      </Notice>
    </main>
  );
}
