import { z } from "zod";
import { openApiDocument } from "./openapi.ts";
import { route, type Route } from "./route.ts";

/** `GET /openapi.json`: describes the given routes and itself. */
export function documentRoute(routes: readonly Route[], about: { version: string; url: string }): Route {
  let text: string | undefined;
  const self: Route = route({
    method: "GET",
    path: "/openapi.json",
    permission: null,
    tag: "Health",
    summary: "This document",
    response: z.unknown(),
    handle: async () => {
      text ??= JSON.stringify(openApiDocument([...routes, self], about));
      return new Response(text, {
        headers: { "Content-Type": "application/json", "Cache-Control": "public, max-age=60" },
      });
    },
  });
  return self;
}
