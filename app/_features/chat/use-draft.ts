"use client";

import { useLocalStorage } from "@mantine/hooks";

/** What was typed and not sent, kept over reloads by conversation. */
export function useDraft(session: string): [string, (text: string) => void] {
  const [text, setText, remove] = useLocalStorage({ key: `osf-draft-${session}`, defaultValue: "" });
  return [text, (next) => (next ? setText(next) : remove())];
}
