import { afterAll, beforeAll, expect, it } from "vitest";
import { signIn } from "../accounts/index.ts";
import { createWorld, PASSWORD, type World } from "../accounts/test-world.ts";
import { listMembers, listWorkspaces, renameWorkspace, switchWorkspace } from "./index.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it("lists the person's workspaces with their role in each, the personal one first", async () => {
  const [host, guest] = [await world.person({ name: "Aaron" }), await world.person({ name: "Zoe" })];
  await world.deps.db.workspace.update({ where: { id: host.workspaceId }, data: { personal: false } });
  await world.join(guest, host.workspaceId, "operator");
  expect(await listWorkspaces(world.deps, guest)).toMatchObject([
    { id: guest.workspaceId, personal: true, role: "admin", current: true },
    { id: host.workspaceId, personal: false, role: "operator", current: false },
  ]);
  expect(await listWorkspaces(world.deps, host)).toHaveLength(1);
});

it("shows an API key only the workspace that it belongs to, and does not move it", async () => {
  const [host, guest] = [await world.person(), await world.person()];
  await world.join(guest, host.workspaceId, "operator");
  const key = { ...guest, via: "api-key" as const };
  expect(await listWorkspaces(world.deps, key)).toMatchObject([{ id: guest.workspaceId }]);
  await expect(switchWorkspace(world.deps, key, { id: host.workspaceId })).rejects.toMatchObject({
    code: "workspace.bound",
  });
});

it("moves the sign-in, and the next one starts there", async () => {
  const [host, guest] = [await world.person(), await world.person()];
  await world.join(guest, host.workspaceId, "editor");
  const enter = () =>
    signIn(world.deps, { email: guest.email, password: PASSWORD }, { ip: "203.0.113.4", userAgent: null }, "browser");
  const { sessionId } = await enter();
  await switchWorkspace(world.deps, { ...guest, credentialId: sessionId }, { id: host.workspaceId });
  expect(await world.deps.db.authSession.findUnique({ where: { id: sessionId } })).toMatchObject({
    workspaceId: host.workspaceId,
  });
  expect((await enter()).user).toMatchObject({ workspaceId: host.workspaceId, role: "editor" });
});

it("does not know another's workspace, nor one that does not exist, with the same answer", async () => {
  const [host, stranger] = [await world.person(), await world.person()];
  const answers = await Promise.all(
    [host.workspaceId, "wsp_nowhere"].map((id) => switchWorkspace(world.deps, stranger, { id }).catch((e: Error) => e)),
  );
  expect(answers).toMatchObject([{ kind: "missing" }, { kind: "missing" }]);
  expect(String(answers[0])).toBe(String(answers[1]));
});

it("is renamed by its admin only", async () => {
  const [host, guest] = [await world.person(), await world.person()];
  const operator = await world.join(guest, host.workspaceId, "operator");
  await expect(renameWorkspace(world.deps, operator, { name: "Mine" })).rejects.toMatchObject({ kind: "forbidden" });
  await renameWorkspace(world.deps, host, { name: "Werk Nord" });
  expect((await listWorkspaces(world.deps, host))[0]?.name).toBe("Werk Nord");
  expect((await listWorkspaces(world.deps, guest)).find(({ personal }) => personal)?.name).not.toBe("Werk Nord");
});

it("lists members page by page, of the actor's workspace only", async () => {
  const host = await world.person();
  for (let i = 0; i < 3; i++) await world.join(await world.person(), host.workspaceId, "viewer");
  const first = await listMembers(world.deps, host, { limit: 3 });
  const second = await listMembers(world.deps, host, { limit: 3, cursor: first.nextCursor ?? "" });
  const ids = [...first.items, ...second.items].map(({ userId }) => userId);
  expect(ids).toHaveLength(4);
  expect(new Set(ids).size).toBe(4);
  expect(second.nextCursor).toBeNull();
  const stranger = await world.person();
  expect((await listMembers(world.deps, stranger, { limit: 50 })).items).toMatchObject([{ userId: stranger.userId }]);
});
