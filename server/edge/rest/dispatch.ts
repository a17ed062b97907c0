import type { z } from "zod";
import type { Deps } from "../../features/deps.ts";
import { authorise, isStill, type Actor } from "../../kernel/actor.ts";
import { anticipated, AppError, shuttingDown } from "../../kernel/errors.ts";
import { idempotencyKeyOf, ipOf, requestIdHeaders, requestIdOf } from "../request-context.ts";
import { readJson } from "./body.ts";
import { fieldErrors } from "../../kernel/field-errors.ts";
import { problemResponse } from "./problem.ts";
import type { Method, Route } from "./route.ts";

export interface DispatchDeps {
  deps: Deps;
  routes: readonly Route[];
  /** `again`: asked anew while an answer lasts, which is no use of the credential. */
  actorFor(request: Request, again?: boolean): Promise<Actor>;
  /** The same for routes of pods; where it is missing, nobody gets in there. */
  podActorFor?(request: Request): Promise<Actor>;
  /** Throws `limited`; answers the `RateLimit-*` headers. */
  limit(ip: string): Promise<Record<string, string>>;
  /** Counts and times each request, by route. */
  observe(route: string, method: string, status: number, seconds: number): void;
  /** Aborts when the server stops: streams end, and what comes then is refused with 503. */
  closing?: AbortSignal;
}

/** Answers also while the server stops: it is alive. */
const ALIVE = "/health/live";

const refuse = () =>
  Promise.reject(new AppError("unauthenticated", "auth.missing", "This is for pods, with their token"));

interface Compiled {
  pattern: RegExp;
  names: string[];
  path: string;
  methods: Map<Method, Route>;
}

function compile(routes: readonly Route[]): Compiled[] {
  const byPath = new Map<string, Compiled>();
  for (const route of routes) {
    let entry = byPath.get(route.path);
    if (!entry) {
      const names: string[] = [];
      const source = route.path
        .replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&")
        .replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
          names.push(name);
          return "([^/]+)";
        });
      byPath.set(
        route.path,
        (entry = { pattern: new RegExp(`^${source}$`), names, path: route.path, methods: new Map() }),
      );
    }
    if (entry.methods.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    entry.methods.set(route.method, route);
  }
  // A literal segment wins over a parameter.
  return [...byPath.values()].toSorted((a, b) => a.names.length - b.names.length);
}

/** A path part that is not well-formed names nothing that could exist. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new AppError("missing", "route.missing", "The address is not well-formed", { cause });
  }
}

function parse(schema: z.ZodType, value: unknown, where: "path" | "query" | ""): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = fieldErrors(parsed.error, where);
  const first = fields[0];
  throw new AppError(
    "invalid",
    "request.invalid",
    `${fields.length === 1 ? "A field is" : `${fields.length} fields are`} not as expected: ${first?.path || "body"}: ${first?.message}`,
    { fields },
  );
}

/** Serves the HTTP API: finds the route, authorises, validates, calls, renders. `path` is the canonical path. */
export function createDispatcher({ deps, routes, actorFor, podActorFor, limit, observe, closing }: DispatchDeps) {
  const compiled = compile(routes);

  async function answer(
    request: Request,
    found: Compiled | undefined,
    path: string,
    requestId: string,
  ): Promise<Response> {
    const method = (request.method === "HEAD" ? "GET" : request.method) as Method; // an unknown word finds no route
    const route = found?.methods.get(method);
    const ip = ipOf(request.headers);
    if (!found)
      throw new AppError(
        "missing",
        "route.missing",
        `There is nothing at ${path}; the API is described at /openapi.json`,
      );
    if (!route) {
      const allowed = [...found.methods.keys()].join(", ");
      throw new AppError("method", "route.method", `${path} is for ${allowed}`, { headers: { Allow: allowed } });
    }
    if (closing?.aborted && found.path !== ALIVE) throw shuttingDown();
    const ofPods = route.credential === "pod";
    // Pods share an address, with each other and often with people; they are counted one by one.
    const limits = ofPods ? {} : await limit(ip);
    const who = (again: boolean) => (ofPods ? (podActorFor ?? refuse)(request) : actorFor(request, again));
    const actor = route.permission === null ? null : await who(false);
    if (actor && route.permission) authorise(actor, route.permission);

    const match = found.pattern.exec(path);
    const params = parse(
      route.params,
      Object.fromEntries(found.names.map((name, i) => [name, decoded(match?.[i + 1] ?? "")])),
      "path",
    );
    const query = parse(route.query, Object.fromEntries(new URL(request.url).searchParams), "query");
    const body = route.body ? parse(route.body, await readJson(request), "") : null;
    const result = await route.handle({
      deps,
      actor,
      params,
      query,
      body,
      request,
      requestId,
      idempotencyKey: idempotencyKeyOf(request.headers),
      ip,
      signal: closing ? AbortSignal.any([request.signal, closing]) : request.signal,
      stillAllowed: async () => !actor || isStill(actor, route.permission, () => who(true)),
    });
    const response = result instanceof Response ? result : Response.json(result ?? null, { status: route.status });
    for (const [name, value] of Object.entries({ ...requestIdHeaders(requestId), ...limits }))
      response.headers.set(name, value);
    if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-store");
    if (request.method !== "HEAD") return response;
    await response.body?.cancel(); // a stream would go on though nobody is sent it
    return new Response(null, response);
  }

  return async function dispatch(request: Request, path: string): Promise<Response> {
    const started = performance.now();
    const requestId = requestIdOf(request.headers);
    const found = compiled.find(({ pattern }) => pattern.test(path));
    let response: Response;
    try {
      response = await answer(request, found, path, requestId);
    } catch (error) {
      const known = anticipated(error);
      if (!known || known.kind === "bug")
        deps.log.error({ err: error, requestId, path: found?.path }, "request failed by a mistake of ours");
      else if ((known.kind === "unavailable" && !closing?.aborted) || known.kind === "upstream")
        deps.log.warn({ err: error, detail: known.hints.detail, requestId, path: found?.path }, "request failed");
      response = problemResponse(error, requestId);
    }
    observe(found?.path ?? "unknown", request.method, response.status, (performance.now() - started) / 1_000);
    return response;
  };
}
