import { z } from "zod";
import { anticipated, STATUS } from "../../kernel/errors.ts";
import { requestIdHeaders } from "../request-context.ts";

/** RFC 9457. `code` is stable and for programs, `detail` for people. */
export const Problem = z
  .object({
    type: z.string().meta({ description: "Address that names the kind of problem" }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().meta({ description: "Stable, for programs: `run.missing`, `auth.locked` …" }),
    requestId: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: "Wrong fields" }),
  })
  .meta({ id: "Problem" });

const TITLES: Record<number, string> = {
  400: "Invalid request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  422: "Cannot be processed",
  423: "Locked",
  429: "Too many requests",
  500: "Internal error",
  502: "Upstream failed",
  503: "Not available",
};

/** The answer for a failure. Of a bug nothing is told but the request id. */
export function problemResponse(error: unknown, requestId: string): Response {
  const known = anticipated(error);
  const status = known ? STATUS[known.kind] : 500;
  const code = known?.code ?? "bug";
  const body = {
    type: `urn:osf:problem:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    detail:
      known?.message ??
      "A mistake in the gateway, not in the request. The request id leads an administrator to the cause",
    code,
    requestId,
    ...(known?.hints.fields ? { errors: known.hints.fields } : {}),
    ...known?.hints.extra,
  };
  const all = new Headers({
    ...known?.hints.headers,
    "Content-Type": "application/problem+json",
    ...requestIdHeaders(requestId),
  });
  if (known?.hints.retryAfter !== undefined) all.set("Retry-After", String(Math.ceil(known.hints.retryAfter)));
  if (status === 401) all.set("WWW-Authenticate", "Bearer");
  return new Response(JSON.stringify(body), { status, headers: all });
}
