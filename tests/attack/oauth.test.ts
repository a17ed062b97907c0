import { SignJWT } from "jose";
import { afterEach, describe, expect } from "vitest";
import {
  ask,
  clientId,
  code,
  connect,
  refresh,
  register,
  request,
  tokenRequest,
  use,
} from "#tests/support/oauth-client.ts";
import { createOAuthGateway, it, pkce } from "#tests/support/oauth-gateway.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

describe("where the answer goes", () => {
  it.for([
    "https://attacker.example/callback",
    "http://localhost:1234/callback/../other",
    "http://localhost:1234/callback?next=https://attacker.example",
    "http://localhost.attacker.example:1234/callback",
    "http://localhost:1234@attacker.example/callback",
    "http://127.0.0.1:1234/callback",
    "javascript:alert(1)//localhost:1234/callback",
  ])("is never an address that was not registered: %s", async (redirect, { world, gateway }) => {
    const browser = await gateway.browser(await world.actor());
    const params = request(await clientId(gateway), pkce().challenge, { redirect_uri: redirect });
    const page = await browser.authorize(params);
    expect(page.pathname + page.search).toBe("/oauth/error?code=invalid_redirect_uri");
    // a wrong request beside a wrong address is not told there either
    const twice = await browser.authorize({ ...params, response_type: "token" });
    expect(twice.origin).toBe(gateway.url);
    const plain = await fetch(`${gateway.url}/oauth/authorize?${new URLSearchParams(params)}`, { redirect: "manual" });
    expect(plain.status).toBe(400);
    expect(plain.headers.get("location")).toBeNull();
  });

  it.for([
    ["http://attacker.example/callback", "http to another machine"],
    ["javascript:alert(1)", "a script"],
    ["data:text/html,x", "a document"],
    ["file:///etc/passwd", "a file"],
    ["https://user:password@app.example/callback", "credentials"],
    ["https://app.example/callback#fragment", "a fragment"],
    [`https://app.example/${"x".repeat(600)}`, "what is too long"],
  ])("cannot be registered as %s: %s", async ([redirect], { gateway }) => {
    const { status, body } = await register(gateway, { redirect_uris: [redirect] });
    expect(status).toBe(400);
    expect(body["error"]).toMatch(/^invalid_(client_metadata|redirect_uri)$/);
  });
});

describe("a code", () => {
  it("that is used twice ends everything that came from it", async ({ world, gateway }) => {
    const { exchange, tokens, id } = await connect(gateway, await world.actor());
    expect((await use(gateway, tokens.access_token)).status).toBe(200);
    const again = await tokenRequest(gateway, exchange);
    expect(again).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect((await use(gateway, tokens.access_token)).status).toBe(401);
    expect((await refresh(gateway, id, tokens.refresh_token)).body.error).toBe("invalid_grant");
    await expect
      .poll(() => world.deps.db.auditEntry.count({ where: { action: "oauth.replay" } }))
      .toBeGreaterThanOrEqual(1);
  });

  it("that is used by several at once leaves none of them connected", async ({ world, gateway }) => {
    const { exchange } = await code(gateway, await world.actor());
    const answers = await Promise.all(Array.from({ length: 6 }, () => tokenRequest(gateway, exchange)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { body } of won) expect((await use(gateway, body.access_token)).status).toBe(401);
  });

  it("is worth nothing to another client, at another address, or without the verifier", async ({ world, gateway }) => {
    const { exchange } = await code(gateway, await world.actor());
    const { code_verifier: _secret, ...downgraded } = exchange;
    for (const wrong of [
      { ...exchange, client_id: await clientId(gateway) },
      { ...exchange, redirect_uri: "http://localhost:4321/callback" },
      { ...exchange, code_verifier: pkce().verifier },
      downgraded,
    ])
      expect((await tokenRequest(gateway, wrong)).body.error).toMatch(/^invalid_(grant|request)$/);
    expect((await tokenRequest(gateway, exchange)).status).toBe(200);
  });

  it("is not given without PKCE, with the plain method, or as an implicit token", async ({ world, gateway }) => {
    const browser = await gateway.browser(await world.actor());
    const good = request(await clientId(gateway), pkce().challenge);
    const { code_challenge: _a, code_challenge_method: _b, ...none } = good;
    for (const params of [none, { ...good, code_challenge_method: "plain" }, { ...good, response_type: "token" }]) {
      const back = await browser.authorize(params);
      const said = new URLSearchParams(back.hash.slice(1) || back.search);
      expect(said.get("error")).toMatch(/^(invalid_request|unsupported_response_type)$/);
      expect(said.has("code") || said.has("access_token")).toBe(false);
    }
  });
});

describe("a refresh token", () => {
  it("that is used again ends the connection, also for who used it first", async ({ world, gateway }) => {
    const { id, tokens } = await connect(gateway, await world.actor());
    const first = await refresh(gateway, id, tokens.refresh_token);
    expect((await refresh(gateway, id, tokens.refresh_token)).body.error).toBe("invalid_grant");
    expect((await use(gateway, first.body.access_token)).status).toBe(401);
    expect((await refresh(gateway, id, first.body.refresh_token)).body.error).toBe("invalid_grant");
  });

  it("that is used by several at once brings at most one answer, and then none that works", async ({
    world,
    gateway,
  }) => {
    const { id, tokens } = await connect(gateway, await world.actor());
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(gateway, id, tokens.refresh_token)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const { body } of won) expect((await use(gateway, body.access_token)).status).toBe(401);
  });

  it("is worth nothing to another client, and is no access token", async ({ world, gateway }) => {
    const { tokens } = await connect(gateway, await world.actor());
    expect((await refresh(gateway, await clientId(gateway), tokens.refresh_token)).body.error).toBe("invalid_grant");
    expect((await use(gateway, tokens.refresh_token)).status).toBe(401);
  });
});

describe("what was allowed", () => {
  it("does not grow: not by the form, not by refreshing, not by what nobody may ask for", async ({
    world,
    gateway,
  }) => {
    const person = await world.actor({ owner: true });
    const wanted = "plant.read admin.write secret.write account.write api-key.write";
    const { view, tokens, id } = await connect(gateway, person, {
      more: { scope: wanted },
      scopes: ["plant.read", "tool.write"],
    });
    expect(view.scopes.map(({ scope }) => scope)).toEqual(["mcp.use", "plant.read"]);
    expect(tokens.scope).toBe("mcp.use plant.read");
    const more = await refresh(gateway, id, tokens.refresh_token, { scope: "mcp.use plant.read tool.write" });
    expect(more.body.error).toBe("invalid_scope");
    expect((await use(gateway, tokens.access_token)).body).toMatchObject({
      owner: false,
      scopes: ["mcp.use", "plant.read"],
    });
  });

  it("cannot be for a service of others, nor for two at once, nor move to another server later", async ({
    world,
    gateway,
  }) => {
    const person = await world.actor();
    const browser = await gateway.browser(person);
    const id = await clientId(gateway);
    for (const resource of [
      "https://other.example/mcp",
      `${gateway.url}/api`,
      `${gateway.url}/mcp/servers/a?x=1`,
      "mcp",
    ]) {
      const back = await browser.authorize(request(id, pkce().challenge, { resource }));
      expect(back.searchParams.get("error") ?? back.searchParams.get("code"), resource).toBe("invalid_target");
    }
    const two = new URLSearchParams(request(id, pkce().challenge));
    for (const name of ["a", "b"]) two.append("resource", `${gateway.url}/mcp/servers/${name}`);
    const response = await browser.go(`/oauth/authorize?${two}`);
    expect(response.headers.get("location")).toContain("error=invalid_target");

    const one = await code(gateway, person, { more: { resource: `${gateway.url}/mcp/servers/a` } });
    const moved = await tokenRequest(gateway, { ...one.exchange, resource: `${gateway.url}/mcp` });
    expect(moved.body.error).toBe("invalid_target");
  });

  it("cannot be put into a workspace of others", async ({ world, gateway }) => {
    const stranger = await world.actor();
    const browser = await gateway.browser(await world.actor());
    const view = await browser.view(await browser.authorize(request(await clientId(gateway), pkce().challenge)));
    const answer = await browser.decide(view, { workspaceId: stranger.workspaceId });
    expect(answer.pathname + answer.search).toBe("/oauth/error?code=workspace.missing");
  });
});

describe("a token", () => {
  it("of another issuer, or made up, is nobody's", async ({ world, gateway }) => {
    const other = await createOAuthGateway(world.deps);
    ended.push(() => other.close());
    const person = await world.actor();
    const key = new TextEncoder().encode("a secret of somebody else that is long enough");
    const foreign = await new SignJWT({ scope: "mcp.use" })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(person.userId)
      .setIssuer("https://issuer.example")
      .setAudience(`${gateway.url}/mcp`)
      .setExpirationTime("5m")
      .sign(key);
    for (const token of [foreign, "A".repeat(43), "x", `${foreign}${"A".repeat(8)}`]) {
      const refused = await use(gateway, token);
      expect(refused.status).toBe(401);
      expect(refused.challenge).toContain('error="invalid_token"');
    }
    // The same database, another public address: what was meant for there is no good here.
    const { tokens } = await connect(other, person);
    expect((await use(other, tokens.access_token)).status).toBe(200);
    const { port } = new URL(gateway.url);
    expect(new URL(other.url).port).not.toBe(port);
    expect(await use(gateway, tokens.access_token)).toMatchObject({ status: 401, body: { code: "auth.invalid" } });
  });
});

describe("the decision", () => {
  it("counts only from the page itself, for the person it was shown to, in the browser that asked", async ({
    world,
    gateway,
  }) => {
    const [person, other] = [await world.actor(), await world.actor()];
    const id = await clientId(gateway);
    const browser = await gateway.browser(person);
    const view = await browser.view(await browser.authorize(request(id, pkce().challenge)));
    const where = (url: URL) => url.pathname + url.search;

    for (const headers of [{ origin: "https://attacker.example" }, { origin: "null" }, {} as Record<string, string>])
      expect(where(await browser.decide(view, {}, headers))).toBe("/oauth/error?code=auth.origin");
    expect(where(await browser.decide(view, { seal: "" }))).toBe("/oauth/error?code=oauth.seal");
    const second = await browser.view(await browser.authorize(request(id, pkce().challenge)));
    expect(where(await browser.decide(view, { seal: second.seal }))).toBe("/oauth/error?code=oauth.seal");

    // another person, with the very form, in a browser of their own
    const elsewhere = await gateway.browser(other);
    expect(where(await elsewhere.decide(view))).toBe("/oauth/error?code=oauth.gone");
    expect((await elsewhere.go(`/oauth/consent/${view.uid}`)).status).toBe(404);
    // nobody signed in
    const nobody = await gateway.browser(null);
    expect(where(await nobody.decide(view))).toBe(`/sign-in?next=%2Foauth%2Fconsent%2F${view.uid}`);

    expect((await browser.decide(view)).searchParams.has("code")).toBe(true);
    expect(where(await browser.decide(view))).toBe("/oauth/error?code=oauth.gone");
  });

  it("of one person is not used for the next who signs in on the same computer", async ({ world, gateway }) => {
    const [first, second] = [await world.actor(), await world.actor()];
    const { browser, id } = await connect(gateway, first);
    const later = await gateway.browser(second);
    for (const [key, cookie] of browser.cookies) if (!later.cookies.has(key)) later.cookies.set(key, cookie);
    const view = await later.view(await later.authorize(request(id, pkce().challenge)));
    expect(view.person.email).toBe(second.email);
    const back = await later.decide(view);
    expect(back.searchParams.has("code")).toBe(true);
    const connected = await world.deps.db.oAuthRecord.findMany({ where: { model: "App", userId: second.userId } });
    expect(connected).toHaveLength(1);
  });

  it("cannot be framed", async ({ world, gateway }) => {
    const browser = await gateway.browser(await world.actor());
    const page = await browser.authorize(request(await clientId(gateway), pkce().challenge));
    const { headers } = await browser.go(page.pathname);
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("is asked about a name without tricks", async ({ world, gateway }) => {
    const { body } = await register(gateway, { client_name: "Cl\u202Eau\u200Bde\n\n  Desktop" });
    const browser = await gateway.browser(await world.actor());
    const view = await browser.view(await browser.authorize(request(body["client_id"] ?? "", pkce().challenge)));
    expect(view.client.name).toBe("Cl au de Desktop");
    expect((await register(gateway, { client_name: "x".repeat(101) })).status).toBe(400);
  });
});

it("gives back nothing that was not one's own: another app's token stays as it is", async ({ world, gateway }) => {
  const { tokens } = await connect(gateway, await world.actor());
  const response = await ask(gateway, "/oauth/revoke", {
    token: tokens.access_token,
    client_id: await clientId(gateway),
  });
  expect(response.status).toBe(200);
  expect((await use(gateway, tokens.access_token)).status).toBe(200);
});
