"use client";

import { useDocumentVisibility } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useState } from "react";
import type { Connection } from "#app/_ui/shell/types.ts";
import type { Change } from "#server/features/activity/router.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { gather } from "./gather.ts";
import { invalidateFor } from "./invalidate-for.ts";

/** Changes that come together are answered with one look. */
const GATHER_MS = 250;
/** A broken connection that is back within this is not worth a word; the first one of a page may take longer. */
const GRACE_MS = 2_500;
const FIRST_GRACE_MS = 8_000;
const RETRY_MS = 5_000;
/** A page that nobody sees gives its connection back: a browser has six for all pages of a site. */
const HIDDEN_MS = 60_000;

/** The one subscription that keeps all pages fresh; says whether the server is there. */
export function useLive(): Connection {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const watched = useWatched();
  const [met, setMet] = useState(false);
  const [changes] = useState(() => gather<Change>(GATHER_MS, (heard) => invalidateFor(queries, trpc, heard)));
  const live = useSubscription(
    trpc.activity.changes.subscriptionOptions(undefined, {
      enabled: watched,
      onStarted: () => setMet(true),
      onData: (change) => changes.add(change),
    }),
  );
  const { status, reset } = live;
  useEffect(() => {
    if (status !== "error") return undefined;
    const timer = setTimeout(reset, RETRY_MS);
    return () => clearTimeout(timer);
  }, [status, reset]);
  const away = useLasting(watched && (status === "connecting" || status === "error"), met ? GRACE_MS : FIRST_GRACE_MS);
  return away ? "reconnecting" : "online";
}

/** False once the page has been out of sight for a while. */
function useWatched(): boolean {
  return !useLasting(useDocumentVisibility() === "hidden", HIDDEN_MS);
}

/** Whether something has been so for that long. */
function useLasting(so: boolean, ms: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLasting(so), so ? ms : 0);
    return () => clearTimeout(timer);
  }, [so, ms]);
  return lasting && so;
}
