"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../trpc/provider.tsx";

/** Shows everything that a decision about a tool changes. */
export function useReviewed(): () => Promise<unknown> {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries(trpc.toolReview.pathFilter()),
      queries.invalidateQueries(trpc.upstreams.pathFilter()),
    ]);
}
