import { z } from "zod";
import type { Deps } from "../../features/deps.ts";
import type { Actor } from "../../kernel/actor.ts";
import type { Permission } from "../../kernel/permissions.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a handler is given: everything parsed, the actor authorised. */
export interface Call<P extends Permission | null, Params, Query, Body> {
  deps: Deps;
  /** Null where the route is public. */
  actor: P extends null ? null : Actor;
  params: Params;
  query: Query;
  body: Body;
  request: Request;
  requestId: string;
  /** `Idempotency-Key`; the same key of the same person starts nothing twice. */
  idempotencyKey: string | undefined;
  /** The address of the caller, as the nearest trusted hop reports it. */
  ip: string;
  /** Aborts when the caller is gone or the server stops. */
  signal: AbortSignal;
  /** Whether the credential still allows this call: for answers that last. */
  stillAllowed(): Promise<boolean>;
}

interface RouteSpec<
  P extends Permission | null,
  PS extends z.ZodType,
  QS extends z.ZodType,
  BS extends z.ZodType,
  RS extends z.ZodType,
> {
  method: Method;
  /** As in OpenAPI: `/api/runs/{id}/events`. */
  path: string;
  /** Null: public. There is no default, so that nothing is public by oversight. */
  permission: P;
  /** `pod`: a pod's token and nothing else lets in here, and lets in nowhere else. */
  credential?: "pod";
  tag: string;
  summary: string;
  description?: string;
  params?: PS;
  query?: QS;
  body?: BS;
  /** Shape of the answer's JSON; for streams and text: what `contentType` carries. */
  response: RS;
  /** Status of success; 200. */
  status?: number;
  /** Other than JSON: `text/event-stream`, `text/plain`. The handler then answers a `Response`. */
  contentType?: string;
  /** Codes beside the usual ones that the handler may answer, for the document. */
  errors?: Partial<Record<number, string>>;
  handle(call: Call<P, z.output<PS>, z.output<QS>, z.output<BS>>): Promise<z.input<RS> | Response>;
}

/** A route with its types forgotten, as the dispatcher and the OpenAPI document take it. */
export interface Route {
  method: Method;
  path: string;
  permission: Permission | null;
  credential: "person" | "pod";
  tag: string;
  summary: string;
  description?: string | undefined;
  params: z.ZodType;
  query: z.ZodType;
  body: z.ZodType | null;
  response: z.ZodType;
  status: number;
  contentType: string;
  errors: Partial<Record<number, string>>;
  handle(call: Call<Permission | null, unknown, unknown, unknown>): Promise<unknown>;
}

const Nothing = z.object({});

/** Declares one route of the HTTP API. It is served, authorised, validated and documented from this alone. */
export function route<
  P extends Permission | null,
  PS extends z.ZodType = typeof Nothing,
  QS extends z.ZodType = typeof Nothing,
  BS extends z.ZodType = z.ZodNull,
  RS extends z.ZodType = z.ZodType,
>(spec: RouteSpec<P, PS, QS, BS, RS>): Route {
  return {
    method: spec.method,
    path: spec.path,
    permission: spec.permission,
    credential: spec.credential ?? "person",
    tag: spec.tag,
    summary: spec.summary,
    description: spec.description,
    params: spec.params ?? Nothing,
    query: spec.query ?? Nothing,
    body: spec.body ?? null,
    response: spec.response,
    status: spec.status ?? 200,
    contentType: spec.contentType ?? "application/json",
    errors: spec.errors ?? {},
    // The dispatcher parses with the very schemas above before it calls, so the types hold.
    handle: spec.handle as unknown as Route["handle"],
  };
}

/** `?limit=1..200&cursor=` of every list. */
export const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).meta({ description: "Rows, 1 to 200" }),
  cursor: z.string().max(200).optional().meta({ description: "`nextCursor` of the page before" }),
});

/** `{items, nextCursor}` of every list; `nextCursor` null: nothing follows. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
