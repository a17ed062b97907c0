import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#tests/support/test-database.ts";
import { migrate } from "./migrate.ts";

const PROJECT = path.resolve(import.meta.dirname, "../..");
const OURS = path.join(PROJECT, "prisma/migrations");
const run = promisify(execFile);

let database: TestDatabase;
let folder: string;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  folder = mkdtempSync(path.join(os.tmpdir(), "osf-migrations-"));
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, sql: string): void {
  mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, name, "migration.sql"), sql);
}

async function ask<T extends pg.QueryResultRow>(statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

it("applies what is missing in the order of the names, and nothing twice", async () => {
  write("2_second", "alter table thing add column size int;");
  write("1_first", "create table thing (id int); insert into thing values (1);");
  expect(await migrate(database.url, folder)).toEqual(["1_first", "2_second"]);
  expect(await migrate(database.url, folder)).toEqual([]);
  write("3_third", "insert into thing values (2, 3);");
  expect(await migrate(database.url, folder)).toEqual(["3_third"]);
  expect(await ask("select * from thing order by id")).toEqual([
    { id: 1, size: null },
    { id: 2, size: 3 },
  ]);
});

it("applies each once when several start at the same time", async () => {
  write("1_first", "create table thing (id int); select pg_sleep(0.05);");
  const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, folder)));
  expect(applied.flat()).toEqual(["1_first"]);
});

it("refuses a migration that was changed after it had been applied", async () => {
  write("1_first", "create table thing (id int);");
  await migrate(database.url, folder);
  write("1_first", "create table thing (id bigint);");
  await expect(migrate(database.url, folder)).rejects.toMatchObject({ code: "migration.changed" });
});

it("leaves nothing of a failed migration behind, and refuses to go on until it is resolved", async () => {
  write("1_first", "create table thing (id int); select 1/0;");
  write("2_second", "create table other (id int);");
  await expect(migrate(database.url, folder)).rejects.toThrow(/1_first failed: .*division by zero/);
  expect(await ask("select to_regclass('thing') as thing, to_regclass('other') as other")).toEqual([
    { thing: null, other: null },
  ]);
  write("1_first", "create table thing (id int);");
  await expect(migrate(database.url, folder)).rejects.toThrow(/1_first failed earlier .*division by zero.*resolve/);
  await ask("update _prisma_migrations set rolled_back_at = now()");
  expect(await migrate(database.url, folder)).toEqual(["1_first", "2_second"]);
});

describe("Prisma's own commands", () => {
  const prisma = (...args: string[]) =>
    run(process.execPath, [path.join(PROJECT, "node_modules/prisma/build/index.js"), ...args], {
      cwd: PROJECT,
      env: { ...process.env, DATABASE_URL: database.url },
    });

  it("find nothing to do after us", async () => {
    await migrate(database.url, OURS);
    expect((await prisma("migrate", "status")).stdout).toContain("Database schema is up to date");
    expect((await prisma("migrate", "deploy")).stdout).toContain("No pending migrations");
  }, 60_000);

  it("leave nothing to do for us", async () => {
    await prisma("migrate", "deploy");
    expect(await migrate(database.url, OURS)).toEqual([]);
  }, 60_000);
});
