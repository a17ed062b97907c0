import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { Deps } from "../../features/deps.ts";
import type { Actor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import { ipOf, requestIdOf } from "../request-context.ts";
import type { TrpcContext } from "./procedures.ts";
import { appRouter } from "./root.ts";

/** Serves tRPC below `/api/trpc` to the browser. */
export const createTrpcHandler =
  ({ deps, actorFor }: { deps: Deps; actorFor(request: Request): Promise<Actor> }) =>
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
        actor: () => (actor ??= actorFor(request)),
      }),
      responseMeta: () => ({ headers: new Headers({ "X-Request-Id": requestId, "Cache-Control": "no-store" }) }),
      onError({ error, path }) {
        if (!(error.cause instanceof AppError) && error.code === "INTERNAL_SERVER_ERROR")
          deps.log.error({ err: error, path, requestId }, "procedure failed by a mistake of ours");
      },
    });
  };
