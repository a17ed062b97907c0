"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../trpc/provider.tsx";

/** How often the state of the servers is looked at while it is shown: no event tells of it. */
const EVERY_MS = 5_000;
const METRICS_EVERY_MS = 3_000;

export function useServers() {
  return useQuery(useTRPC().upstreams.list.queryOptions(undefined, { refetchInterval: EVERY_MS }));
}

/** How much goes to each server, and whether its breaker lets calls through. */
export function useMetrics() {
  return useQuery(useTRPC().mcpHealth.services.queryOptions(undefined, { refetchInterval: METRICS_EVERY_MS }));
}

/** Looks at a server now and shows what it found. */
export function useCheck() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.upstreams.check.mutationOptions({
      onSettled: () => queries.invalidateQueries(trpc.upstreams.pathFilter()),
    }),
  );
}
