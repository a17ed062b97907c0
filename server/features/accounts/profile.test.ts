import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "../../kernel/actor.ts";
import { changePassword, me, updateProfile } from "./profile.ts";
import { listSessions, revokeSession } from "./sessions.ts";
import { signIn } from "./sign-in.ts";
import { createWorld, PASSWORD, type World } from "./test-world.ts";

const NEXT = "quiet harbour, late ferry";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function signedIn(person?: Actor): Promise<Actor> {
  const who = person ?? (await world.person());
  const from = { ip: "203.0.113.9", userAgent: "Mozilla/5.0" };
  const { sessionId } = await signIn(world.deps, { email: who.email, password: PASSWORD }, from, "browser");
  return { ...who, credentialId: sessionId };
}

it("tells who and where one is, and exactly what one may do there", async () => {
  const [host, guest] = [await world.person(), await world.person()];
  const viewer = await world.join(guest, host.workspaceId, "viewer");
  const answer = await me(world.deps, viewer);
  expect(answer).toMatchObject({ user: { id: guest.userId }, workspace: { id: host.workspaceId }, role: "viewer" });
  expect(answer.permissions).toContain("run.read");
  expect(answer.permissions).not.toContain("run.control");
  const scoped = await me(world.deps, { ...viewer, via: "api-key", scopes: ["run.read"] });
  expect(scoped.permissions).toEqual(["run.read"]);
});

it("does not show a workspace to who is not in it", async () => {
  const [host, stranger] = [await world.person(), await world.person()];
  await expect(me(world.deps, { ...stranger, workspaceId: host.workspaceId })).rejects.toMatchObject({
    kind: "missing",
  });
});

it("changes the name", async () => {
  const actor = await world.person();
  await updateProfile(world.deps, actor, { name: "Ana K." });
  expect((await world.deps.db.user.findUniqueOrThrow({ where: { id: actor.userId } })).name).toBe("Ana K.");
});

it("lists the person's own sign-ins that work, and ends them one by one", async () => {
  const first = await signedIn();
  world.pass(60_000);
  const second = await signedIn(first);
  expect(await listSessions(world.deps, second)).toMatchObject([
    { id: second.credentialId, current: true, userAgent: "Mozilla/5.0", ip: "203.0.113.9", kind: "browser" },
    { id: first.credentialId, current: false },
  ]);
  await revokeSession(world.deps, second, { id: first.credentialId });
  expect(await listSessions(world.deps, second)).toMatchObject([{ id: second.credentialId }]);
  await expect(revokeSession(world.deps, second, { id: first.credentialId })).rejects.toMatchObject({
    kind: "missing",
  });
});

it("lets nobody end another's sign-in", async () => {
  const [actor, stranger] = [await signedIn(), await signedIn()];
  await expect(revokeSession(world.deps, stranger, { id: actor.credentialId })).rejects.toMatchObject({
    kind: "missing",
  });
  expect(await listSessions(world.deps, actor)).toHaveLength(1);
});

it("changes the password, ends the other sign-ins and keeps the one in use", async () => {
  const other = await signedIn();
  const actor = await signedIn(other);
  expect(await changePassword(world.deps, actor, { currentPassword: PASSWORD, newPassword: NEXT })).toEqual({
    endedSessions: 1,
  });
  expect(await listSessions(world.deps, actor)).toMatchObject([{ id: actor.credentialId, current: true }]);
  await expect(signedIn(actor)).rejects.toMatchObject({ code: "auth.credentials" });
  expect(JSON.stringify(await world.audit("account.password"))).not.toMatch(/harbour|turbine/);
});

it("refuses a wrong current and a weak new password, each at its field", async () => {
  const actor = await signedIn();
  await expect(
    changePassword(world.deps, actor, { currentPassword: "not it", newPassword: NEXT }),
  ).rejects.toMatchObject({ code: "password.wrong", hints: { fields: [{ path: "currentPassword" }] } });
  await expect(
    changePassword(world.deps, actor, { currentPassword: PASSWORD, newPassword: "12345678" }),
  ).rejects.toMatchObject({ code: "password.weak", hints: { fields: [{ path: "newPassword" }] } });
});

it("locks the guessing of the current password as that at sign-in", async () => {
  const actor = await signedIn();
  const guess = (currentPassword: string) => changePassword(world.deps, actor, { currentPassword, newPassword: NEXT });
  for (let i = 0; i < 5; i++) await expect(guess(`no ${i}`)).rejects.toMatchObject({ code: "password.wrong" });
  await expect(guess(PASSWORD)).rejects.toMatchObject({ kind: "locked" });
});
