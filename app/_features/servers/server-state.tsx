"use client";

import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/state/states.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { serversWords } from "./servers-words.ts";

const STATE: Record<UpstreamView["state"], State> = {
  ok: "ok",
  connecting: "running",
  down: "fault",
  disabled: "idle",
};

export function ServerState({ state, plain = false }: { state: UpstreamView["state"]; plain?: boolean }) {
  const words = useWords(serversWords);
  return (
    <StateBadge
      state={STATE[state]}
      word={words[state]}
      {...(plain ? { variant: "plain" as const, size: "sm" as const } : {})}
    />
  );
}
