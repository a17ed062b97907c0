import { createHash } from "node:crypto";
import http from "node:http";
import { describe, expect } from "vitest";
import { listApps, revokeApp } from "#server/features/oauth/apps.ts";
import {
  ask,
  clientId,
  code,
  connect,
  REDIRECT,
  refresh,
  register,
  request,
  tokenRequest,
  use,
} from "#tests/support/oauth-client.ts";
import { openDatabase } from "#server/kernel/db.ts";
import { createOAuthGateway, it, pkce } from "#tests/support/oauth-gateway.ts";
import { actorForRequest } from "./actor.ts";

describe("discovery", () => {
  it("leads from a refused request to the resource, and from there to the authorization server", async ({
    gateway,
  }) => {
    const refused = await fetch(`${gateway.url}/mcp/servers/erp`, { method: "POST" });
    expect(refused.status).toBe(401);
    const said = refused.headers.get("www-authenticate") ?? "";
    const metadata = /^Bearer .*resource_metadata="([^"]+)"$/.exec(said)?.[1] ?? "";
    expect(said).not.toContain("error=");
    const resource = (await (await fetch(metadata)).json()) as Record<string, string[]>;
    expect(resource).toMatchObject({
      resource: `${gateway.url}/mcp/servers/erp`,
      authorization_servers: [gateway.url],
      bearer_methods_supported: ["header"],
    });
    expect(resource["scopes_supported"]).toEqual(expect.arrayContaining(["mcp.use", "plant.read", "tool.write"]));
    const server = await fetch(`${resource["authorization_servers"]?.[0]}/.well-known/oauth-authorization-server`);
    expect(server.headers.get("access-control-allow-origin")).toBe("*");
    const described = (await server.json()) as Record<string, unknown>;
    expect(described).toMatchObject({
      issuer: gateway.url,
      code_challenge_methods_supported: ["S256"],
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
    expect(Object.keys(described).filter((name) => /id_token|claims|subject|jwks/.test(name))).toEqual([]);
  });

  it("gives its public address, whatever host a client or a proxy names", async ({ gateway }) => {
    const text = await new Promise<string>((done, failed) => {
      const headers = { host: "evil.example.com", "x-forwarded-host": "evil.example.com" };
      http
        .get(`${gateway.url}/.well-known/oauth-authorization-server`, { headers }, (response) => {
          let all = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (all += chunk));
          response.on("end", () => done(all));
        })
        .on("error", failed);
    });
    expect(text).not.toContain("evil");
    expect(JSON.parse(text)).toMatchObject({ token_endpoint: `${gateway.url}/oauth/token` });
  });

  it("describes /mcp where no path is named, and nothing that is no resource", async ({ gateway }) => {
    const of = async (path: string) => fetch(`${gateway.url}/.well-known/oauth-protected-resource${path}`);
    expect(await (await of("")).json()).toMatchObject({ resource: `${gateway.url}/mcp` });
    expect(await (await of("/mcp")).json()).toMatchObject({ resource: `${gateway.url}/mcp` });
    expect((await of("/api/runs")).status).toBe(404);
    expect((await of("/mcp/servers/a/b")).status).toBe(404);
  });

  it("names the resource as the client was given it, where the names are both of this computer, and only then", async ({
    gateway,
  }) => {
    const { port } = new URL(gateway.url);
    const other = await fetch(`http://localhost:${port}/.well-known/oauth-protected-resource/mcp`);
    expect(await other.json()).toMatchObject({
      resource: `http://localhost:${port}/mcp`,
      authorization_servers: [gateway.url],
    });
  });
});

describe("connecting an app", () => {
  it("goes from registration to a token that acts for the person, in the chosen workspace, within the scopes", async ({
    world,
    gateway,
  }) => {
    const person = await world.actor();
    const other = await world.actor();
    await world.deps.db.membership.create({
      data: { workspaceId: other.workspaceId, userId: person.userId, role: "viewer" },
    });
    const { verifier, challenge } = pkce();
    const id = await clientId(gateway);
    const browser = await gateway.browser(person);
    const view = await browser.view(
      await browser.authorize(request(id, challenge, { scope: "plant.read tool.write" })),
    );
    expect(view).toMatchObject({
      person: { email: person.email },
      client: { name: "Inspector", kind: "registered", host: null, redirect: { kind: "loopback" } },
      server: null,
    });
    expect(view.scopes.map(({ scope, writes, ticked }) => [scope, writes, ticked])).toEqual([
      ["mcp.use", false, true],
      ["plant.read", false, true],
      ["tool.write", true, true],
    ]);
    expect(view.workspaces.map((one) => one.id).toSorted()).toEqual([person.workspaceId, other.workspaceId].toSorted());

    const back = await browser.decide(view, { workspaceId: other.workspaceId, scopes: ["plant.read"] });
    expect(back.origin + back.pathname).toBe(REDIRECT);
    expect(back.searchParams.get("state")).toBe("state-1");
    expect(back.searchParams.get("iss")).toBe(gateway.url);
    const { body } = await tokenRequest(gateway, {
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: REDIRECT,
      client_id: id,
      code_verifier: verifier,
      resource: `${gateway.url}/mcp`,
    });
    expect(body.scope).toBe("mcp.use plant.read");
    const used = await use(gateway, body.access_token);
    expect(used.body).toMatchObject({
      userId: person.userId,
      workspaceId: other.workspaceId,
      role: "viewer",
      owner: false,
      via: "oauth",
      scopes: ["mcp.use", "plant.read"],
    });
  });

  it("offers what writes unticked to an app that named no scope of ours", async ({ world, gateway }) => {
    const { view, tokens } = await connect(gateway, await world.actor(), {
      more: { scope: "openid profile" },
      scopes: ["plant.read"],
    });
    const offered = new Map(view.scopes.map(({ scope, ticked }) => [scope, ticked]));
    expect(offered.get("plant.read")).toBe(true);
    expect(offered.get("tool.write")).toBe(false);
    expect(tokens.scope).toBe("mcp.use plant.read");
  });

  it("refuses what no database takes as the client's own mistake", async ({ gateway }) => {
    for (const name of ["nul \0", "half \uD800"])
      expect(await register(gateway, { client_name: name })).toMatchObject({
        status: 400,
        body: { error: "invalid_request" },
      });
    const { challenge } = pkce();
    const browser = await gateway.browser(null);
    const state = await browser.authorize(request(await clientId(gateway), challenge, { state: "nul \0" }));
    expect(state.searchParams.get("error") ?? state.searchParams.get("code")).toBe("invalid_request");
    const nobody = await browser.authorize(request("nul \0", challenge));
    expect(nobody.searchParams.get("code")).toBe("invalid_client");
  });

  it("takes a loopback redirect at any port, as apps choose one when they start", async ({ world, gateway }) => {
    const id = await clientId(gateway);
    const { verifier, challenge } = pkce();
    const browser = await gateway.browser(await world.actor());
    const elsewhere = "http://localhost:60123/callback";
    const page = await browser.authorize(request(id, challenge, { redirect_uri: elsewhere }));
    const back = await browser.decide(await browser.view(page));
    expect(back.origin + back.pathname).toBe(elsewhere);
    const { status } = await tokenRequest(gateway, {
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      redirect_uri: elsewhere,
      client_id: id,
      code_verifier: verifier,
    });
    expect(status).toBe(200);
  });

  it("tells the app when the person does not allow it", async ({ world, gateway }) => {
    const person = await world.actor();
    const browser = await gateway.browser(person);
    const view = await browser.view(await browser.authorize(request(await clientId(gateway), pkce().challenge)));
    const back = await browser.decide(view, { decision: "deny" });
    expect(back.searchParams.get("error")).toBe("access_denied");
    expect(back.searchParams.get("iss")).toBe(gateway.url);
    expect(back.searchParams.has("code")).toBe(false);
    const seen = await world.deps.db.auditEntry.findMany({ where: { userId: person.userId } });
    expect(seen.map(({ action, outcome }) => [action, outcome])).toEqual([["oauth.deny", "refused"]]);
  });

  it("asks again each time, for the same app too, and never without the person", async ({ world, gateway }) => {
    const person = await world.actor();
    const { id, browser } = await connect(gateway, person);
    const page = await browser.authorize(request(id, pkce().challenge));
    expect(page.pathname).toMatch(/^\/oauth\/consent\//);
    const silent = await browser.authorize(request(id, pkce().challenge, { prompt: "none" }));
    expect(silent.searchParams.get("error")).toBe("consent_required");
  });

  it.for(["login", "consent", "select_account", "login consent"])(
    "goes the same way when the app wants it with prompt=%s",
    async (prompt, { world, gateway }) => {
      const { tokens } = await connect(gateway, await world.actor(), { more: { prompt } });
      expect((await use(gateway, tokens.access_token)).status).toBe(200);
    },
  );

  it("refreshes with a new token each time", async ({ world, gateway }) => {
    const { id, tokens } = await connect(gateway, await world.actor());
    const first = await refresh(gateway, id, tokens.refresh_token);
    expect(first.status).toBe(200);
    expect(first.body.refresh_token).not.toBe(tokens.refresh_token);
    expect((await use(gateway, first.body.access_token)).status).toBe(200);
    const second = await refresh(gateway, id, first.body.refresh_token, { resource: `${gateway.url}/mcp` });
    expect(second.status).toBe(200);
  });

  it("serves a client with a secret, which is not readable in the database", async ({ world, gateway }) => {
    const { body } = await register(gateway, { token_endpoint_auth_method: "client_secret_post" });
    const secret = body["client_secret"] ?? "";
    expect(secret.length).toBeGreaterThan(40);
    const { exchange } = await code(gateway, await world.actor(), { client: body["client_id"] ?? "" });
    expect((await tokenRequest(gateway, { ...exchange, client_secret: "wrong" })).body.error).toBe("invalid_client");
    expect((await tokenRequest(gateway, { ...exchange, client_secret: secret })).status).toBe(200);
    expect(JSON.stringify(await world.deps.db.oAuthRecord.findMany())).not.toContain(secret);
  });

  it("keeps no token, code or cookie that could be used from the database", async ({ world, gateway }) => {
    const { tokens, exchange, view } = await connect(gateway, await world.actor());
    const stored = JSON.stringify(await world.deps.db.oAuthRecord.findMany());
    for (const secret of [tokens.access_token, tokens.refresh_token, exchange.code, view.uid])
      expect(stored).not.toContain(secret);
    expect(stored).toContain(createHash("sha256").update(tokens.access_token).digest("hex"));
  });
});

describe("the person's list of apps", () => {
  it("shows what is connected with its last use, and ends it at once", async ({ world, gateway }) => {
    const person = await world.actor();
    const { tokens, id } = await connect(gateway, person, { more: { scope: "plant.read" } });
    await use(gateway, tokens.access_token);
    const [app, ...others] = await listApps(gateway.deps, person);
    expect(others).toEqual([]);
    expect(app).toMatchObject({
      name: "Inspector",
      workspace: { id: person.workspaceId },
      server: null,
      scopes: ["mcp.use", "plant.read"],
      lastUsedAt: expect.any(Date),
    });
    const told: string[] = [];
    const stop = gateway.deps.live.subscribe("credentials", (payload) => told.push(payload));
    await revokeApp(gateway.deps, person, { id: app?.id ?? "" });
    await expect.poll(() => told).toEqual([app?.id]);
    stop();
    expect(await use(gateway, tokens.access_token)).toMatchObject({ status: 401, body: { code: "auth.invalid" } });
    expect((await refresh(gateway, id, tokens.refresh_token)).body.error).toBe("invalid_grant");
    expect(await listApps(gateway.deps, person)).toEqual([]);
  });

  it("is nobody else's: a stranger sees and ends nothing", async ({ world, gateway }) => {
    const person = await world.actor();
    const { tokens } = await connect(gateway, person);
    const stranger = await world.actor({ owner: true, workspaceId: person.workspaceId });
    expect(await listApps(gateway.deps, stranger)).toEqual([]);
    const [app] = await listApps(gateway.deps, person);
    await expect(revokeApp(gateway.deps, stranger, { id: app?.id ?? "" })).rejects.toMatchObject({ kind: "missing" });
    expect((await use(gateway, tokens.access_token)).status).toBe(200);
  });

  it("lets the app itself give back its access", async ({ world, gateway }) => {
    const person = await world.actor();
    const { tokens, id } = await connect(gateway, person);
    const response = await ask(gateway, "/oauth/revoke", { token: tokens.access_token, client_id: id });
    expect(response.status).toBe(200);
    expect((await use(gateway, tokens.access_token)).status).toBe(401);
    expect((await refresh(gateway, id, tokens.refresh_token)).status).toBe(400);
    expect(await listApps(gateway.deps, person)).toEqual([]);
  });
});

describe("an app's access token", () => {
  it("follows the person: a lower role counts at once, a lost membership or account ends it", async ({
    world,
    gateway,
  }) => {
    const [demoted, left, gone] = [await world.actor(), await world.actor(), await world.actor()];
    const apps = [await connect(gateway, demoted), await connect(gateway, left), await connect(gateway, gone)];
    const { db } = world.deps;
    await db.membership.updateMany({ where: { userId: demoted.userId }, data: { role: "viewer" } });
    await db.membership.deleteMany({ where: { userId: left.userId } });
    await db.user.delete({ where: { id: gone.userId } });
    const used = await Promise.all(apps.map(({ tokens }) => use(gateway, tokens.access_token)));
    expect(used.map(({ status, body }) => [status, body.role ?? body.code])).toEqual([
      [200, "viewer"],
      [401, "auth.revoked"],
      [401, "auth.invalid"],
    ]);
    for (const { id, tokens } of apps.slice(1))
      expect((await refresh(gateway, id, tokens.refresh_token)).body.error).toBe("invalid_grant");
  });

  it("expires, and so does the connection after the days that the person chose", async ({ world, gateway }) => {
    const person = await world.actor();
    const { tokens } = await connect(gateway, person);
    const at = (ms: number) => ({ ...gateway.deps, clock: { now: () => new Date(Date.now() + ms) } });
    const later = (ms: number) =>
      actorForRequest(
        at(ms),
        { headers: new Headers({ authorization: `Bearer ${tokens.access_token}` }), method: "POST" },
        { resource: "/mcp" },
      );
    await expect(later(14 * 60_000)).resolves.toMatchObject({ via: "oauth" });
    await expect(later(16 * 60_000)).rejects.toMatchObject({ code: "auth.expired" });
    const { grantId } = (await world.deps.db.oAuthRecord.findFirst({
      where: { model: "App", userId: person.userId },
    })) ?? { grantId: null };
    await world.deps.db.oAuthRecord.updateMany({
      where: { model: "App", id: grantId ?? "" },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    await expect(later(0)).rejects.toMatchObject({ code: "auth.revoked" });
  });

  it("is good at the server it was asked for and nowhere else; one for /mcp is good for all servers", async ({
    world,
    gateway,
  }) => {
    const person = await world.actor();
    const one = await connect(gateway, person, { more: { resource: `${gateway.url}/mcp/servers/erp` } });
    const all = await connect(gateway, person, { more: { resource: `${gateway.url}/mcp` } });
    expect(one.view.server).toBe("erp");
    const status = async (token: string, path: string) => (await use(gateway, token, path)).status;
    expect(await status(one.tokens.access_token, "/mcp/servers/erp")).toBe(200);
    expect(await status(one.tokens.access_token, "/mcp/servers/wms")).toBe(401);
    expect(await status(one.tokens.access_token, "/mcp")).toBe(401);
    expect(await status(all.tokens.access_token, "/mcp/servers/wms")).toBe(200);
    const refused = await use(gateway, one.tokens.access_token, "/mcp");
    expect(refused.challenge).toContain('error="invalid_token"');
  });

  it("opens nothing but MCP", async ({ world, gateway }) => {
    const { tokens } = await connect(gateway, await world.actor());
    const headers = new Headers({ authorization: `Bearer ${tokens.access_token}` });
    await expect(actorForRequest(gateway.deps, { headers, method: "GET" })).rejects.toMatchObject({
      kind: "unauthenticated",
      code: "auth.invalid",
    });
  });
});

it("says that the database is away, in a way that each side understands, and that it may come again", async ({
  world,
  gateway,
}) => {
  const person = await world.actor();
  const { id, tokens } = await connect(gateway, person);
  const nowhere = openDatabase("postgresql://nobody@127.0.0.1:9/none");
  const cut = await createOAuthGateway({ ...world.deps, db: nowhere.rows, sql: nowhere.sql });
  const answer = await ask(cut, "/oauth/token", {
    grant_type: "refresh_token",
    client_id: id,
    refresh_token: tokens.refresh_token,
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("2");
  expect(await answer.json()).toMatchObject({ error: "server_error" });
  const browser = await cut.browser(null);
  const page = await browser.authorize(request(id, pkce().challenge));
  expect(page.pathname + page.search).toBe("/oauth/error?code=server_error");
  await cut.close();
  await nowhere.close();
  expect((await refresh(gateway, id, tokens.refresh_token)).status).toBe(200);
});
