import { QueryClient } from "@tanstack/react-query";
import { toProblem } from "#app/_ui/feedback/problem.ts";

const TRIES = 2;

/** Worth another try by itself: no answer at all, or a server that says it will be back. */
function isPassing(error: unknown): boolean {
  const { status, unreachable } = toProblem(error);
  return unreachable === true || status === 502 || status === 503 || status === 504;
}

/** Answers stay fresh until the activity subscription says that something changed; nothing is asked on a hunch. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < TRIES && isPassing(error),
        retryDelay: (attempt) => Math.min(8_000, 800 * 2 ** attempt),
      },
      // an act is never repeated by itself: it may have arrived
      mutations: { retry: false },
    },
  });
}
