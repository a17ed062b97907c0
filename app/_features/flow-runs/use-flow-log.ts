"use client";

import { useState, useSyncExternalStore } from "react";
import type { RunEventView } from "#server/features/runs/schema.ts";
import { useRunEvents, type FeedState } from "../runs/use-run-events.ts";
import { createFlowLog, readFlowEvents, type FlowLog } from "./flow-log.ts";

/** Kept for the list of events; those of a very long run are read page by page by its API instead. */
const MOST_EVENTS = 20_000;

interface FlowStore {
  log: FlowLog;
  events: RunEventView[];
  add: (events: RunEventView[]) => void;
  subscribe: (listener: () => void) => () => void;
  version: () => number;
}

function createStore(): FlowStore {
  const log = createFlowLog();
  const events: RunEventView[] = [];
  const listeners = new Set<() => void>();
  let last = 0;
  return {
    log,
    events,
    add(batch) {
      const fresh = batch.filter(({ seq }) => seq > last);
      last = fresh.at(-1)?.seq ?? last;
      if (fresh.length === 0) return;
      readFlowEvents(log, fresh);
      for (const event of fresh) if (events.length < MOST_EVENTS) events.push(event);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    version: () => log.version,
  };
}

/**
 * What a flow's run did so far, growing live. `log` and `events` are the same objects all the time and grow in place;
 * `version` changes with them. `runId` null: nothing yet. The component that uses it is keyed by the run.
 */
export function useFlowLog(runId: string | null): {
  log: FlowLog;
  events: RunEventView[];
  version: number;
  feed: FeedState;
} {
  const [store] = useState(createStore);
  const version = useSyncExternalStore(store.subscribe, store.version, store.version);
  const feed = useRunEvents(runId, store.add);
  return { log: store.log, events: store.events, version, feed };
}
