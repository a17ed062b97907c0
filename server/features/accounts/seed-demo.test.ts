import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, it } from "vitest";
import { seedDemo } from "../../../prisma/seed/demo.ts";
import { changePassword } from "./profile.ts";
import { signIn } from "./sign-in.ts";
import { createWorld, type World } from "./test-world.ts";

let world: World;
let folder: string;
let accountsFile: string;
beforeEach(async () => {
  world = await createWorld({ demo: true });
  folder = await mkdtemp(path.join(os.tmpdir(), "osf-seed-"));
  accountsFile = path.join(folder, "demo-accounts.json");
});
afterEach(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

const seed = (url = "http://localhost:8080") => seedDemo({ databaseUrl: world.url, accountsFile, url });
const enter = (account: { email: string; password: string }) =>
  signIn(
    world.deps,
    { email: account.email, password: account.password },
    { ip: "127.0.0.1", userAgent: null },
    "browser",
  );

it("creates three people who can sign in, each in the shared workspace with their role", async () => {
  const { accounts } = await seed();
  expect(accounts.map(({ email, role }) => [email, role])).toEqual([
    ["admin@demo.local", "admin"],
    ["engineer@demo.local", "editor"],
    ["operator@demo.local", "operator"],
  ]);
  for (const account of accounts)
    expect((await enter(account)).user).toMatchObject({
      workspaceId: "wsp_demo",
      role: account.role,
      owner: account.role === "admin",
    });
  expect(await world.deps.db.workspace.findMany({ where: { personal: false } })).toMatchObject([
    { name: "Demo plant" },
  ]);
  expect(await world.deps.db.workspace.count({ where: { personal: true } })).toBe(3);
});

it("writes the passwords where only their owner reads them", async () => {
  const answer = await seed();
  expect((await stat(accountsFile)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(accountsFile, "utf8"))).toEqual(answer);
});

it("changes nothing at later starts but the address", async () => {
  const first = await seed();
  const before = await world.deps.db.user.findMany({ orderBy: { id: "asc" } });
  const again = await seed("http://localhost:9090");
  expect(again).toEqual({ ...first, url: "http://localhost:9090" });
  expect(JSON.parse(await readFile(accountsFile, "utf8"))).toEqual(again);
  expect(await world.deps.db.user.findMany({ orderBy: { id: "asc" } })).toEqual(before);
});

it.each(["lost", "damaged"])("gives new passwords when the file is %s, to the same people", async (how) => {
  const first = await seed();
  const people = await world.deps.db.user.findMany({ select: { id: true }, orderBy: { id: "asc" } });
  await (how === "lost" ? rm(accountsFile) : writeFile(accountsFile, "{"));
  const second = await seed();
  for (const [i, account] of second.accounts.entries()) {
    expect(account.password).not.toBe(first.accounts[i]?.password);
    await expect(enter(account)).resolves.toBeDefined();
  }
  expect(await world.deps.db.user.findMany({ select: { id: true }, orderBy: { id: "asc" } })).toEqual(people);
});

it("creates the people anew, with the passwords of the file, when the database is", async () => {
  const first = await seed();
  await world.deps.db.user.deleteMany();
  await world.deps.db.workspace.deleteMany();
  expect(await seed()).toEqual(first);
  for (const account of first.accounts) await expect(enter(account)).resolves.toBeDefined();
});

it("leaves a password that somebody changed, and a workspace that somebody chose", async () => {
  const [admin] = (await seed()).accounts;
  if (!admin) throw new Error("no admin was seeded");
  const user = await world.deps.db.user.findUniqueOrThrow({ where: { email: admin.email } });
  const { sessionId } = await enter(admin);
  const newPassword = "quiet harbour, late ferry";
  const actor = {
    userId: user.id,
    name: user.name,
    email: user.email,
    workspaceId: "wsp_demo",
    credentialId: sessionId,
  };
  await changePassword(
    world.deps,
    { ...actor, role: "admin", owner: true, via: "session", scopes: null },
    { currentPassword: admin.password, newPassword },
  );
  await world.deps.db.user.update({ where: { id: user.id }, data: { homeWorkspaceId: null } });
  await seed();
  expect((await enter({ email: admin.email, password: newPassword })).user.workspaceId).not.toBe("wsp_demo");
});

it("may run twice at the same time", async () => {
  const copy = path.join(folder, "other.json");
  await Promise.all([seed(), seedDemo({ databaseUrl: world.url, accountsFile: copy, url: "http://localhost:1" })]);
  expect(await world.deps.db.user.count()).toBe(3);
  expect(await world.deps.db.membership.count({ where: { workspaceId: "wsp_demo" } })).toBe(3);
});

it("runs as a part of the start: takes its configuration over IPC and ends when it is told to", async () => {
  const file = path.resolve(import.meta.dirname, "../../../prisma/seed/demo-part.ts");
  const part = fork(file, { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
  part.send({ type: "start", config: { databaseUrl: world.url, accountsFile, url: "http://localhost:8080" } });
  const [message] = await once(part, "message");
  expect(message).toEqual({ type: "ready", info: JSON.parse(await readFile(accountsFile, "utf8")) });
  part.send({ type: "stop" });
  expect((await once(part, "exit"))[0]).toBe(0);
});
