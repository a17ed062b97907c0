import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, describe, expect } from "vitest";
import { fetchDocument, hasRoomForClient } from "#server/features/oauth/index.ts";
import { connect, REDIRECT, register, request, use } from "#tests/support/oauth-client.ts";
import { createOAuthGateway, it, pkce, type OAuthGateway } from "#tests/support/oauth-gateway.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

describe("registration", () => {
  it("is limited for one address, and bounded for all", async ({ world }) => {
    const gateway = await createOAuthGateway(world.deps, { ip: () => "203.0.113.77" });
    ended.push(() => gateway.close());
    const answers = await Promise.all(Array.from({ length: 14 }, () => register(gateway)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);

    const person = await world.actor();
    const count = await world.deps.db.oAuthRecord.count({ where: { model: "Client" } });
    expect(await hasRoomForClient(world.deps, count + 1)).toBe(true);
    expect(await hasRoomForClient(world.deps, 1)).toBe(false);
    // what waits for longer makes room; what a person allowed stays
    const { id, tokens } = await connect(await slowly(world.deps), person);
    const later = { ...world.deps, clock: { now: () => new Date(Date.now() + 31 * 60_000) } };
    expect(await hasRoomForClient(later, 1)).toBe(true);
    const left = await world.deps.db.oAuthRecord.findMany({ where: { model: "Client" } });
    expect(left.map((one) => one.id)).toContain(id);
    expect(tokens.access_token).toBeTruthy();
  });

  it("makes the server fetch nothing, and keeps nothing that it would fetch or show", async ({ world, gateway }) => {
    const trap = await countingTrap();
    const { status, body } = await register(gateway, {
      sector_identifier_uri: `https://127.0.0.1:${trap.port}/sector`,
      jwks_uri: `https://127.0.0.1:${trap.port}/jwks`,
      logo_uri: `https://127.0.0.1:${trap.port}/logo`,
    });
    expect(status).toBe(201);
    expect(JSON.stringify(body)).not.toContain("127.0.0.1");
    const browser = await gateway.browser(await world.actor());
    await browser.authorize(request(body["client_id"] ?? "", pkce().challenge));
    expect(trap.connections()).toBe(0);
  });

  async function slowly(deps: OAuthGateway["deps"]): Promise<OAuthGateway> {
    const gateway = await createOAuthGateway(deps, { ip: () => "203.0.113.78" });
    ended.push(() => gateway.close());
    return gateway;
  }
});

describe("a client's document", () => {
  it.for(["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])(
    "is not fetched from %s",
    async (host, { world }) => {
      const trap = await countingTrap();
      const deps = { ...world.deps, settings: { ...world.deps.settings, allowPrivateHosts: [] } };
      const gateway = await createOAuthGateway(deps);
      ended.push(() => gateway.close());
      const browser = await gateway.browser(await world.actor());
      const page = await browser.authorize(request(`https://${host}:${trap.port}/client.json`, pkce().challenge));
      expect(page.pathname + page.search).toBe("/oauth/error?code=invalid_client");
      expect(trap.connections()).toBe(0);
    },
  );

  it("is not fetched where a name changes to a private address after it was looked at", async () => {
    const trap = await countingTrap();
    let asked = 0;
    const get = fetchDocument({
      allow: [],
      lookup: (_name, options, done) => {
        const address = ++asked === 1 ? "127.0.0.1" : "93.184.216.34";
        if (options.all) done(null, [{ address, family: 4 }]);
        else done(null, address, 4);
      },
    });
    await expect(get(`http://rebinding.example:${trap.port}/client.json`)).rejects.toThrow("fetch failed");
    expect(trap.connections()).toBe(0);
  });

  it("makes the client who its address says, and nothing else does: not a redirect, not a copy", async ({ world }) => {
    const id = "https://app.example/oauth/client.json";
    const document = {
      client_id: id,
      client_name: "An app",
      redirect_uris: [REDIRECT],
    };
    const answers: Record<string, (response: http.ServerResponse) => void> = {
      "/oauth/client.json": (response) => response.end(JSON.stringify(document)),
      "/copied.json": (response) => response.end(JSON.stringify(document)),
      "/open-redirect": (response) => response.writeHead(302, { Location: "/oauth/client.json" }).end(),
      "/large.json": (response) => response.end(JSON.stringify({ ...document, padding: "x".repeat(40_000) })),
      "/secret.json": (response) => response.end(JSON.stringify({ ...document, client_secret: "shared" })),
    };
    let fetched = 0;
    const server = http.createServer((req, response) => {
      fetched++;
      response.setHeader("Content-Type", "application/json");
      const answer = answers[req.url ?? ""];
      if (answer) answer(response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    ended.push(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    });
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const get = fetchDocument({ allow: ["127.0.0.0/8"] });
    // the way to the test's server; what comes back, redirects too, is told as from the address that was asked
    const gateway = await createOAuthGateway(world.deps, {
      fetch: (url, init) => get(String(url).replace("https://app.example", `http://127.0.0.1:${port}`), init),
    });
    ended.push(() => gateway.close());

    const person = await world.actor();
    const { view, tokens } = await connect(gateway, person, { client: id });
    expect(view.client).toMatchObject({ name: "An app", kind: "document", host: "app.example" });
    expect((await use(gateway, tokens.access_token)).status).toBe(200);
    expect(fetched).toBe(1); // kept for a while
    const browser = await gateway.browser(person);
    for (const path of ["/copied.json", "/open-redirect", "/large.json", "/secret.json", "/nothing.json"]) {
      const page = await browser.authorize(request(`https://app.example${path}`, pkce().challenge));
      expect(page.pathname, path).toBe("/oauth/error");
    }
    const elsewhere = request(id, pkce().challenge, { redirect_uri: "https://attacker.example/callback" });
    expect((await browser.authorize(elsewhere)).search).toBe("?code=invalid_redirect_uri");
  });

  it("is fetched only so often for one address", async ({ world }) => {
    let fetched = 0;
    const gateway = await createOAuthGateway(world.deps, {
      fetch: async () => {
        fetched++;
        return new Response("{}", { status: 404 });
      },
    });
    ended.push(() => gateway.close());
    const browser = await gateway.browser(null);
    for (let n = 0; n < 40; n++) await browser.authorize(request(`https://app.example/${n}.json`, pkce().challenge));
    expect(fetched).toBe(30);
  });
});

/** A port of this computer that tells whether anybody came. */
async function countingTrap() {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, listening));
  ended.push(() => new Promise((done) => server.close(() => done())));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}
