"use client";

import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import type { State } from "#app/_ui/state/states.ts";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { ServiceMetrics } from "#server/features/mcp-health/schema.ts";
import { serversWords } from "./servers-words.ts";

type Phase = ServiceMetrics["breaker"]["phase"];

export const BREAKER_STATE: Record<Phase, State> = { closed: "ok", "half-open": "waiting", open: "fault" };

export function BreakerState({ phase }: { phase: Phase }) {
  const words = useWords(serversWords);
  return <StateBadge state={BREAKER_STATE[phase]} word={words.breakers[phase]} variant="plain" size="sm" />;
}
