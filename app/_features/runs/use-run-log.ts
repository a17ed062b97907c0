"use client";

import { useRef, useState } from "react";
import type { RunEventView } from "#server/features/runs/schema.ts";
import { useRunEvents, type FeedState } from "./use-run-events.ts";

/** All events of a run so far, growing live. `runId` null: none yet. */
export function useRunLog(runId: string | null): { events: RunEventView[]; feed: FeedState } {
  const last = useRef(0);
  const [events, setEvents] = useState<RunEventView[]>([]);
  const feed = useRunEvents(runId, (batch) => {
    const fresh = batch.filter(({ seq }) => seq > last.current);
    last.current = fresh.at(-1)?.seq ?? last.current;
    if (fresh.length > 0) setEvents((known) => [...known, ...fresh]);
  });
  return { events, feed };
}
