import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { expect } from "vitest";
import { listConnections } from "#server/features/upstream-auth/list-connections.ts";
import { removeConnection } from "#server/features/upstream-auth/remove-connection.ts";
import { removeUpstream } from "#server/features/upstreams/index.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { newId } from "#server/kernel/ids.ts";
import { createCredentials } from "#server/mcp/credentials/credentials.ts";
import { startAuthorizationServer, startProtectedUpstream } from "#tests/support/authorization-server.ts";
import { createOAuthGateway } from "#tests/support/oauth-gateway.ts";
import { it as base } from "#tests/support/world.ts";
import { createConnections } from "./connections.ts";

const it = base
  // oxlint-disable no-empty-pattern -- vitest demands the destructuring
  .extend("gateway", async ({ world }, { onCleanup }) => {
    const gateway = await createOAuthGateway(world.deps, {
      serve(deps) {
        deps.credentials = createCredentials(deps); // at this address
        return createConnections(deps).handle;
      },
    });
    onCleanup(async () => {
      await gateway.close();
      await gateway.deps.credentials.close();
    });
    return gateway;
  })
  .extend("issuer", async ({}, { onCleanup }) => {
    const server = await startAuthorizationServer();
    onCleanup(server.close);
    return server;
  })
  .extend("upstream", async ({ issuer, world }, { onCleanup }) => {
    const server = await startProtectedUpstream(issuer);
    onCleanup(server.close);
    return {
      /** Registers it for the person's workspace; answers its name. */
      async registerFor({ workspaceId }: Actor): Promise<string> {
        const id = newId("ups");
        const name = `office-${id.slice(-6)}`;
        const policy = { privateNetwork: true };
        const data = { id, workspaceId, name, title: "Office", url: server.url, source: "admin", policy };
        await world.deps.db.upstream.create({ data: { ...data, auth: { kind: "oauth-user" } } });
        return name;
      },
    };
  });
// oxlint-enable no-empty-pattern

const locationOf = (response: Response) => response.headers.get("location") ?? "";

it("leads a person to the issuer and back to where they were, and knows then what they connected", async ({
  world,
  gateway,
  issuer,
  upstream,
}) => {
  const ana = await world.actor();
  const name = await upstream.registerFor(ana);
  const browser = await gateway.browser(ana);
  const started = await browser.go(`/connections/${name}/start?returnTo=${encodeURIComponent("/chat?x=1")}`);
  expect(started.status).toBe(302);
  expect(started.headers.get("referrer-policy")).toBe("no-referrer");
  const address = new URL(locationOf(started));
  expect(address.origin).toBe(issuer.issuer);
  expect(address.searchParams.get("redirect_uri")).toBe(`${gateway.url}/connections/callback`);
  expect(await listConnections(gateway.deps, ana)).toMatchObject([{ upstream: name, connected: false }]);

  const back = await issuer.consent(address);
  const ended = await browser.go(`${back.pathname}${back.search}`);
  expect(locationOf(ended)).toBe("/chat?x=1");
  expect(await listConnections(gateway.deps, ana)).toMatchObject([
    { upstream: name, connected: true, issuer: issuer.issuer, renewable: true, wantsMore: false },
  ]);
  const audit = await world.deps.db.auditEntry.findMany({ where: { userId: ana.userId } });
  expect(audit.map(({ action, subject }) => [action, subject])).toEqual([["connection.create", name]]);

  await removeConnection(gateway.deps, ana, { upstream: name });
  expect(issuer.counts.get("/revoke")).toBe(1);
  expect(await listConnections(gateway.deps, ana)).toMatchObject([{ upstream: name, connected: false }]);
  await expect(removeConnection(gateway.deps, ana, { upstream: name })).rejects.toMatchObject({ kind: "missing" });
});

it("keeps nothing of a connection when its server is removed", async ({ world, gateway, issuer, upstream }) => {
  const ana = await world.actor();
  const name = await upstream.registerFor(ana);
  const browser = await gateway.browser(ana);
  const started = await browser.go(`/connections/${name}/start`);
  const back = await issuer.consent(new URL(locationOf(started)));
  await browser.go(`${back.pathname}${back.search}`);
  await browser.go(`/connections/${name}/start`); // and another one that is under way
  const { id } = await world.deps.db.upstream.findFirstOrThrow({ where: { name } });
  const left = () =>
    Promise.all([
      world.deps.db.upstreamCredential.count({ where: { upstreamId: id } }),
      world.deps.db.upstreamAuthorization.count({ where: { upstreamId: id } }),
    ]);
  expect(await left()).toEqual([2, 1]); // the person's, and the registration at the issuer
  await removeUpstream(world.deps, ana, { id });
  expect(await left()).toEqual([0, 0]);
});

it("has whoever is not signed in sign in first, and come back", async ({ world, gateway, upstream }) => {
  const name = await upstream.registerFor(await world.actor());
  const nobody = await gateway.browser(null);
  for (const path of [`/connections/${name}/start?returnTo=%2Finbox`, "/connections/callback?code=x&state=y"]) {
    const response = await nobody.go(path);
    expect([response.status, locationOf(response)]).toEqual([302, `/sign-in?next=${encodeURIComponent(path)}`]);
  }
});

it("lets nobody finish what another person started, in their own browser or with what they saw", async ({
  world,
  gateway,
  issuer,
  upstream,
}) => {
  const attacker = await world.actor();
  const victim = await world.actor({ workspaceId: attacker.workspaceId });
  const name = await upstream.registerFor(attacker);
  const started = await (await gateway.browser(attacker)).go(`/connections/${name}/start`);
  const back = await issuer.consent(new URL(locationOf(started)));
  const answer = await (await gateway.browser(victim)).go(`${back.pathname}${back.search}`);
  expect(locationOf(answer)).toBe("/settings/connections?problem=connection.state");
  expect(issuer.tokenRequests).toHaveLength(0);
  for (const who of [attacker, victim])
    expect(await listConnections(gateway.deps, who)).toMatchObject([{ connected: false }]);
});

it("shows a stranger neither the server nor a way to connect to it", async ({ world, gateway, issuer, upstream }) => {
  const ana = await world.actor();
  const stranger = await world.actor({ owner: true });
  const name = await upstream.registerFor(ana);
  const answer = await (await gateway.browser(stranger)).go(`/connections/${name}/start`);
  const unknown = await (await gateway.browser(stranger)).go("/connections/no-such-server/start");
  expect(locationOf(answer)).toBe(`/settings/connections?problem=upstream.missing&upstream=${name}`);
  expect(locationOf(unknown)).toBe("/settings/connections?problem=upstream.missing&upstream=no-such-server");
  expect(await listConnections(gateway.deps, stranger)).toEqual([]);
  await expect(removeConnection(gateway.deps, stranger, { upstream: name })).rejects.toMatchObject({ kind: "missing" });
  expect(issuer.counts.size).toBe(0);
});

it("comes back to paths of its own only", async ({ world, gateway, issuer, upstream }) => {
  const ana = await world.actor();
  const name = await upstream.registerFor(ana);
  const browser = await gateway.browser(ana);
  for (const returnTo of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "/a\nb",
  ]) {
    const started = await browser.go(`/connections/${name}/start?returnTo=${encodeURIComponent(returnTo)}`);
    const back = await issuer.consent(new URL(locationOf(started)));
    const ended = await browser.go(`${back.pathname}${back.search}`);
    expect(locationOf(ended), returnTo).toBe("/settings/connections");
  }
});

it("tells of a refusal by its own words, not by those of the issuer's answer", async ({
  world,
  gateway,
  issuer,
  upstream,
}) => {
  const ana = await world.actor();
  const name = await upstream.registerFor(ana);
  const browser = await gateway.browser(ana);
  const started = await browser.go(`/connections/${name}/start`);
  const state = new URL(locationOf(started)).searchParams.get("state") ?? "";
  const answer = new URLSearchParams({
    error: "access_denied",
    error_description: "<b>evil</b>",
    state,
    iss: issuer.issuer,
  });
  const ended = await browser.go(`/connections/callback?${answer}`);
  expect(locationOf(ended)).toBe("/settings/connections?problem=connection.denied");
});

it("publishes its keys and what it is as a client, for any site", async ({ gateway }) => {
  const nobody = await gateway.browser(null);
  const keys = await nobody.go("/.well-known/jwks.json");
  expect(await keys.json()).toEqual(gateway.deps.credentials.identity.jwks);
  expect(keys.headers.get("access-control-allow-origin")).toBe("*");
  const document = (await (await nobody.go("/oauth/client-metadata.json")).json()) as Record<string, unknown>;
  expect(document).toMatchObject({
    client_id: `${gateway.url}/oauth/client-metadata.json`,
    redirect_uris: [`${gateway.url}/connections/callback`],
    token_endpoint_auth_method: "none",
  });
  expect(JSON.stringify(await (await nobody.go("/.well-known/jwks.json")).json())).not.toContain('"d"');
});

it("leaves requests alone whose target is no address", ({ world }) => {
  const connections = createConnections(world.deps);
  for (const url of ["//", "///", "/\\\\", "http://[", "//:x"]) {
    const request = new IncomingMessage(new Socket());
    Object.assign(request, { method: "GET", url });
    expect(connections.handle(request, new ServerResponse(request)), url).toBe(false);
  }
});
