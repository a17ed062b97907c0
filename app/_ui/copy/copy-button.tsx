"use client";

import { ActionIcon } from "@mantine/core";
import { IconCheck, IconCopy, IconCopyX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Tooltip } from "../tooltip/tooltip.tsx";
import { useWords } from "../words/locale.tsx";
import { defineWords } from "../words/locales.ts";
import { copyText } from "./copy-text.ts";

const copyWords = defineWords({
  en: {
    copy: "Copy",
    copyWhat: (what: string) => `Copy ${what}`,
    done: "Copied",
    failed: "The browser did not allow it",
  },
  de: {
    copy: "Kopieren",
    copyWhat: (what: string) => `${what} kopieren`,
    done: "Kopiert",
    failed: "Der Browser hat es nicht erlaubt",
  },
});

export type CopyOutcome = "idle" | "done" | "failed";

/** Copies and says for two seconds whether it worked. */
export function useCopy(): { outcome: CopyOutcome; copy: (text: string) => void; said: string; reset: () => void } {
  const words = useWords(copyWords);
  const [outcome, setOutcome] = useState<CopyOutcome>("idle");
  useEffect(() => {
    if (outcome === "idle") return undefined;
    const timer = setTimeout(() => setOutcome("idle"), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  return {
    outcome,
    copy: (text) => void copyText(text).then((done) => setOutcome(done ? "done" : "failed")),
    said: outcome === "idle" ? words.copy : words[outcome],
    reset: () => setOutcome("idle"),
  };
}

/** `what` completes the accessible name: "Copy the API key". A function is read only when it is pressed. */
export function CopyButton({ value, what, size }: { value: string | (() => string); what?: string; size?: number }) {
  const words = useWords(copyWords);
  const { outcome, copy, said } = useCopy();
  const Icon = outcome === "done" ? IconCheck : outcome === "failed" ? IconCopyX : IconCopy;
  return (
    <Tooltip label={said} {...(outcome === "idle" ? {} : { opened: true })}>
      <ActionIcon
        {...(size ? { size } : {})}
        onClick={() => copy(typeof value === "string" ? value : value())}
        aria-label={outcome === "idle" ? (what ? words.copyWhat(what) : words.copy) : said}
      >
        <Icon size={16} stroke={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}
