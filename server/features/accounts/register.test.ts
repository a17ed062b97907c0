import { afterEach, beforeEach, expect, it } from "vitest";
import { register } from "./register.ts";
import { Register } from "./schema.ts";
import { createWorld, PASSWORD, type World } from "./test-world.ts";

const from = { ip: "203.0.113.7" };
const input = (more: Partial<Register> = {}) => ({
  email: "ana@example.com",
  password: PASSWORD,
  name: "Ana",
  ...more,
});

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

it("creates the account, verified, with a personal workspace that it administers", async () => {
  const { userId, workspaceId } = await register(world.deps, input(), from);
  const user = await world.deps.db.user.findUniqueOrThrow({
    where: { id: userId },
    include: { memberships: { include: { workspace: true } } },
  });
  expect(user).toMatchObject({ email: "ana@example.com", name: "Ana" });
  expect(user.emailVerifiedAt).toEqual(world.deps.clock.now());
  expect(user.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(user.memberships).toMatchObject([{ workspaceId, role: "admin", workspace: { personal: true } }]);
});

it("stores addresses in lower case, so that a second spelling is the same account", async () => {
  await register(world.deps, Register.parse(input({ email: "  Ana@Example.COM " })), from);
  expect(await world.deps.db.user.findMany({ select: { email: true } })).toEqual([{ email: "ana@example.com" }]);
  await expect(register(world.deps, Register.parse(input({ email: "ANA@example.com" })), from)).rejects.toMatchObject({
    kind: "conflict",
    code: "account.exists",
  });
});

it.each(["", "ana", "ana@", "@example.com", "a b@example.com", `${"a".repeat(250)}@example.com`])(
  "refuses %j as an address",
  (email) => {
    expect(Register.safeParse(input({ email })).success).toBe(false);
  },
);

it("refuses a weak password with the field and the remedy, and creates nothing", async () => {
  await expect(register(world.deps, input({ password: "Password1" }), from)).rejects.toMatchObject({
    kind: "unprocessable",
    code: "password.weak",
    hints: { fields: [{ path: "password", message: expect.stringMatching(/use several unrelated words/) }] },
  });
  expect(await world.deps.db.user.count()).toBe(0);
});

it("of many registrations of one address at the same time lets one through, whole", async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => register(world.deps, input(), from)));
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "created"));
  expect(codes.toSorted()).toEqual([...Array<string>(7).fill("account.exists"), "created"]);
  expect(await world.deps.db.user.count()).toBe(1);
  expect(await world.deps.db.workspace.count()).toBe(1);
  expect(await world.audit("auth.register")).toHaveLength(1);
});

it("makes the first account the owner of the installation, and only one of several first ones", async () => {
  await Promise.all(
    ["a", "b", "c", "d"].map((who) => register(world.deps, input({ email: `${who}@example.com` }), from)),
  );
  expect(await world.deps.db.user.count({ where: { owner: true } })).toBe(1);
  await register(world.deps, input({ email: "late@example.com" }), from);
  expect(await world.deps.db.user.findUnique({ where: { email: "late@example.com" } })).toMatchObject({ owner: false });
});

it("makes nobody an owner in demo mode", async () => {
  const demo = await createWorld({ demo: true });
  try {
    await register(demo.deps, input(), from);
    expect(await demo.deps.db.user.findMany({ select: { owner: true } })).toEqual([{ owner: false }]);
  } finally {
    await demo.close();
  }
});

it("leaves an audit row without the password", async () => {
  await register(world.deps, input(), from);
  const [entry] = await world.audit("auth.register");
  expect(entry).toMatchObject({ subject: "ana@example.com", outcome: "ok", detail: { ip: from.ip, owner: true } });
  expect(JSON.stringify(entry)).not.toContain(PASSWORD);
});
