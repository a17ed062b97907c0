import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createApiKey, issueTokens, signIn } from "../features/accounts/index.ts";
import { CreateApiKey } from "../features/accounts/schema.ts";
import { createWorld, PASSWORD, type World } from "../features/accounts/test-world.ts";
import type { Actor } from "../kernel/actor.ts";
import { actorForRequest, actorForSession } from "./actor.ts";
import { cookieName, cookieSecret, isSameOrigin } from "./session-cookie.ts";

const from = { ip: "203.0.113.7", userAgent: null };
const MINUTE = 60_000;
const DAY = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const ask = (headers: Record<string, string>, method = "GET") =>
  actorForRequest(world.deps, { headers: new Headers(headers), method });

async function byToken(person?: Actor) {
  const who = person ?? (await world.person());
  const opened = await signIn(world.deps, { email: who.email, password: PASSWORD }, from, "token");
  const { token } = await issueTokens(world.deps, opened);
  return { who, sessionId: opened.sessionId, headers: { authorization: `Bearer ${token}` } };
}

async function byCookie(person?: Actor, maxAge = 30 * 86_400) {
  const who = person ?? (await world.person());
  const { sessionId } = await signIn(world.deps, { email: who.email, password: PASSWORD }, from, "browser");
  const { settings } = world.deps;
  const token = { sub: who.userId, sid: sessionId };
  const value = await encode({ token, secret: cookieSecret(settings), maxAge });
  return { who, sessionId, value, headers: { cookie: `theme=dark; ${cookieName(settings, "session")}=${value}` } };
}

async function byKey(scopes: string[] = [], person?: Actor, expiresAt?: Date) {
  const who = person ?? (await world.person());
  const { key, id } = await createApiKey(world.deps, who, CreateApiKey.parse({ name: "k", scopes, expiresAt }));
  return { who, id, key, headers: { "x-api-key": key } };
}

const revokeSession = (id: string) =>
  world.deps.db.authSession.update({ where: { id }, data: { revokedAt: world.deps.clock.now() } });

describe("an access token", () => {
  it("acts for its person in the session's workspace, with the role of now", async () => {
    const { who, headers, sessionId } = await byToken();
    expect(await ask(headers, "POST")).toEqual({
      userId: who.userId,
      name: who.name,
      email: who.email,
      workspaceId: who.workspaceId,
      role: "admin",
      owner: false,
      via: "token",
      credentialId: sessionId,
      scopes: null,
    });
    await world.deps.db.membership.updateMany({ where: { userId: who.userId }, data: { role: "viewer" } });
    expect(await ask(headers)).toMatchObject({ role: "viewer" });
  });

  it("is refused when it has expired, its session was ended, or the person left the workspace", async () => {
    const [old, ended, left] = [await byToken(), await byToken(), await byToken()];
    await revokeSession(ended.sessionId);
    await expect(ask(ended.headers)).rejects.toMatchObject({ kind: "unauthenticated", code: "auth.revoked" });
    await world.deps.db.membership.deleteMany({ where: { userId: left.who.userId } });
    await expect(ask(left.headers)).rejects.toMatchObject({ code: "auth.revoked" });
    world.pass(15 * MINUTE);
    await expect(ask(old.headers)).rejects.toMatchObject({ code: "auth.expired" });
  });

  it("is refused once its account is deleted", async () => {
    const { who, headers } = await byToken();
    await world.deps.db.user.delete({ where: { id: who.userId } });
    await expect(ask(headers)).rejects.toMatchObject({ code: "auth.revoked" });
  });

  it("that is wrong is not made up for by a valid cookie", async () => {
    const { headers } = await byCookie();
    await expect(ask({ ...headers, authorization: "Bearer nonsense" })).rejects.toMatchObject({ code: "auth.invalid" });
    await expect(ask({ ...headers, authorization: "Basic eDp5" })).rejects.toMatchObject({ code: "auth.invalid" });
  });
});

describe("an API key", () => {
  it("acts in its workspace, limited to its scopes, also as bearer", async () => {
    const { who, id, key, headers } = await byKey(["run.read"]);
    const actor = await ask(headers, "POST");
    expect(actor).toMatchObject({ userId: who.userId, via: "api-key", credentialId: id, scopes: ["run.read"] });
    expect(await ask({ authorization: `Bearer ${key}` })).toEqual(actor);
    expect(await ask((await byKey()).headers)).toMatchObject({ scopes: null });
  });

  it("is refused when unknown, malformed, expired or revoked, each by its code", async () => {
    const ends = new Date(world.deps.clock.now().getTime() + MINUTE);
    const [short, gone] = [await byKey([], undefined, ends), await byKey()];
    await world.deps.db.apiKey.update({ where: { id: gone.id }, data: { revokedAt: new Date() } });
    world.pass(MINUTE);
    const codes = await Promise.all(
      [`osf_${"0".repeat(32)}`, "osf_short", "x", gone.key, short.key].map((key) =>
        ask({ "x-api-key": key }).then(
          () => "in",
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(codes).toEqual(["auth.invalid", "auth.invalid", "auth.invalid", "auth.revoked", "auth.expired"]);
  });

  it("ends with its owner's membership, and falls back to no other workspace", async () => {
    const [host, guest] = [await world.person(), await world.person()];
    const there = await world.join(guest, host.workspaceId, "editor");
    const { headers } = await byKey([], there);
    expect(await ask(headers)).toMatchObject({ workspaceId: host.workspaceId, role: "editor" });
    await world.deps.db.membership.deleteMany({ where: { userId: guest.userId, workspaceId: host.workspaceId } });
    await expect(ask(headers)).rejects.toMatchObject({ code: "auth.revoked" });
  });

  it("notes its last use at most once a minute", async () => {
    const { id, headers } = await byKey();
    const lastUsed = async () => (await world.deps.db.apiKey.findUniqueOrThrow({ where: { id } })).lastUsedAt;
    const first = world.deps.clock.now();
    await ask(headers);
    world.pass(MINUTE - 1);
    await ask(headers);
    expect(await lastUsed()).toEqual(first);
    world.pass(1);
    await ask(headers);
    expect(await lastUsed()).toEqual(world.deps.clock.now());
  });
});

describe("a session cookie", () => {
  it("acts for its person; cut into chunks it is put together in order", async () => {
    const { who, sessionId, headers, value } = await byCookie();
    expect(await ask(headers)).toMatchObject({ userId: who.userId, via: "session", credentialId: sessionId });
    const name = cookieName(world.deps.settings, "session");
    const [a, b, c] = [value.slice(0, 40), value.slice(40, 90), value.slice(90)];
    expect(await ask({ cookie: `${name}.1=${b}; ${name}.0=${a}; ${name}.2=${c}` })).toMatchObject({
      credentialId: sessionId,
    });
  });

  it("is missing, expired, foreign or revoked, each by its code", async () => {
    const expired = await byCookie(undefined, -60);
    const revoked = await byCookie();
    await revokeSession(revoked.sessionId);
    const name = cookieName(world.deps.settings, "session");
    const foreign = await encode({ token: { sub: "usr_x", sid: "ses_x" }, secret: "another secret" });
    await expect(ask({})).rejects.toMatchObject({ kind: "unauthenticated", code: "auth.missing" });
    await expect(ask(expired.headers)).rejects.toMatchObject({ code: "auth.expired" });
    await expect(ask(revoked.headers)).rejects.toMatchObject({ code: "auth.revoked" });
    await expect(ask({ cookie: `${name}=${foreign}` })).rejects.toMatchObject({ code: "auth.invalid" });
  });

  it("of another instance on the same host is not looked at", async () => {
    const { value } = await byCookie();
    await expect(ask({ cookie: `osf-8081.session=${value}` })).rejects.toMatchObject({ code: "auth.missing" });
  });

  it("does not take over the session of another account, nor that of a program", async () => {
    const [mine, theirs, program] = [await byCookie(), await byCookie(), await byToken()];
    const { settings } = world.deps;
    const wear = async (sub: string, sid: string) => ({
      cookie: `${cookieName(settings, "session")}=${await encode({ token: { sub, sid }, secret: cookieSecret(settings) })}`,
    });
    for (const sid of [theirs.sessionId, program.sessionId])
      await expect(ask(await wear(mine.who.userId, sid))).rejects.toMatchObject({ code: "auth.revoked" });
  });

  it("lives a week from its last use, and thirty days in all", async () => {
    const { headers } = await byCookie();
    for (let day = 0; day < 24; day += 6) {
      world.pass(6 * DAY);
      await ask(headers);
    }
    world.pass(6 * DAY - 1);
    await ask(headers);
    world.pass(1);
    await expect(ask(headers)).rejects.toMatchObject({ code: "auth.expired" });
    const unused = await byCookie();
    world.pass(7 * DAY);
    await expect(ask(unused.headers)).rejects.toMatchObject({ code: "auth.expired" });
  });

  it("goes on in the personal workspace when the other was left", async () => {
    const [host, guest] = [await world.person(), await world.person()];
    await world.join(guest, host.workspaceId, "operator");
    await world.deps.db.user.update({ where: { id: guest.userId }, data: { homeWorkspaceId: host.workspaceId } });
    const { headers } = await byCookie(guest);
    expect(await ask(headers)).toMatchObject({ workspaceId: host.workspaceId, role: "operator" });
    await world.deps.db.membership.deleteMany({ where: { userId: guest.userId, workspaceId: host.workspaceId } });
    expect(await ask(headers)).toMatchObject({ workspaceId: guest.workspaceId, role: "admin" });
  });

  it("changes something only for pages of ours", async () => {
    const { headers } = await byCookie();
    const host = "gateway.plant:8080";
    const post = (more: Record<string, string>) => ask({ ...headers, host, ...more }, "POST");
    const foreign = { kind: "forbidden", code: "auth.origin" };
    await expect(post({})).rejects.toMatchObject(foreign);
    await expect(post({ origin: "https://evil.example" })).rejects.toMatchObject(foreign);
    await expect(post({ origin: "null", "sec-fetch-site": "cross-site" })).rejects.toMatchObject(foreign);
    await expect(post({ origin: "http://gateway.plant:9090" })).rejects.toMatchObject(foreign);
    await expect(post({ origin: "http://gateway.plant:8080.evil.example" })).rejects.toMatchObject(foreign);
    await expect(post({ "sec-fetch-site": "same-site" })).rejects.toMatchObject(foreign);
    for (const ours of [
      { origin: "http://gateway.plant:8080" },
      { origin: "http://localhost:8080" },
      { "sec-fetch-site": "same-origin" },
    ])
      await expect(post(ours)).resolves.toMatchObject({ via: "session" });
    await expect(ask({ ...headers, host, origin: "https://evil.example" }, "GET")).resolves.toBeDefined();
  });

  it("for a page is nobody rather than a failure where it no longer holds", async () => {
    const { headers, who, sessionId } = await byCookie();
    expect(await actorForSession(world.deps, new Headers(headers))).toMatchObject({ userId: who.userId });
    await revokeSession(sessionId);
    expect(await actorForSession(world.deps, new Headers(headers))).toBeNull();
    expect(await actorForSession(world.deps, new Headers())).toBeNull();
  });
});

it("asks for an https origin where the public address is https", () => {
  const settings = { publicUrl: "https://osf.example.com" };
  const same = (origin: string) => isSameOrigin(settings, new Headers({ origin, host: "osf.example.com" }));
  expect(same("https://osf.example.com")).toBe(true);
  expect(same("http://osf.example.com")).toBe(false);
});

it("names cookies by port, and marks them secure where the public address is https", () => {
  const settings = { jwtSecret: "x", port: 8080 };
  expect(cookieName({ ...settings, publicUrl: "http://localhost:8080" }, "session")).toBe("osf-8080.session");
  const secure = { ...settings, publicUrl: "https://osf.example.com" };
  expect(cookieName(secure, "session")).toBe("__Secure-osf-8080.session");
  expect(cookieName(secure, "csrf")).toBe("__Host-osf-8080.csrf");
});

it("asks the database once for each credential", async () => {
  const [token, key, cookie] = [await byToken(), await byKey(), await byCookie()];
  for (const { headers } of [token, key, cookie]) await ask(headers); // notes the use, as at most once a minute
  for (const { headers } of [token, key, cookie]) {
    const query = vi.spyOn(world.deps.sql, "query");
    await ask(headers);
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
  }
});
