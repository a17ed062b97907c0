import { afterAll, beforeAll, expect, it } from "vitest";
import { LOCK_MS } from "./lockout.ts";
import { signIn } from "./sign-in.ts";
import { createWorld, PASSWORD, type World } from "./test-world.ts";

const from = { ip: "203.0.113.7", userAgent: "test" };
const MINUTE = 60_000;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const tryIn = (email: string, password: string) => signIn(world.deps, { email, password }, from, "token");
async function failFiveTimes(email: string) {
  for (let i = 0; i < 5; i++)
    await expect(tryIn(email, `wrong ${i}`)).rejects.toMatchObject({
      kind: "unauthenticated",
      code: "auth.credentials",
    });
}

it("opens a session in the personal workspace", async () => {
  const person = await world.person();
  const { sessionId, user } = await tryIn(person.email, PASSWORD);
  expect(user).toMatchObject({ id: person.userId, workspaceId: person.workspaceId, role: "admin", tier: "free" });
  expect(await world.deps.db.authSession.findUnique({ where: { id: sessionId } })).toMatchObject({
    userId: person.userId,
    kind: "token",
    ip: from.ip,
    revokedAt: null,
  });
});

it("starts where the person left off, and in the personal workspace once that is no longer theirs", async () => {
  const [person, host] = [await world.person(), await world.person()];
  await world.join(person, host.workspaceId, "viewer");
  await world.deps.db.user.update({ where: { id: person.userId }, data: { homeWorkspaceId: host.workspaceId } });
  expect((await tryIn(person.email, PASSWORD)).user).toMatchObject({ workspaceId: host.workspaceId, role: "viewer" });
  await world.deps.db.membership.deleteMany({ where: { workspaceId: host.workspaceId, userId: person.userId } });
  expect((await tryIn(person.email, PASSWORD)).user).toMatchObject({ workspaceId: person.workspaceId, role: "admin" });
});

it("locks after five failures for fifteen minutes, also for the right password, and says until when", async () => {
  const { email } = await world.person();
  await failFiveTimes(email);
  const until = new Date(world.deps.clock.now().getTime() + LOCK_MS).toISOString();
  await expect(tryIn(email, PASSWORD)).rejects.toMatchObject({
    kind: "locked",
    code: "auth.locked",
    message: expect.stringContaining(until.slice(11, 16)),
    hints: { retryAfter: 900, extra: { lockedUntil: until } },
  });
  world.pass(LOCK_MS - 1);
  await expect(tryIn(email, PASSWORD)).rejects.toMatchObject({ code: "auth.locked" });
  world.pass(1);
  await expect(tryIn(email, PASSWORD)).resolves.toMatchObject({ user: { email } });
});

it("begins to count anew after a lock", async () => {
  const { email } = await world.person();
  await failFiveTimes(email);
  world.pass(LOCK_MS);
  await failFiveTimes(email);
  await expect(tryIn(email, PASSWORD)).rejects.toMatchObject({ code: "auth.locked" });
});

it("forgets failures at a success, and after fifteen quiet minutes", async () => {
  const { email } = await world.person();
  for (let i = 0; i < 4; i++) await expect(tryIn(email, "wrong")).rejects.toMatchObject({ code: "auth.credentials" });
  await tryIn(email, PASSWORD);
  for (let i = 0; i < 4; i++) await expect(tryIn(email, "wrong")).rejects.toMatchObject({ code: "auth.credentials" });
  world.pass(15 * MINUTE);
  await expect(tryIn(email, "wrong")).rejects.toMatchObject({ code: "auth.credentials" });
  await expect(tryIn(email, PASSWORD)).resolves.toMatchObject({ user: { email } });
});

it("answers for an unknown address as for a known one, lock included", async () => {
  await failFiveTimes("nobody@example.com");
  await expect(tryIn("nobody@example.com", PASSWORD)).rejects.toMatchObject({ kind: "locked", code: "auth.locked" });
});

it("takes about as long for an unknown address as for a wrong password", async () => {
  await tryIn("warm@example.com", PASSWORD).catch(() => undefined);
  const time = async (email: string) => {
    const started = performance.now();
    await expect(tryIn(email, "wrong")).rejects.toMatchObject({ code: "auth.credentials" });
    return performance.now() - started;
  };
  const ratios: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { email } = await world.person();
    const known = await time(email);
    ratios.push((await time(`unknown${i}@example.com`)) / known);
  }
  // Without the decoy hash the median ratio is below a third.
  expect(ratios.toSorted((a, b) => a - b)[2]).toBeGreaterThan(0.5);
});

it("looks at no more than five passwords of many that are sent at the same time", async () => {
  const { email } = await world.person();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => tryIn(email, `guess ${i}`)));
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "in"));
  expect(codes.filter((code) => code === "auth.credentials")).toHaveLength(5);
  expect(codes.every((code) => ["auth.credentials", "auth.busy", "auth.locked"].includes(code))).toBe(true);
  await expect(tryIn(email, PASSWORD)).rejects.toMatchObject({ code: "auth.locked" });
});

it("asks for verification only where an address is not verified, and only of who knows the password", async () => {
  const { email, userId } = await world.person();
  await world.deps.db.user.update({ where: { id: userId }, data: { emailVerifiedAt: null } });
  await expect(tryIn(email, "wrong")).rejects.toMatchObject({ code: "auth.credentials" });
  await expect(tryIn(email, PASSWORD)).rejects.toMatchObject({
    kind: "forbidden",
    code: "auth.unverified",
    hints: { extra: { needsVerification: true } },
  });
  expect(await world.deps.db.authSession.count({ where: { userId } })).toBe(0);
});

it("leaves an audit row for each outcome, without passwords", async () => {
  const person = await world.person();
  await expect(tryIn(person.email, "wrong-and-private")).rejects.toThrow("wrong");
  world.pass(1_000);
  await tryIn(person.email, PASSWORD);
  const rows = (await world.audit("auth.login")).filter(({ subject }) => subject === person.email);
  expect(rows).toMatchObject([
    { outcome: "refused", userId: null, detail: { reason: "auth.credentials", ip: from.ip } },
    { outcome: "ok", userId: person.userId, workspaceId: person.workspaceId },
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/wrong-and-private|turbine/);
});
