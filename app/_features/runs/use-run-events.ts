"use client";

import { useEffect, useEffectEvent, useState } from "react";
import type { RunEventView } from "#server/features/runs/schema.ts";
import { isTerminal } from "#server/features/runs/values.schema.ts";
import { useTRPCClient } from "../trpc/provider.tsx";

/** Text arrives up to forty times a second; parsing and drawing it that often helps nobody. */
const FLUSH_MS = 60;
/** Browsers allow six streams a server, over all tabs: one that nobody looks at gives its own back. */
const HIDDEN_MS = 10_000;

export type FeedState = "connecting" | "live" | "lost" | "ended";

/**
 * Hands over the events of a run, each once and in order, in small batches: those that were, then those that come.
 * After a lost connection, a restart of the server or a time in the background it goes on after the last one seen.
 * `runId` null: nothing is watched. The component that uses it is keyed by the run.
 */
export function useRunEvents(runId: string | null, onEvents: (events: RunEventView[]) => void): FeedState {
  const client = useTRPCClient();
  const [state, setState] = useState<FeedState>("connecting");
  const handOver = useEffectEvent(onEvents);

  useEffect(() => {
    if (!runId) return undefined;
    let last = 0;
    let over = false;
    let fresh: RunEventView[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
    let subscription: { unsubscribe: () => void } | undefined;

    const flush = () => {
      timer = undefined;
      const events = fresh;
      fresh = [];
      if (events.length > 0) handOver(events);
      if (over) setState("ended");
    };
    const open = () => {
      if (subscription || over) return;
      subscription = client.runs.watch.subscribe(
        { id: runId, after: last },
        {
          onData({ data: event }) {
            if (event.seq <= last) return;
            last = event.seq;
            over = isTerminal(event.type);
            fresh.push(event);
            timer ??= setTimeout(flush, FLUSH_MS);
          },
          onStarted: () => setState("live"),
          onConnectionStateChange({ state: connection, error }) {
            if (connection === "connecting" && error && !over) setState("lost");
          },
        },
      );
    };
    const close = () => {
      subscription?.unsubscribe();
      subscription = undefined;
    };
    const look = () => {
      clearTimeout(hiddenTimer);
      if (document.visibilityState === "hidden") hiddenTimer = setTimeout(close, HIDDEN_MS);
      else open();
    };

    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(hiddenTimer);
      clearTimeout(timer);
      close();
    };
  }, [client, runId]);

  return state;
}
