import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { Deps } from "../../features/deps.ts";
import type { Actor } from "../../kernel/actor.ts";
import { AppError, shuttingDown } from "../../kernel/errors.ts";
import { ipOf, requestIdHeaders, requestIdOf } from "../request-context.ts";
import type { TrpcContext } from "./procedures.ts";
import { appRouter } from "./root.ts";

/** Serves tRPC below `/api/trpc` to the browser. */
export const createTrpcHandler =
  ({
    deps,
    actorFor,
    closing,
  }: {
    deps: Deps;
    /** `again`: asked anew while a subscription lasts, which is no use of the credential. */
    actorFor(request: Request, again?: boolean): Promise<Actor>;
    /** Aborts when the server stops: what comes then is refused with 503. */
    closing?: AbortSignal;
  }) =>
  (request: Request): Promise<Response> => {
    const requestId = requestIdOf(request.headers);
    let actor: Promise<Actor> | undefined;
    return fetchRequestHandler({
      endpoint: "/api/trpc",
      req: request,
      router: appRouter,
      createContext: (): TrpcContext => ({
        deps,
        requestId,
        ip: ipOf(request.headers),
        actor: async () => {
          if (closing?.aborted) throw shuttingDown();
          return (actor ??= actorFor(request));
        },
        actorNow: () => actorFor(request, true),
      }),
      responseMeta({ errors }) {
        const headers = new Headers({ ...requestIdHeaders(requestId), "Cache-Control": "no-store" });
        const cause = errors.map((error) => error.cause).find((known) => known instanceof AppError);
        if (cause?.hints.retryAfter !== undefined)
          headers.set("Retry-After", String(Math.ceil(cause.hints.retryAfter)));
        return { headers };
      },
      onError({ error, path }) {
        if (!(error.cause instanceof AppError) && error.code === "INTERNAL_SERVER_ERROR")
          deps.log.error({ err: error, path, requestId }, "procedure failed by a mistake of ours");
      },
    });
  };
