import {
  Client,
  StreamableHTTPClientTransport,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
} from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect } from "vitest";
import { listApps, revokeApp } from "#server/features/oauth/apps.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { createOAuthGateway, type OAuthGateway } from "#tests/support/oauth-gateway.ts";
import { until } from "#tests/support/until.ts";
import { it as base } from "#tests/support/world.ts";
import type { OwnTool, OwnToolSource } from "../mcp/serve/own-tools.ts";
import { createMcp } from "./mcp.ts";

const it = base.extend<{ $file: { gateway: OAuthGateway } }>({
  gateway: [
    async ({ world }, use) => {
      const closing = new AbortController();
      const gateway = await createOAuthGateway(world.deps, {
        serve: (deps) => createMcp(deps, { ownTools, closing: closing.signal }).handle,
      });
      await use(gateway);
      closing.abort();
      await gateway.close();
    },
    { scope: "file" },
  ],
});

const whoAmI: OwnTool = {
  definition: { name: "who_am_i", description: "Who calls", inputSchema: { type: "object" } },
  permission: "plant.read",
  async call({ actor }) {
    const text = `${actor.userId} ${actor.workspaceId} ${actor.via}`;
    return { content: [{ type: "text", text }] };
  },
};

/** An app that keeps what it is given, and a person at its side who allows what it asks for in their browser. */
function appOf(gateway: OAuthGateway, person: Actor, allowed?: string[]) {
  let scopes = allowed;
  const kept: {
    client?: { client_id: string };
    tokens?: { access_token: string; token_type: string };
    verifier?: string;
    discovery?: OAuthDiscoveryState;
  } = {};
  let code = "";
  let iss = "";
  const asked: URL[] = [];
  const provider = {
    redirectUrl: "http://127.0.0.1:8123/callback",
    clientMetadata: {
      client_name: "A real client",
      redirect_uris: ["http://127.0.0.1:8123/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    },
    state: () => "state-of-the-app",
    clientInformation: () => kept.client,
    saveClientInformation: (client: { client_id: string }) => void (kept.client = client),
    tokens: () => kept.tokens,
    saveTokens: (tokens: { access_token: string; token_type: string }) => void (kept.tokens = tokens),
    saveCodeVerifier: (verifier: string) => void (kept.verifier = verifier),
    codeVerifier: () => kept.verifier ?? "",
    saveDiscoveryState: (state: OAuthDiscoveryState) => void (kept.discovery = state),
    discoveryState: () => kept.discovery,
    async redirectToAuthorization(url: URL) {
      asked.push(url);
      const browser = await gateway.browser(person);
      const view = await browser.view(await browser.authorize(Object.fromEntries(url.searchParams)));
      const back = await browser.decide(view, scopes ? { scopes } : {});
      expect(back.searchParams.get("state")).toBe("state-of-the-app");
      code = back.searchParams.get("code") ?? "";
      iss = back.searchParams.get("iss") ?? "";
    },
  };
  return { provider, kept, asked, answer: () => ({ code, iss }), allow: (more: string[]) => void (scopes = more) };
}

const ownTools: OwnToolSource = { for: async () => [whoAmI], onChange: () => () => undefined };
const about = { name: "client", version: "1" };

describe("a client that is given nothing but the address", () => {
  // The public address is the first; a person may type either, and a client wants to hear of the one it was given.
  it.for(["127.0.0.1", "localhost"])(
    "of the current revision connects by %s, and calls as the person",
    async (name, { world, gateway }) => {
      const person = await world.actor();
      const app = appOf(gateway, person);
      const provider: OAuthClientProvider = app.provider;
      const url = new URL(`${gateway.url}/mcp`);
      url.hostname = name;
      const first = new StreamableHTTPClientTransport(url, { authProvider: provider });
      await expect(new Client(about).connect(first)).rejects.toThrow(/nauthorized/);
      const [asked] = app.asked;
      expect(asked?.searchParams.get("resource")).toBe(url.href);
      expect(asked?.searchParams.get("scope")).toContain("plant.read");
      await first.finishAuth(
        new URLSearchParams({ code: app.answer().code, iss: gateway.url, state: "state-of-the-app" }),
      );

      const client = new Client(about, { versionNegotiation: { mode: "auto" } });
      await client.connect(new StreamableHTTPClientTransport(url, { authProvider: provider }));
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["who_am_i"]);
      const result = await client.callTool({ name: "who_am_i", arguments: {} });
      expect(result.content).toEqual([{ type: "text", text: `${person.userId} ${person.workspaceId} oauth` }]);
      await until("the call in the audit", () =>
        gateway.deps.db.auditEntry.findFirst({ where: { userId: person.userId, subject: "who_am_i", outcome: "ok" } }),
      );
      await client.close();
    },
  );

  it("of before (SDK 1.x) connects, refreshes by itself, and is out when the person ends it", async ({
    world,
    gateway,
  }) => {
    const person = await world.actor();
    const app = appOf(gateway, person);
    const url = new URL(`${gateway.url}/mcp`);
    const first = new OldTransport(url, { authProvider: app.provider });
    await expect(new OldClient(about).connect(first)).rejects.toThrow(/nauthorized/);
    await first.finishAuth(app.answer().code);
    const client = new OldClient(about);
    await client.connect(new OldTransport(url, { authProvider: app.provider }));
    expect((await client.callTool({ name: "who_am_i", arguments: {} })).content).toHaveLength(1);

    // an access token that has expired is replaced on the way
    const old = app.kept.tokens?.access_token ?? "";
    await gateway.deps.db.oAuthRecord.deleteMany({ where: { model: "AccessToken", userId: person.userId } });
    await gateway.deps.live.publish("credentials", person.userId);
    await until("a new access token", async () => {
      await client.callTool({ name: "who_am_i", arguments: {} });
      return app.kept.tokens?.access_token !== old;
    });
    expect(app.asked).toHaveLength(1);

    const [connected] = await listApps(gateway.deps, person);
    expect(connected).toMatchObject({ name: "A real client" });
    await revokeApp(gateway.deps, person, { id: connected?.id ?? "" });
    const headers = { Authorization: `Bearer ${app.kept.tokens?.access_token}` };
    await until(
      "the end of the connection",
      async () => (await fetch(url, { method: "POST", headers })).status === 401,
    );
    await client.close();
  });

  it("is refused what its scopes do not hold, and asks the person for more", async ({ world, gateway }) => {
    const app = appOf(gateway, await world.actor(), ["tool.read"]);
    const url = new URL(`${gateway.url}/mcp`);
    const first = new StreamableHTTPClientTransport(url, { authProvider: app.provider });
    await expect(new Client(about).connect(first)).rejects.toThrow(/nauthorized/);
    const finish = (transport: StreamableHTTPClientTransport) =>
      transport.finishAuth(new URLSearchParams({ ...app.answer(), state: "state-of-the-app" }));
    await finish(first);
    app.allow(["tool.read", "plant.read"]);
    const client = new Client(about, { versionNegotiation: { mode: "auto" } });
    const transport = new StreamableHTTPClientTransport(url, { authProvider: app.provider });
    await client.connect(transport);
    await expect(client.callTool({ name: "who_am_i", arguments: {} })).rejects.toThrow(/nauthorized|scope/i);
    expect(app.asked.at(-1)?.searchParams.get("scope")?.split(" ")).toEqual(
      expect.arrayContaining(["mcp.use", "plant.read"]),
    );
    expect(app.asked).toHaveLength(2);
    await finish(transport);
    expect((await client.callTool({ name: "who_am_i", arguments: {} })).content).toHaveLength(1);
    await client.close();
  });
});
