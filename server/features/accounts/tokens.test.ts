import { decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sha256 } from "../../kernel/crypto.ts";
import { signIn } from "./sign-in.ts";
import { createWorld, PASSWORD, type World } from "./test-world.ts";
import { issueTokens, readAccessToken, refresh } from "./tokens.ts";

const from = { ip: "203.0.113.7", userAgent: null };
const MINUTE = 60_000;
const DAY = 86_400_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function login() {
  const person = await world.person();
  const opened = await signIn(world.deps, { email: person.email, password: PASSWORD }, from, "token");
  return { person, sessionId: opened.sessionId, ...(await issueTokens(world.deps, opened)) };
}
const next = (refreshToken: string) => refresh(world.deps, refreshToken, from);
const read = (token: string) => readAccessToken(world.deps, token);

it("gives an access token of 15 minutes that names account, session and workspace", async () => {
  const { token, person, sessionId } = await login();
  const seconds = Math.floor(world.deps.clock.now().getTime() / 1_000);
  expect(decodeJwt(token)).toMatchObject({
    sub: person.userId,
    sid: sessionId,
    workspaceId: person.workspaceId,
    iat: seconds,
    exp: seconds + 900,
  });
  expect(await read(token)).toEqual({ userId: person.userId, sessionId });
  world.pass(15 * MINUTE);
  await expect(read(token)).rejects.toMatchObject({ kind: "unauthenticated", code: "auth.expired" });
});

it("accepts no token that is unsigned, signed with another secret, or made for something else", async () => {
  const { token } = await login();
  const claims = { ...decodeJwt(token) };
  const sign = (secret: string, typ: string) =>
    new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ }).sign(new TextEncoder().encode(secret));
  const forged = [
    new UnsecuredJWT(claims).encode(),
    await sign("another secret of thirty-two characters", "at+jwt"),
    await sign(world.deps.settings.jwtSecret, "JWT"),
    `${token.slice(0, -3)}AAA`,
    "not a token",
  ];
  for (const one of forged) await expect(read(one)).rejects.toMatchObject({ code: "auth.invalid" });
});

it("stores refresh tokens only as hashes", async () => {
  const { refreshToken, sessionId } = await login();
  expect(refreshToken).toMatch(/^osfr_[0-9a-f]{64}$/);
  expect(await world.deps.db.refreshToken.findMany({ where: { sessionId } })).toMatchObject([
    { hash: sha256(refreshToken), usedAt: null },
  ]);
});

it("rotates: each refresh brings the next pair and prolongs the sign-in", async () => {
  let { refreshToken, sessionId, person } = await login();
  for (let i = 0; i < 3; i++) {
    world.pass(5 * DAY);
    const pair = await next(refreshToken);
    expect(pair.refreshToken).not.toBe(refreshToken);
    expect(await read(pair.token)).toEqual({ userId: person.userId, sessionId });
    refreshToken = pair.refreshToken;
  }
});

it("ends the whole sign-in when a refresh token comes a second time", async () => {
  const { refreshToken, sessionId, person } = await login();
  const second = await next(refreshToken);
  await expect(next(refreshToken)).rejects.toMatchObject({ kind: "unauthenticated", code: "auth.revoked" });
  await expect(next(second.refreshToken)).rejects.toMatchObject({ code: "auth.revoked" });
  const session = await world.deps.db.authSession.findUniqueOrThrow({ where: { id: sessionId } });
  expect(session.revokedAt).toEqual(world.deps.clock.now());
  const rows = (await world.audit("auth.refresh-reuse")).filter(({ subject }) => subject === person.email);
  expect(rows).toMatchObject([{ outcome: "refused", detail: { session: sessionId, ip: from.ip } }]);
});

it("of two refreshes with one token at the same time lets one through and ends the sign-in", async () => {
  const { refreshToken, sessionId } = await login();
  const outcomes = await Promise.allSettled([next(refreshToken), next(refreshToken)]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const session = await world.deps.db.authSession.findUniqueOrThrow({ where: { id: sessionId } });
  expect(session.revokedAt).not.toBeNull();
});

it("refuses a refresh token after seven days, an unknown one, and one of an ended sign-in, and uses none up", async () => {
  const old = await login();
  world.pass(7 * DAY);
  await expect(next(old.refreshToken)).rejects.toMatchObject({ code: "auth.expired" });
  await expect(next(`osfr_${"0".repeat(64)}`)).rejects.toMatchObject({ code: "auth.invalid" });
  const ended = await login();
  await world.deps.db.authSession.update({ where: { id: ended.sessionId }, data: { revokedAt: new Date() } });
  await expect(next(ended.refreshToken)).rejects.toMatchObject({ code: "auth.revoked" });
  expect(await world.deps.db.refreshToken.findUnique({ where: { hash: sha256(ended.refreshToken) } })).toMatchObject({
    usedAt: null,
  });
});

it("refuses to refresh for who is no longer a member of the workspace", async () => {
  const { refreshToken, person } = await login();
  await world.deps.db.membership.deleteMany({ where: { userId: person.userId } });
  await expect(next(refreshToken)).rejects.toMatchObject({ code: "auth.revoked" });
});

it("keeps no expired refresh tokens of a sign-in that goes on", async () => {
  const { refreshToken, sessionId } = await login();
  world.pass(4 * DAY);
  const second = await next(refreshToken);
  world.pass(4 * DAY);
  await next(second.refreshToken);
  const kept = await world.deps.db.refreshToken.findMany({ where: { sessionId }, select: { hash: true } });
  expect(kept).toHaveLength(2);
  expect(kept.map(({ hash }) => hash)).not.toContain(sha256(refreshToken));
});
