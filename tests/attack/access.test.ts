import { describe, expect } from "vitest";
import { actorForPod, actorForRequest } from "#server/edge/actor.ts";
import { createDispatcher } from "#server/edge/rest/dispatch.ts";
import type { Route } from "#server/edge/rest/route.ts";
import { allRoutes } from "#server/edge/rest/routes.ts";
import { createCallerFactory } from "#server/edge/trpc/procedures.ts";
import { appRouter } from "#server/edge/trpc/root.ts";
import { createApiKey, issueTokens } from "#server/features/accounts/index.ts";
import { createMetrics } from "#server/features/health/metrics.ts";
import type { PodState } from "#server/features/pods/schema.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { randomToken, sha256 } from "#server/kernel/crypto.ts";
import { AppError } from "#server/kernel/errors.ts";
import { newId } from "#server/kernel/ids.ts";
import { allows, PERMISSIONS, ROLES, type Permission } from "#server/kernel/permissions.ts";
import { it, type World } from "#tests/support/world.ts";
import {
  belongings,
  BODIES_WITH_ID,
  INPUTS_WITH_ID,
  INPUTS_WITHOUT_ID,
  ROUTES_WITH_ID,
  ROUTES_WITH_OWN_NAME,
} from "./belongings.ts";

/** Everything that needs no credential, by name: an addition here is a decision. */
const PUBLIC_ROUTES = [
  "GET /health",
  "GET /health/live",
  "GET /health/mcp/{server}",
  "GET /health/ready",
  "GET /metrics",
  "GET /openapi.json",
  "POST /auth/login",
  "POST /auth/refresh",
  "POST /auth/register",
  "POST /internal/exchange", // for the secret of a pod that is starting
];
const OPEN_PROCEDURES = ["accounts.register"];

let routes: Route[];
/** Those that people and programs may use, and those that pods may. */
const forPeople = () => routes.filter(({ permission, credential }) => permission !== null && credential === "person");
const forPods = () => routes.filter(({ permission, credential }) => permission !== null && credential === "pod");
let dispatch: (request: Request, path: string) => Promise<Response>;
it.beforeAll(({ world: { deps } }) => {
  routes = allRoutes(createMetrics(deps), { version: "0", url: "http://localhost" });
  dispatch = createDispatcher({
    deps,
    routes,
    actorFor: (request) => actorForRequest(deps, request),
    podActorFor: (request) => actorForPod(deps, request),
    limit: async () => ({}),
    observe: () => undefined,
  });
});

const ask = (
  method: string,
  path: string,
  { key, token, body }: { key?: string; token?: string; body?: unknown } = {},
) =>
  dispatch(
    new Request(`http://localhost${path}`, {
      method,
      headers: {
        ...(key ? { "X-API-Key": key } : {}),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
    path.split("?")[0] ?? path,
  );
const keyOf = async ({ deps }: World, actor: Actor, scopes: Permission[] = []) =>
  (await createApiKey(deps, actor, { name: "test", scopes })).key;
const problemOf = async (response: Response) => ({
  status: response.status,
  contentType: response.headers.get("content-type"),
  ...((await response.json()) as { code: string; errors?: { path: string }[] }),
});

/** An access token, for verbs that an API key may not use. */
async function tokenOf({ deps }: World, { userId, workspaceId, email, name, role, owner }: Actor): Promise<string> {
  const { id } = await deps.db.authSession.create({
    data: { id: newId("ses"), userId, workspaceId, kind: "token", expiresAt: new Date(Date.now() + 60_000) },
  });
  const user = { id: userId, email, name, role, owner, workspaceId, tier: "free" as const, createdAt: new Date() };
  return (await issueTokens(deps, { sessionId: id, user })).token;
}

/** The token of a pod that is this person's; null: nobody's. */
async function podTokenOf({ deps }: World, actor: Actor | null, state: PodState = "claimed"): Promise<string> {
  const token = `osfp_${randomToken()}`;
  const seat = actor && state === "claimed" ? `${actor.workspaceId}:${actor.userId}` : null;
  await deps.db.pod.create({
    data: {
      id: newId("pod"),
      driver: "memory",
      state,
      version: "test",
      tokenHash: sha256(token),
      workspaceId: actor?.workspaceId ?? null,
      userId: actor?.userId ?? null,
      seat,
    },
  });
  return token;
}

/** Whether the role or the key was what refused; some verbs have further conditions, such as a person's own sign-in. */
const wasRefused = async (response: Response) => {
  if (response.status === 403) return /^auth\.(role|scope)$/.test((await problemOf(response)).code);
  await response.body?.cancel();
  return false;
};

const nameOf = ({ method, path }: Route) => `${method} ${path}`;
const fill = (path: string, ids: Record<string, string> = {}) =>
  path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? "any");

interface Procedure {
  _def: { type: "query" | "mutation" | "subscription"; meta?: { permission?: Permission }; inputs: unknown[] };
}
const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>); // tRPC keeps them flat, by path
const caller = ({ deps }: World, actor: Actor | null) => {
  const who = async () => {
    if (!actor) throw new AppError("unauthenticated", "auth.missing", "Sign in");
    return actor;
  };
  return createCallerFactory(appRouter)({ deps, requestId: "test", ip: "192.0.2.1", actor: who, actorNow: who });
};
/** Calls a procedure by path; of a subscription the first event. */
async function call(world: World, actor: Actor | null, path: string, input?: unknown): Promise<unknown> {
  const procedure = path
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], caller(world, actor)) as (
    input: unknown,
  ) => Promise<unknown>;
  const result = await procedure(input);
  if (typeof result === "object" && result !== null && Symbol.asyncIterator in result)
    return (result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
  return result;
}

describe("the HTTP API", () => {
  it("is public only where this test says so", () => {
    expect(
      routes
        .filter(({ permission }) => permission === null)
        .map(nameOf)
        .toSorted(),
    ).toEqual(PUBLIC_ROUTES);
  });

  it("answers 401 without a credential, with an unknown, an expired and a revoked one, on every other route", async ({
    world,
  }) => {
    const actor = await world.actor({ owner: true });
    const [expired, revoked] = [await keyOf(world, actor), await keyOf(world, actor)];
    await world.deps.sql.query(
      `UPDATE "ApiKey" SET "expiresAt" = now() - interval '1 second' WHERE hint = left($1, length(hint))`,
      [expired],
    );
    await world.deps.sql.query(`UPDATE "ApiKey" SET "revokedAt" = now() WHERE hint = left($1, length(hint))`, [
      revoked,
    ]);
    for (const route of forPeople()) {
      for (const [key, code] of [
        [undefined, "auth.missing"],
        [`osf_${"0".repeat(32)}`, "auth.invalid"],
        [expired, "auth.expired"],
        [revoked, "auth.revoked"],
      ] as const) {
        const answer = await problemOf(await ask(route.method, fill(route.path), key ? { key } : {}));
        expect(answer, nameOf(route)).toMatchObject({ status: 401, contentType: "application/problem+json", code });
      }
    }
  });

  it("lets each role do what the table says, and nothing else", async ({ world }) => {
    const people = [...ROLES.map((role) => ({ role, owner: false })), { role: "viewer" as const, owner: true }];
    for (const standing of people) {
      const key = await keyOf(world, await world.actor(standing));
      for (const route of forPeople()) {
        if (route.permission === null || nameOf(route) === "POST /auth/logout") continue;
        const allowed = allows({ ...standing, scopes: null }, route.permission);
        const response = await ask(route.method, fill(route.path), { key });
        expect(await wasRefused(response), `${standing.role} ${nameOf(route)}`).toBe(!allowed);
        expect(response.status).not.toBe(401);
        expect(response.status, nameOf(route)).toBeLessThan(500);
      }
    }
  });

  it("holds a key to its scopes", async ({ world }) => {
    const key = await keyOf(world, await world.actor({ owner: true }), ["run.read"]);
    for (const route of forPeople()) {
      const response = await ask(route.method, fill(route.path), { key });
      expect(await wasRefused(response), nameOf(route)).toBe(route.permission !== "run.read");
    }
  });

  it("finds nothing of another workspace under any id", async ({ world }) => {
    const own = await belongings(world, await world.actor());
    const token = await tokenOf(world, await world.actor({ owner: true }));
    const before = JSON.stringify(await world.deps.db.run.findMany({ orderBy: { id: "asc" } }));
    for (const route of forPeople()) {
      if (ROUTES_WITH_OWN_NAME.includes(nameOf(route))) continue;
      const withId = ROUTES_WITH_ID[nameOf(route)];
      if (route.path.includes("{")) expect(withId, `no example for ${nameOf(route)}`).toBeDefined();
      const { ids, body } = withId?.(own) ?? { ids: {}, body: BODIES_WITH_ID[nameOf(route)]?.(own) };
      if (!withId && body === undefined) continue;
      const answer = await problemOf(
        await ask(route.method, fill(route.path, ids), { token, ...(body === undefined ? {} : { body }) }),
      );
      expect(answer, nameOf(route)).toMatchObject({ status: 404, contentType: "application/problem+json" });
    }
    expect(JSON.stringify(await world.deps.db.run.findMany({ orderBy: { id: "asc" } }))).toBe(before);
  });

  it("shows a stranger's lists without anything of others", async ({ world }) => {
    const actor = await world.actor();
    const own = await belongings(world, actor);
    const key = await keyOf(world, await world.actor());
    for (const route of forPeople().filter(({ method, path }) => method === "GET" && !path.includes("{"))) {
      const text = await (await ask("GET", route.path, { key })).text();
      for (const id of [...Object.values(own), actor.userId, actor.email, "secret "])
        expect(text, nameOf(route)).not.toContain(id);
    }
  });

  it("opens the routes of pods to nobody but a pod that is somebody's, and those of people to no pod", async ({
    world,
  }) => {
    const actor = await world.actor({ role: "admin", owner: true });
    const credentials = {
      nothing: {},
      key: { key: await keyOf(world, actor) },
      token: { token: await tokenOf(world, actor) },
      unknownPod: { token: `osfp_${"0".repeat(64)}` },
      pod: { token: await podTokenOf(world, actor) },
      endedPod: { token: await podTokenOf(world, await world.actor(), "terminated") },
      warmPod: { token: await podTokenOf(world, null, "warm") },
    };
    const statusOf = async (route: Route, credential: { key?: string; token?: string }) =>
      (await ask(route.method, fill(route.path), credential)).status;
    for (const route of forPods()) {
      const { pod, warmPod, ...others } = credentials;
      for (const [name, other] of Object.entries(others))
        expect(await statusOf(route, other), `${name} ${nameOf(route)}`).toBe(401);
      expect(await statusOf(route, warmPod), nameOf(route)).toBe(403);
      expect([401, 403], nameOf(route)).not.toContain(await statusOf(route, pod));
    }
    for (const route of forPeople()) expect(await statusOf(route, credentials.pod), nameOf(route)).toBe(401);
  });

  it("lets a pod do what the role of its person may, and nothing else", async ({ world }) => {
    for (const role of ROLES) {
      const token = await podTokenOf(world, await world.actor({ role }));
      for (const route of forPods()) {
        if (route.permission === null) continue;
        const allowed = allows({ role, owner: false, scopes: null }, route.permission);
        const response = await ask(route.method, fill(route.path), { token });
        expect(await wasRefused(response), `${role} ${nameOf(route)}`).toBe(!allowed);
        expect(response.status, nameOf(route)).toBeLessThan(500);
      }
    }
  });

  it("names unknown fields, wrong types and bad JSON with their paths", async ({ world }) => {
    const key = await keyOf(world, await world.actor());
    expect(
      await problemOf(await ask("POST", "/chat/completions", { key, body: { message: 7, colour: "red" } })),
    ).toMatchObject({
      status: 400,
      code: "request.invalid",
      errors: expect.arrayContaining([
        expect.objectContaining({ path: "message" }),
        expect.objectContaining({ path: "colour" }),
      ]) as unknown,
    });
    expect(await problemOf(await ask("GET", "/api/runs?limit=1000&x=1", { key }))).toMatchObject({ status: 400 });
    expect(await problemOf(await ask("GET", "/nothing", { key }))).toMatchObject({
      status: 404,
      code: "route.missing",
    });
    const raw = (body: string, type = "application/json") =>
      dispatch(
        new Request("http://localhost/chat/completions", {
          method: "POST",
          body,
          headers: { "X-API-Key": key, "Content-Type": type },
        }),
        "/chat/completions",
      );
    expect(await problemOf(await raw("{not json"))).toMatchObject({ status: 400, code: "request.json" });
    expect(await problemOf(await raw("message=x", "application/x-www-form-urlencoded"))).toMatchObject({
      status: 400,
      code: "request.type",
    });
    expect(await problemOf(await raw(JSON.stringify({ message: "x".repeat(10_500_000) })))).toMatchObject({
      status: 413,
      code: "request.large",
    });
    expect((await ask("PUT", "/health")).status).toBe(405);
    expect((await ask("GET", "/api/runs/%E0%A4%A", { key })).status).toBe(404);
  });

  it("is described whole at /openapi.json", async () => {
    const document = (await (await ask("GET", "/openapi.json")).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    for (const { method, path } of routes)
      expect(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
  });
});

describe("tRPC", () => {
  it("is open only where this test says so, and names a permission everywhere else", () => {
    const open = procedures.filter(([, { _def }]) => !_def.meta?.permission).map(([path]) => path);
    expect(open.toSorted()).toEqual(OPEN_PROCEDURES);
    for (const [, { _def }] of procedures)
      if (_def.meta?.permission) expect(PERMISSIONS).toContain(_def.meta.permission);
  });

  it("refuses everyone who is not signed in", async ({ world }) => {
    for (const [path] of procedures.filter(([path]) => !OPEN_PROCEDURES.includes(path)))
      await expect(call(world, null, path), path).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("refuses each role what the table does not give it", async ({ world }) => {
    for (const role of ROLES) {
      const actor = await world.actor({ role });
      for (const [path, { _def }] of procedures) {
        const permission = _def.meta?.permission;
        if (!permission || allows({ role, owner: false, scopes: null }, permission)) continue;
        await expect(call(world, actor, path), `${role} ${path}`).rejects.toMatchObject({ code: "FORBIDDEN" });
      }
    }
  });

  it("finds nothing of another workspace under any id", async ({ world }) => {
    const own = await belongings(world, await world.actor());
    const stranger = await world.actor({ owner: true });
    for (const [path, { _def }] of procedures) {
      if (OPEN_PROCEDURES.includes(path) || _def.inputs.length === 0 || INPUTS_WITHOUT_ID.includes(path)) continue;
      const input = INPUTS_WITH_ID[path];
      expect(input, `no example for ${path}`).toBeDefined();
      await expect(call(world, stranger, path, input?.(own)), path).rejects.toMatchObject({ code: "NOT_FOUND" });
    }
  });
});
