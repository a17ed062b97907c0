import pg from "pg";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "#tests/support/test-database.ts";
import { operator, silent } from "#tests/support/tool-gateway.ts";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database } from "../kernel/db.ts";
import { createAuditWriter, type AuditRecord } from "./audit.ts";

let testDatabase: TestDatabase;
let database: Database;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase(testDatabase.url, { connections: 4 });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const entry = (subject: string): AuditRecord => ({
  actor: operator,
  action: "tool.call",
  subject,
  outcome: "ok",
  durationMs: 1,
  detail: {},
});
const subjects = async () =>
  (await database.rows.auditEntry.findMany({ orderBy: { id: "asc" } })).map(({ subject }) => subject);

/** Refuses connections to the database, and ends those that there are, until the returned function is called. */
async function takeAway(): Promise<() => Promise<void>> {
  const name = new URL(testDatabase.url).pathname.slice(1);
  const admin = new URL(testDatabase.url);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  await client.query(`alter database ${name} allow_connections false`);
  await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  return async () => {
    await client.query(`alter database ${name} allow_connections true`);
    await client.end();
  };
}

it("gathers entries into few statements, keeps their order and writes each once", async () => {
  const query = vi.spyOn(database.sql, "query");
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock });
  const wanted = Array.from({ length: 700 }, (_, i) => `tool ${i}`);
  for (const subject of wanted) audit.record(entry(subject));
  await Promise.all([audit.flush(), audit.flush()]);
  const statements = query.mock.calls.length;
  query.mockRestore();
  expect([...(await subjects())].sort()).toEqual([...wanted].sort());
  expect(statements).toBe(2);
  await audit.close();
});

it("keeps entries while the database is away, and writes them when it is back", async () => {
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock, gatherMs: 5, retryMs: 20 });
  const giveBack = await takeAway();
  audit.record(entry("while away"));
  await audit.flush();
  audit.record(entry("still away"));
  await giveBack();
  await vi.waitFor(async () => expect(await subjects()).toHaveLength(2), 5_000);
  await audit.close();
});

it("keeps no more than it may: the oldest go", async () => {
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock, gatherMs: 10_000, keep: 2 });
  for (const subject of ["a", "b", "c"]) audit.record(entry(subject));
  await audit.close();
  expect((await subjects()).toSorted()).toEqual(["b", "c"]);
});

it("writes what is recorded until it is closed", async () => {
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock, gatherMs: 60_000 });
  audit.record(entry("last"));
  await audit.close();
  expect(await subjects()).toEqual(["last"]);
});

it("is not held up by an entry that the database cannot take", async () => {
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock });
  audit.record(entry("before"));
  audit.record({ ...entry("bad"), durationMs: 2 ** 40 }); // more than the column takes
  audit.record(entry("nul \0 in the name"));
  await audit.close();
  expect((await subjects()).toSorted()).toEqual(["before", "nul  in the name"]);
});

it("writes calls of clients whose name no database takes", async () => {
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock });
  audit.record({ ...entry("nul\0"), detail: { through: "mcp-client evil\0" } });
  audit.record({ ...entry("half"), detail: { through: "mcp-client evil\uD800" } });
  audit.record({ ...entry("actor"), actor: { ...operator, name: "Ana\0" } });
  await audit.flush();
  const rows = await database.rows.auditEntry.findMany({ orderBy: { subject: "asc" } });
  expect(rows.map(({ subject, detail }) => [subject, detail])).toEqual([
    ["actor", {}],
    ["half", { through: "mcp-client evil\uFFFD" }],
    ["nul", { through: "mcp-client evil" }],
  ]);
  await audit.close();
});
