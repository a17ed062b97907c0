import { expect } from "vitest";
import { it } from "#tests/support/world.ts";
import type { World } from "#tests/support/world.ts";
import { createApiKey } from "../features/accounts/index.ts";
import { revokeApiKey } from "../features/accounts/api-keys.ts";
import { CreateApiKey } from "../features/accounts/schema.ts";
import { createCachedActor } from "./cached-actor.ts";

/** A person with a key, and a cache that counts how often the database is asked. */
async function setUp({ deps, actor }: World) {
  const person = await actor({ role: "operator" });
  const { id, key } = await createApiKey(deps, person, CreateApiKey.parse({ name: "k", scopes: [] }));
  const clock = { at: Date.now(), now: () => new Date(clock.at) };
  const statements: string[] = [];
  const query = (statement: { name?: string }, ...rest: unknown[]): unknown => {
    statements.push(statement.name ?? "");
    return (deps.sql.query as (...args: unknown[]) => unknown).call(deps.sql, statement, ...rest);
  };
  const sql = new Proxy(deps.sql, {
    get: (of, name) => (name === "query" ? query : (Reflect.get(of, name) as unknown)),
  });
  const actors = createCachedActor({ ...deps, clock, sql });
  const asked = () => statements.filter((name) => name === "actor-key").length;
  const who = (headers: Record<string, string> = { "x-api-key": key }) => actors.actorFor(headers, "/mcp");
  return { person, id, key, clock, actors, asked, who };
}

it("asks the database once in fifteen seconds, whichever way the key is sent", async ({ world }) => {
  const { who, asked, clock, person, key, actors } = await setUp(world);
  for (let i = 0; i < 5; i++) expect(await who()).toMatchObject({ userId: person.userId, via: "api-key" });
  expect(asked()).toBe(1);
  clock.at += 15_001;
  await who();
  expect(asked()).toBe(2);
  await who({ authorization: `Bearer ${key}` });
  await actors.actorFor({ "x-api-key": key }, "/mcp/servers/erp");
  expect(asked()).toBe(4);
  actors.close();
});

it("refuses a key at once that was revoked", async ({ world }) => {
  const { who, id, person, actors } = await setUp(world);
  await who();
  await revokeApiKey(world.deps, person, { id });
  await expect.poll(() => actors.size).toBe(0);
  await expect(who()).rejects.toMatchObject({ code: "auth.revoked" });
  actors.close();
});

it("knows a changed role and a lost membership at once", async ({ world }) => {
  const { who, person, actors } = await setUp(world);
  const where = { workspaceId_userId: { workspaceId: person.workspaceId, userId: person.userId } };
  expect(await who()).toMatchObject({ role: "operator" });
  await world.deps.db.membership.update({ where, data: { role: "viewer" } });
  await expect.poll(async () => (await who()).role).toBe("viewer");
  await world.deps.db.membership.delete({ where });
  await expect.poll(() => who().catch((error: { code: string }) => error.code)).toBe("auth.revoked");
  actors.close();
});

it("keeps nothing that was looked up before a change was heard", async ({ world }) => {
  const { person, key } = await setUp(world);
  let tell: (id: string) => void = () => undefined;
  let proceed: () => void = () => undefined;
  let queries = 0;
  const paused = new Promise<void>((done) => (proceed = done));
  const query = async (...args: unknown[]) => {
    const rows: unknown = await (world.deps.sql.query as (...args: unknown[]) => Promise<unknown>)(...args);
    queries++;
    await paused;
    return rows;
  };
  const sql = new Proxy(world.deps.sql, {
    get: (of, name) => (name === "query" ? query : (Reflect.get(of, name) as unknown)),
  });
  const actors = createCachedActor({
    ...world.deps,
    sql,
    live: { subscribe: (_topic, heard) => ((tell = heard), () => undefined), onGap: () => () => undefined },
  });
  const asking = actors.actorFor({ "x-api-key": key }, "/mcp");
  await expect.poll(() => queries).toBe(1);
  tell(person.userId);
  proceed();
  await asking;
  expect(actors.size).toBe(0);
});

it("counts nothing that comes with a cookie, and nothing at all", async ({ world }) => {
  const { who, actors } = await setUp(world);
  await expect(who({ cookie: "session=x" })).rejects.toMatchObject({ code: "auth.missing" });
  await expect(who({})).rejects.toMatchObject({ code: "auth.missing" });
  await expect(who({ authorization: "Basic eA==" })).rejects.toMatchObject({ code: "auth.invalid" });
  await expect(who({ "x-api-key": `osf_${"0".repeat(32)}` })).rejects.toMatchObject({ code: "auth.invalid" });
  expect(actors.size).toBe(0);
  actors.close();
});
