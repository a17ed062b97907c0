"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import type { SeatPod } from "#server/features/pods/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";

const STARTING_MS = 700;
const QUEUED_MS = 2_500;
/** How often it is looked whether the pod is still there: nothing tells of it. */
const CHECK_MS = 20_000;

/**
 * Claims the person's own Node-RED and follows it: asked again while it starts, looked at while it is there. `since`:
 * when the wait began, ms.
 */
export function useMyPod(): { pod: SeatPod | null; error: unknown; since: number; reopen: () => void } {
  const trpc = useTRPC();
  const open = useMutation(trpc.pods.open.mutationOptions());
  const [since, setSince] = useState(() => Date.now());
  const [ready, setReady] = useState<SeatPod | null>(null);
  const mine = useQuery(
    trpc.pods.mine.queryOptions(undefined, { enabled: ready !== null, refetchInterval: CHECK_MS, staleTime: 0 }),
  );
  const claim = useEffectEvent(() =>
    open.mutate(undefined, { onSuccess: (pod) => pod.state === "ready" && setReady(pod) }),
  );
  const state = open.data?.state;
  const attempt = open.submittedAt;

  useEffect(() => claim(), []);
  useEffect(() => {
    if (open.isPending || attempt === 0 || (state !== "starting" && state !== "queued" && state !== "none"))
      return undefined;
    const timer = setTimeout(() => claim(), state === "queued" ? QUEUED_MS : STARTING_MS);
    return () => clearTimeout(timer);
  }, [state, attempt, open.isPending]);

  // what was known before this wait began says nothing
  const now = mine.dataUpdatedAt > since ? mine.data : undefined;
  const pod = ready ? (now ?? ready) : (open.data ?? null);
  return {
    pod,
    error: open.error,
    since,
    reopen: () => {
      setReady(null);
      setSince(Date.now());
      claim();
    },
  };
}
