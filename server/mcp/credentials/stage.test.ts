import { createHash } from "node:crypto";
import { createLocalJWKSet, jwtVerify } from "jose";
import { Writable } from "node:stream";
import pino from "pino";
import { expect } from "vitest";
import { putSecret } from "#server/features/secrets/index.ts";
import { startAuthorizationServer } from "#tests/support/authorization-server.ts";
import { startHeaderMirror } from "#tests/support/header-mirror.ts";
import type { Actor } from "../../kernel/actor.ts";
import { createCredentials } from "./credentials.ts";
import { authRefused } from "./source.ts";
import { it as base, otherProcess, send, upstreamWith } from "./test-upstreams.ts";

// oxlint-disable-next-line no-empty-pattern -- vitest demands the destructuring
const it = base.extend("mirror", async ({}, { onCleanup }) => {
  const server = await startHeaderMirror();
  onCleanup(server.close);
  return server;
});

const headersOf = (result: Record<string, unknown>) => result["headers"] as Record<string, string>; // of the mirror
const secret = (name: string, value: string) => ({ name, value, scope: "workspace" as const });
let count = 0;
const nameOf = () => `ups-${count++}`;

it("puts a secret of the upstream's workspace into the header that it wants", async ({ world, mirror }) => {
  const { deps } = world;
  const ana = await world.actor();
  await putSecret(deps, ana, secret("MES_TOKEN", "mes-t0ken"));
  await putSecret(deps, ana, secret("MES_KEY", "mes-key\n")); // pasted with a line break
  const bearer = upstreamWith(nameOf(), mirror.url, { kind: "bearer", token: "${MES_TOKEN}" }, ana.workspaceId);
  const keyed = upstreamWith(
    nameOf(),
    mirror.url,
    { kind: "header", header: "X-Mes-Key", value: "v1 ${MES_KEY}" },
    ana.workspaceId,
  );
  expect(headersOf(await send(deps.credentials, bearer, ana))).toMatchObject({ authorization: "Bearer mes-t0ken" });
  const headers = headersOf(await send(deps.credentials, keyed, ana));
  expect(headers).toMatchObject({ "x-mes-key": "v1 mes-key" });
  expect(headers).not.toHaveProperty("authorization");
  // The gateway's own requests carry the same.
  expect(await deps.credentials.headersFor(bearer, null)).toEqual({ Authorization: "Bearer mes-t0ken" });
  await deps.vault.flush();
  const uses = await deps.db.auditEntry.findMany({ where: { action: "secret.use", workspaceId: ana.workspaceId } });
  expect(uses.map(({ subject, detail }) => [subject, detail])).toEqual(
    expect.arrayContaining([["MES_TOKEN", { purpose: `upstream:${bearer.name}` }]]),
  );
});

it("finds no secret of another workspace for an upstream that names it", async ({ world, mirror }) => {
  const { deps } = world;
  const [ana, stranger] = [await world.actor(), await world.actor()];
  await putSecret(deps, ana, secret("PRIVATE_TOKEN", "only-ana's"));
  const thief = upstreamWith(nameOf(), mirror.url, { kind: "bearer", token: "${PRIVATE_TOKEN}" }, stranger.workspaceId);
  const shared = upstreamWith(nameOf(), mirror.url, { kind: "bearer", token: "${PRIVATE_TOKEN}" });
  for (const definition of [thief, shared])
    for (const who of [ana, stranger])
      await expect(send(deps.credentials, definition, who)).rejects.toMatchObject({ code: "secret.missing" });
  expect(mirror.seen).toHaveLength(0);
});

it("passes nothing on that could be the caller's own credential", async ({ world, mirror }) => {
  const { deps } = world;
  const ana = await world.actor();
  const open = upstreamWith(nameOf(), mirror.url, { kind: "none" });
  const own = {
    Authorization: "Bearer caller's-own",
    "proxy-authorization": "Basic caller's-own",
    Cookie: "session=caller's-own",
    "X-API-KEY": "osf_caller's-own",
    "X-NR-Pod-Secret": "caller's-own",
    "X-Correlation-ID": "kept",
  };
  const headers = headersOf(await send(deps.credentials, open, ana, { headers: own }));
  expect(headers["x-correlation-id"]).toBe("kept");
  expect(JSON.stringify(headers)).not.toContain("caller's-own");
});

it("does not show a secret that cannot be in a header", async ({ world, mirror }) => {
  const { deps } = world;
  const ana = await world.actor();
  await putSecret(deps, ana, secret("BROKEN", "first\r\nX-Evil: hidden-value"));
  const broken = upstreamWith(nameOf(), mirror.url, { kind: "bearer", token: "${BROKEN}" }, ana.workspaceId);
  const error = (await send(deps.credentials, broken, ana).catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ code: "secret.header" });
  expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("hidden-value");
  expect(mirror.seen).toHaveLength(0);
});

it("tells the upstream who calls, so that it can verify it and nobody else can use it", async ({ world, mirror }) => {
  const { deps } = world;
  const ana = await world.actor({ role: "operator" });
  const open = upstreamWith(nameOf(), mirror.url, { kind: "none" });
  const call = () =>
    send(deps.credentials, open, ana, {
      exchange: {
        caller: {
          actor: { userId: ana.userId, name: ana.name, workspaceId: ana.workspaceId, role: ana.role, via: "session" },
          through: { kind: "flow", id: "flw_1" },
          runId: "run_1",
          approverId: "usr_boss",
        },
      },
    });
  const token = headersOf(await call())["x-osf-identity"] ?? "";
  const keys = createLocalJWKSet(deps.credentials.identity.jwks as Parameters<typeof createLocalJWKSet>[0]); // as served
  const options = { issuer: "http://localhost", audience: new URL(mirror.url).origin, algorithms: ["EdDSA"] };
  const { payload } = await jwtVerify(token, keys, options);
  expect(payload).toMatchObject({
    sub: ana.userId,
    workspace: ana.workspaceId,
    role: "operator",
    through: { kind: "flow", id: "flw_1" },
    run: "run_1",
    approver: "usr_boss",
    tool: "echo",
    args: createHash("sha256").update('{"a":"x","b":1}').digest("hex"),
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  await expect(jwtVerify(token, keys, { ...options, audience: "https://other.example" })).rejects.toThrow(/aud/);
  const another = headersOf(await call())["x-osf-identity"] ?? "";
  expect((await jwtVerify(another, keys, options)).payload.jti).not.toBe(payload.jti);
  // Another process has the same key; another installation has not.
  const twin = otherProcess(world);
  expect(twin.identity.jwks).toEqual(deps.credentials.identity.jwks);
  await twin.close();
  const [head = "", body = "", signature = ""] = token.split(".");
  const forged = Buffer.from(JSON.stringify({ ...payload, sub: "usr_other" })).toString("base64url");
  await expect(jwtVerify(`${head}.${forged}.${signature}`, keys, options)).rejects.toThrow(/signature/);
  expect(body).not.toBe(forged);
});

it("fetches one token of client credentials for all who call at once, renews it, and once more where it is refused", async ({
  world,
  issuer,
  upstream,
}) => {
  let now = Date.now();
  const ana = await world.actor();
  const { deps } = world;
  const credentials = otherProcess(world, () => new Date(now));
  await putSecret(deps, ana, secret("CRM_SECRET", "crm-s3cret"));
  issuer.register("crm", { secret: "crm-s3cret", redirectUris: [] });
  const auth = {
    kind: "oauth-client" as const,
    clientId: "crm",
    clientSecret: "${CRM_SECRET}",
    scopes: ["plant.read"],
  };
  const crm = upstreamWith(nameOf(), upstream.url, auth, ana.workspaceId);
  await Promise.all(Array.from({ length: 10 }, () => send(credentials, crm, ana)));
  expect(issuer.tokenRequests).toHaveLength(1);
  expect(issuer.tokenRequests[0]?.form.get("resource")).toBe(upstream.url);

  now += (3_600 - 59) * 1_000;
  await send(credentials, crm, ana);
  expect(issuer.tokenRequests).toHaveLength(2);

  issuer.revokeAll();
  await send(credentials, crm, ana);
  expect(issuer.tokenRequests).toHaveLength(3);

  upstream.needs = "plant.write"; // said by 403: asked for too, once
  await send(credentials, crm, ana);
  expect(issuer.tokenRequests.at(-1)?.form.get("scope")?.split(" ")).toContain("plant.write");
  await credentials.close();
});

it("sends the secret of a client to no other issuer that an upstream comes to name", async ({
  world,
  issuer,
  upstream,
}) => {
  let now = Date.now();
  const ana = await world.actor();
  await putSecret(world.deps, ana, secret("CRM_SECRET", "crm-s3cret"));
  const thief = await startAuthorizationServer();
  for (const one of [issuer, thief]) one.register("crm", { secret: "crm-s3cret", redirectUris: [] });
  const auth = { kind: "oauth-client" as const, clientId: "crm", clientSecret: "${CRM_SECRET}" };
  const crm = upstreamWith(nameOf(), upstream.url, auth, ana.workspaceId);
  const credentials = otherProcess(world, () => new Date(now));
  await send(credentials, crm, ana);
  upstream.issuer = thief;
  now += 2 * 3_600_000; // the token has ended, and what is remembered of the issuer
  const fresh = otherProcess(world);
  for (const process of [credentials, fresh])
    await expect(send(process, crm, ana)).rejects.toMatchObject({
      code: "upstream.auth",
      message: expect.stringContaining("another than the one the client id was entered for"),
    });
  expect(thief.tokenRequests).toEqual([]);
  // Its administrator has moved it: whoever does that says where the secret goes.
  const moved = { ...crm, url: upstream.url.replace("127.0.0.1", "localhost") };
  upstream.url = moved.url;
  await send(fresh, moved, ana);
  expect(thief.tokenRequests).toHaveLength(1);
  await Promise.all([credentials.close(), fresh.close(), thief.close()]);
});

it("repeats a refused call once and no more", async ({ world, issuer, upstream }) => {
  const ana = await world.actor();
  const { deps } = world;
  await putSecret(deps, ana, secret("CRM_SECRET", "crm-s3cret"));
  issuer.register("crm", { secret: "crm-s3cret", redirectUris: [] });
  issuer.lifeS = 0; // no token is ever good
  const auth = { kind: "oauth-client" as const, clientId: "crm", clientSecret: "${CRM_SECRET}" };
  const crm = upstreamWith(nameOf(), upstream.url, auth, ana.workspaceId);
  await expect(send(deps.credentials, crm, ana)).rejects.toMatchObject({ code: "upstream.auth" });
  expect(upstream.seen).toHaveLength(2);
});

it("does not repeat a call that failed for another reason", async ({ world, mirror }) => {
  const { credentials } = world.deps;
  const ana = await world.actor();
  const open = upstreamWith(nameOf(), mirror.url, { kind: "none" });
  let tries = 0;
  const target = { definition: open, headers: {} };
  const exchange = {
    caller: { actor: ana, through: { kind: "program" as const } },
    method: "tools/call",
    params: { name: "x" },
    capabilities: {},
    timeoutMs: 1_000,
  };
  const failing = (error: Error) =>
    credentials.stage(exchange, target, () => {
      tries++;
      return Promise.reject(error);
    });
  await expect(failing(new Error("broken"))).rejects.toThrow("broken");
  await expect(failing(authRefused(open, { status: 401, wwwAuthenticate: null }))).rejects.toMatchObject({
    code: "upstream.auth",
  });
  expect(tries).toBe(2);
});

it("lets no secret and no token into logs, errors, events, rows or the audit", async ({ world, issuer, upstream }) => {
  const { deps } = world;
  const ana = await world.actor();
  const lines: string[] = [];
  const sink = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  const log = pino({ level: "trace" }, sink);
  const events: string[] = [];
  const end = deps.live.subscribe("connections", (payload) => events.push(payload));
  const credentials = createCredentials({ ...deps, log });
  await putSecret(deps, ana, secret("CRM_SECRET", "crm-s3cret-value"));
  const redirectUris = [`${deps.settings.publicUrl}/connections/callback`];
  issuer.register("crm", { secret: "crm-s3cret-value", redirectUris });
  const named = { clientId: "crm", clientSecret: "${CRM_SECRET}" };
  const machine = upstreamWith(nameOf(), upstream.url, { kind: "oauth-client", ...named }, ana.workspaceId);
  const personal = upstreamWith(nameOf(), upstream.url, { kind: "oauth-user", ...named }, ana.workspaceId);
  const errors: unknown[] = [];
  const keep = (error: unknown) => {
    errors.push(error);
    log.error({ err: error }, "as a request that fails is logged");
  };
  const connect = async (as: Actor) => {
    const address = await credentials.authorization.start(personal, as, { returnTo: "/" });
    const { searchParams } = await issuer.consent(address);
    const find = async () => personal;
    return credentials.authorization.finish(searchParams, as, find, async () => undefined);
  };
  await send(credentials, machine, ana);
  await connect(ana);
  await send(credentials, personal, ana);
  const issued = upstream.seen.map(({ authorization }) => authorization?.replace("Bearer ", "") ?? "");
  // Everything that can go wrong, at a server that repeats in its errors what it was sent.
  issuer.register("crm", { secret: "another", redirectUris });
  issuer.revokeAll();
  await send(credentials, machine, ana).catch(keep);
  await send(credentials, personal, ana).catch(keep);
  await connect(ana).catch(keep);
  expect(errors).toHaveLength(3);
  await deps.vault.flush();

  const rows = await Promise.all([
    deps.db.auditEntry.findMany(),
    deps.db.upstreamCredential.findMany(),
    deps.db.upstreamAuthorization.findMany(),
    deps.db.secret.findMany(),
    deps.db.secretKey.findMany(),
  ]);
  const everything = JSON.stringify([lines, events, rows, errors.map(inFull)]);
  const secrets = ["crm-s3cret-value", ...issued, ...issuer.tokenRequests.flatMap(({ form }) => secretsIn(form))];
  expect(secrets.length).toBeGreaterThan(5);
  for (const one of secrets) expect(everything).not.toContain(one);
  end();
  await credentials.close();
});

const secretsIn = (form: URLSearchParams) =>
  ["code", "code_verifier", "refresh_token", "client_secret"].flatMap((name) => form.get(name) ?? []);

/** With everything that an inspector or a logger would find. */
function inFull(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return { ...error, message: error.message, stack: error.stack, cause: inFull(error.cause) };
}
