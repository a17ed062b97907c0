import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import type { Deps } from "../../features/deps.ts";
import { ASK_AGAIN_MS, authorise, isStill, type Actor } from "../../kernel/actor.ts";
import { anticipated, AppError, type ErrorKind } from "../../kernel/errors.ts";
import type { Permission } from "../../kernel/permissions.ts";
import { fieldErrors } from "../../kernel/field-errors.ts";

export interface TrpcContext {
  deps: Deps;
  /** Who calls; throws `unauthenticated` where nobody is signed in. Resolved at most once a request. */
  actor(): Promise<Actor>;
  /** Who it is now, for an answer that lasts; no use of the credential. */
  actorNow(): Promise<Actor>;
  requestId: string;
  ip: string;
}

const CODES: Record<ErrorKind, TRPCError["code"]> = {
  invalid: "BAD_REQUEST",
  unauthenticated: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  missing: "NOT_FOUND",
  method: "METHOD_NOT_SUPPORTED",
  conflict: "CONFLICT",
  large: "PAYLOAD_TOO_LARGE",
  unprocessable: "UNPROCESSABLE_CONTENT",
  locked: "PRECONDITION_FAILED",
  limited: "TOO_MANY_REQUESTS",
  bug: "INTERNAL_SERVER_ERROR",
  upstream: "BAD_GATEWAY",
  unavailable: "SERVICE_UNAVAILABLE",
};

/** What the client learns of a failure, in `error.data.problem`. */
export interface TrpcProblem {
  code: string;
  message: string;
  requestId: string;
  fields?: { path: string; message: string }[];
  retryAfter?: number;
}

const t = initTRPC
  .context<TrpcContext>()
  .meta<{ permission?: Permission }>()
  .create({
    transformer: superjson,
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter({ shape, error, ctx }) {
      const requestId = ctx?.requestId ?? "";
      const known = error.cause instanceof AppError ? error.cause : undefined;
      const wrong = error.cause instanceof z.ZodError && error.code === "BAD_REQUEST" ? error.cause : undefined;
      const internal = !known && error.code === "INTERNAL_SERVER_ERROR";
      const message = internal
        ? `This failed because of a mistake in the gateway, not of yours. Nothing more is known to the page; give the request id ${requestId} to an administrator`
        : wrong
          ? "Something that was entered is not right; it is named at its field"
          : (known?.message ?? shape.message);
      const code = wrong ? "request.invalid" : (known?.code ?? shape.data.code.toLowerCase());
      const problem: TrpcProblem = { code, message, requestId };
      const fields = wrong ? fieldErrors(wrong) : known?.hints.fields;
      if (fields) problem.fields = fields;
      if (known?.hints.retryAfter !== undefined) problem.retryAfter = known.hints.retryAfter;
      // `stack` and `path` of tRPC's shape tell about our insides.
      return { ...shape, message, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, problem } };
    },
  });

/** Every failure becomes a TRPCError that carries the AppError, once, here. */
const convert = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const known = anticipated(result.error.cause);
  if (known) throw new TRPCError({ code: CODES[known.kind], message: known.message, cause: known });
  return result;
});

export const { router, createCallerFactory } = t;

/** Procedures that anyone may call, signed in or not. Few; a test knows each by name. */
export const open = t.procedure.use(convert);

/** The only way to build a procedure that acts for somebody: names the permission that it needs. */
export const can = (permission: Permission) =>
  open.meta({ permission }).use(async ({ ctx, next }) => {
    const actor = await ctx.actor();
    authorise(actor, permission);
    const stillAllowed = () => isStill(actor, permission, () => ctx.actorNow());
    return next({ ctx: { ...ctx, actor, stillAllowed } });
  });

/**
 * What a subscription answers: ends with an error once the caller may no longer watch. tRPC takes a mere end for the
 * end of the matter.
 */
export async function* whileAllowed<T>(
  stillAllowed: () => Promise<boolean>,
  signal: AbortSignal | undefined,
  events: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const over = new AbortController();
  const ask = setInterval(() => void stillAllowed().then((allowed) => !allowed && over.abort()), ASK_AGAIN_MS);
  try {
    yield* events(signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  } finally {
    clearInterval(ask);
  }
  if (over.signal.aborted)
    throw new TRPCError({ code: "UNAUTHORIZED", message: "This sign-in was ended; sign in again" });
}
