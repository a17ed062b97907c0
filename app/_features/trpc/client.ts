import {
  createTRPCClient,
  httpBatchStreamLink,
  httpSubscriptionLink,
  retryLink,
  splitLink,
  type TRPCClient,
  type TRPCLink,
} from "@trpc/client";
import { observable } from "@trpc/server/observable";
import superjson from "superjson";
import type { AppRouter } from "#server/edge/trpc/root.ts";
import { signInPath } from "../auth/next-path.ts";

const URL_PATH = "/api/trpc";
const LONGEST_WAIT_MS = 15_000;

let leaving = false;

/** To the sign-in page with the way back kept; a whole page load, so that nothing of the person's stays in memory. */
export function leaveToSignIn(): void {
  if (leaving) return;
  leaving = true;
  location.assign(signInPath(location.pathname + location.search + location.hash));
}

/** Whoever is not signed in any more learns it from whatever call comes first. */
const signInWhenEnded: TRPCLink<AppRouter> =
  () =>
  ({ next, op }) =>
    observable((observer) =>
      next(op).subscribe({
        next: (value) => observer.next(value),
        complete: () => observer.complete(),
        error(error) {
          if (error.data?.httpStatus === 401) leaveToSignIn();
          observer.error(error);
        },
      }),
    );

/** The client of the browser. Subscriptions come back by themselves, from the last event they saw. */
export function createClient(): TRPCClient<AppRouter> {
  const client: TRPCClient<AppRouter> = createTRPCClient<AppRouter>({
    links: [
      signInWhenEnded,
      splitLink({
        condition: (op) => op.type === "subscription",
        true: [
          retryLink({
            retry({ error }) {
              if (error.data) return false;
              // EventSource hides why it was refused: a plain question tells whether the session has ended
              client.accounts.me.query().catch(() => undefined);
              return true;
            },
            retryDelayMs: (attempt) => Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt),
          }),
          httpSubscriptionLink({ url: URL_PATH, transformer: superjson }),
        ],
        // streamed, so that one slow answer does not hold up those it was asked together with
        false: httpBatchStreamLink({ url: URL_PATH, transformer: superjson, maxItems: 20 }),
      }),
    ],
  });
  return client;
}
