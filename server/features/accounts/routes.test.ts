import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actorForRequest } from "../../edge/actor.ts";
import { PEER_HEADER } from "../../edge/request-context.ts";
import { createDispatcher } from "../../edge/rest/dispatch.ts";
import { openApiDocument } from "../../edge/rest/openapi.ts";
import type { Deps } from "../deps.ts";
import { workspaceRoutes } from "../workspaces/routes.ts";
import { apiRate } from "./rate-limit.ts";
import { accountRoutes } from "./routes.ts";
import { createWorld, PASSWORD, type World } from "./test-world.ts";

const routes = [...accountRoutes, ...workspaceRoutes];

let world: World;
let dispatch: ReturnType<typeof createDispatcher>;
beforeAll(async () => {
  world = await createWorld();
  dispatch = createDispatcher({
    deps: world.deps as Deps, // these routes use no more of them
    routes,
    actorFor: (request) => actorForRequest(world.deps, request),
    limit: apiRate(1_000),
    observe: () => undefined,
  });
});
afterAll(() => world.close());

const someIp = () => `198.51.100.${randomBytes(1)[0]}.${randomBytes(4).toString("hex")}`;

async function call(method: string, path: string, { body, ip = someIp(), ...headers }: Record<string, unknown> = {}) {
  const request = new Request(`http://localhost:8080${path}`, {
    method,
    headers: { [PEER_HEADER]: String(ip), "content-type": "application/json", ...(headers as Record<string, string>) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await dispatch(request, path.split("?")[0] ?? "");
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const newcomer = () => ({
  email: `${randomBytes(5).toString("hex")}@example.com`,
  password: PASSWORD,
  name: "Ana",
});

it("goes the whole way: register, sign in, look, refresh, sign out", async () => {
  const { name, ...login } = newcomer();
  expect(await call("POST", "/auth/register", { body: { ...login, name } })).toMatchObject({
    status: 201,
    body: { message: expect.any(String) },
  });
  const opened = await call("POST", "/auth/login", { body: login });
  expect(opened).toMatchObject({ status: 200, body: { user: { email: login.email, role: "admin", tier: "free" } } });
  expect(await call("GET", "/auth/me", bearer(opened.body.token))).toMatchObject({
    status: 200,
    body: { user: { email: login.email }, via: "token", workspace: { personal: true } },
  });
  const next = await call("POST", "/auth/refresh", { body: { refreshToken: opened.body.refreshToken } });
  expect(next.status).toBe(200);
  expect((await call("POST", "/auth/logout", bearer(next.body.token))).status).toBe(200);
  for (const { token } of [opened.body, next.body])
    expect(await call("GET", "/auth/me", bearer(token))).toMatchObject({ status: 401, body: { code: "auth.revoked" } });
  expect(await call("POST", "/auth/refresh", { body: { refreshToken: next.body.refreshToken } })).toMatchObject({
    status: 401,
    body: { code: "auth.revoked" },
  });
});

describe("registering", () => {
  it("answers 409 for an address that is taken, 422 with field and remedy for a weak password, 400 for no address", async () => {
    const person = newcomer();
    await call("POST", "/auth/register", { body: person });
    expect(
      await call("POST", "/auth/register", { body: { ...person, email: person.email.toUpperCase() } }),
    ).toMatchObject({ status: 409, body: { code: "account.exists" } });
    expect(await call("POST", "/auth/register", { body: { ...newcomer(), password: "short" } })).toMatchObject({
      status: 422,
      body: { code: "password.weak", errors: [{ path: "password", message: expect.stringMatching(/8 or more/) }] },
    });
    expect(await call("POST", "/auth/register", { body: { ...newcomer(), email: "ana" } })).toMatchObject({
      status: 400,
      body: { errors: [{ path: "email" }] },
    });
  });

  it("is held at three a minute from one address", async () => {
    const ip = someIp();
    for (let i = 0; i < 3; i++)
      expect((await call("POST", "/auth/register", { body: newcomer(), ip })).status).toBe(201);
    const fourth = await call("POST", "/auth/register", { body: newcomer(), ip });
    expect(fourth).toMatchObject({ status: 429, body: { code: "rate.limited" } });
    expect(Number(fourth.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("signing in", () => {
  it("answers 401 five times, then 423 with the time, though the rate is reached as well", async () => {
    const { email } = await world.person();
    for (let i = 0; i < 5; i++)
      expect(await call("POST", "/auth/login", { body: { email, password: "wrong" } })).toMatchObject({
        status: 401,
        body: { code: "auth.credentials" },
      });
    const sixth = await call("POST", "/auth/login", { body: { email, password: PASSWORD } });
    expect(sixth).toMatchObject({ status: 423, body: { code: "auth.locked", lockedUntil: expect.any(String) } });
    expect(sixth.headers.get("retry-after")).toBe("900");
  });

  it("answers 403 with needsVerification", async () => {
    const { email, userId } = await world.person();
    await world.deps.db.user.update({ where: { id: userId }, data: { emailVerifiedAt: null } });
    expect(await call("POST", "/auth/login", { body: { email, password: PASSWORD } })).toMatchObject({
      status: 403,
      body: { code: "auth.unverified", needsVerification: true },
    });
  });

  it("is held at ten a minute from one address, whoever is tried", async () => {
    const ip = someIp();
    for (let i = 0; i < 10; i++)
      expect(
        (await call("POST", "/auth/login", { body: { email: `x${i}@example.com`, password: "x" }, ip })).status,
      ).toBe(401);
    expect((await call("POST", "/auth/login", { body: { email: "y@example.com", password: "x" }, ip })).status).toBe(
      429,
    );
  });
});

describe("API keys", () => {
  const signedIn = async () => {
    const { email } = await world.person();
    return bearer((await call("POST", "/auth/login", { body: { email, password: PASSWORD } })).body.token);
  };

  it("are created, used, listed and revoked", async () => {
    const credentials = await signedIn();
    const made = await call("POST", "/auth/api-keys", {
      ...credentials,
      body: { name: "MES", scopes: ["account.read"] },
    });
    expect(made).toMatchObject({ status: 201, body: { key: expect.stringMatching(/^osf_[0-9a-f]{32}$/) } });
    const key = { "x-api-key": made.body.key };
    expect(await call("GET", "/auth/me", key)).toMatchObject({
      status: 200,
      body: { via: "api-key", permissions: ["account.read"] },
    });
    expect(await call("GET", "/auth/api-keys", key)).toMatchObject({ status: 403, body: { code: "auth.scope" } });
    const listed = await call("GET", "/auth/api-keys?limit=10", credentials);
    expect(listed.body.items).toMatchObject([{ id: made.body.id, lastUsedAt: expect.any(String) }]);
    expect((await call("DELETE", `/auth/api-keys/${made.body.id}`, credentials)).status).toBe(200);
    expect(await call("GET", "/auth/me", key)).toMatchObject({ status: 401, body: { code: "auth.revoked" } });
  });

  it("of others do not exist", async () => {
    const [mine, theirs] = [await signedIn(), await signedIn()];
    const { body } = await call("POST", "/auth/api-keys", { ...theirs, body: { name: "x" } });
    expect((await call("DELETE", `/auth/api-keys/${body.id}`, mine)).status).toBe(404);
  });
});

it("moves between workspaces, but not into another's", async () => {
  const [host, guest, stranger] = [await world.person(), await world.person(), await world.person()];
  await world.join(guest, host.workspaceId, "viewer");
  const { body } = await call("POST", "/auth/login", { body: { email: guest.email, password: PASSWORD } });
  const credentials = bearer(body.token);
  expect((await call("POST", `/api/workspaces/${host.workspaceId}/switch`, credentials)).status).toBe(200);
  expect((await call("GET", "/auth/me", credentials)).body).toMatchObject({ role: "viewer" });
  expect(await call("PATCH", "/api/workspaces/current", { ...credentials, body: { name: "Mine" } })).toMatchObject({
    status: 403,
    body: { code: "auth.role" },
  });
  expect((await call("POST", `/api/workspaces/${stranger.workspaceId}/switch`, credentials)).status).toBe(404);
});

it("asks for a credential on all routes but those that bring one", async () => {
  const open = routes.filter(({ permission }) => permission === null).map(({ path }) => path);
  expect(open).toEqual(["/auth/register", "/auth/login", "/auth/refresh"]);
  for (const { method, path } of routes.filter(({ permission }) => permission !== null))
    expect((await call(method, path.replace("{id}", "x"))).body).toMatchObject({ code: "auth.missing" });
});

it("is described by the OpenAPI document", () => {
  const document = openApiDocument(routes, { version: "1", url: "http://localhost:8080" });
  for (const { path, method } of routes) expect(document.paths?.[path]).toHaveProperty(method.toLowerCase());
  const key = JSON.stringify(document.paths?.["/auth/api-keys"]?.post);
  expect(key).toContain('"format":"date-time"');
});
