import { expect, test } from "vitest";
import { createWorld, type World } from "#tests/support/world.ts";
import { deleteOldAudit } from "./delete-old-audit.ts";
import { linkAudit } from "./link-audit.ts";
import { recordAudit } from "./record-audit.ts";
import { verifyAudit } from "./verify-audit.ts";

// The chain is the whole installation's, so each test has one of its own.
const it = test.extend<{ world: World }>({
  // vitest demands the destructuring
  // oxlint-disable-next-line no-empty-pattern
  world: async ({}, use) => {
    const world = await createWorld();
    await use(world);
    await world.close();
  },
});

async function entries({ deps }: World, count: number, detail = {}): Promise<void> {
  for (let n = 0; n < count; n++)
    await recordAudit(deps.db, { at: new Date(), actor: null, action: "test.act", subject: `thing ${n}`, detail });
}
/** What somebody does who has the whole database in hand. */
const tamper = async ({ deps: { sql } }: World, statement: string, values: unknown[] = []) => {
  await sql.query(`ALTER TABLE "AuditEntry" DISABLE TRIGGER USER`);
  await sql.query(statement, values);
  await sql.query(`ALTER TABLE "AuditEntry" ENABLE TRIGGER USER`);
};

it("links every entry once, in order, and finds the chain sound", async ({ world }) => {
  await entries(world, 3, { nested: { b: 1, a: [1.5, null, "ü"] } });
  expect(await linkAudit(world.deps)).toBe(3);
  await entries(world, 2);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 3, unlinked: 2, late: 0, broken: null });
  expect(await linkAudit(world.deps)).toBe(2);
  expect(await linkAudit(world.deps)).toBe(0);
  const rows = await world.deps.db.auditEntry.findMany({ orderBy: { seq: "asc" } });
  expect(rows.map(({ seq }) => Number(seq))).toEqual([1, 2, 3, 4, 5]);
  expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted());
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 5, head: { seq: "5" }, unlinked: 0 });
});

it("is one chain when several workers link at once and others write", async ({ world }) => {
  const writing = entries(world, 60);
  const done = new AbortController();
  const worker = async () => {
    while (!done.signal.aborted) await linkAudit(world.deps);
  };
  const workers = [worker(), worker(), worker()];
  await writing;
  done.abort();
  await Promise.all(workers);
  await linkAudit(world.deps);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 60, unlinked: 0 });
});

it("links more entries than one batch holds", async ({ world }) => {
  await world.deps.db.auditEntry.createMany({
    data: Array.from({ length: 2_345 }, (_, n) => ({
      id: `aud_${String(n).padStart(6, "0")}`,
      actor: {},
      action: "test.act",
      outcome: "ok",
      detail: { n },
    })),
  });
  expect(await linkAudit(world.deps)).toBe(2_345);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 2_345 });
});

it("lets nobody change, remove or truncate entries, nor link them anew", async ({ world }) => {
  await entries(world, 2);
  await linkAudit(world.deps);
  const refused = /append-only/;
  const { sql } = world.deps;
  for (const statement of [
    `UPDATE "AuditEntry" SET outcome = 'failed'`,
    `UPDATE "AuditEntry" SET seq = seq + 10`,
    `UPDATE "AuditEntry" SET seq = NULL, hash = NULL`,
    `DELETE FROM "AuditEntry"`,
    `TRUNCATE "AuditEntry"`,
  ])
    await expect(sql.query(statement), statement).rejects.toThrow(refused);
  await entries(world, 1);
  await expect(
    sql.query(`UPDATE "AuditEntry" SET seq = 3, hash = 'x', subject = 'other' WHERE seq IS NULL`),
  ).rejects.toThrow(refused);
});

it.for([
  ["a changed subject", `UPDATE "AuditEntry" SET subject = 'other' WHERE seq = 3`, "3", "hash"],
  ["another person", `UPDATE "AuditEntry" SET "userId" = 'usr_x' WHERE seq = 3`, "3", "hash"],
  ["a changed detail", `UPDATE "AuditEntry" SET detail = '{"n":2}' WHERE seq = 3`, "3", "hash"],
  ["a moved time", `UPDATE "AuditEntry" SET at = at + interval '1 millisecond' WHERE seq = 3`, "3", "hash"],
  ["a changed hash", `UPDATE "AuditEntry" SET hash = repeat('0', 64) WHERE seq = 3`, "3", "hash"],
  ["an entry that was removed", `DELETE FROM "AuditEntry" WHERE seq = 3`, "3", "gap"],
  ["the first entry removed", `DELETE FROM "AuditEntry" WHERE seq = 1`, "1", "gap"],
  ["the last entry removed", `DELETE FROM "AuditEntry" WHERE seq = 5`, "5", "head"],
  ["all entries removed", `TRUNCATE "AuditEntry"`, "1", "head"],
  [
    "two entries exchanged",
    `UPDATE "AuditEntry" SET seq = CASE seq WHEN 2 THEN 103 ELSE 102 END WHERE seq IN (2, 3)`,
    "2",
    "gap",
  ],
] as const)("finds %s", async ([, statement, seq, why], { world }) => {
  await entries(world, 5, { n: 1 });
  await linkAudit(world.deps);
  await tamper(world, statement);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: false, broken: { seq, why } });
});

it("finds a chain that was written anew from the start only by an end that was noted elsewhere", async ({ world }) => {
  await entries(world, 4);
  await linkAudit(world.deps);
  const { head } = await verifyAudit(world.deps);
  await entries(world, 1);
  await linkAudit(world.deps);
  expect(await verifyAudit(world.deps, head)).toMatchObject({ ok: true });

  await tamper(world, `DELETE FROM "AuditEntry" WHERE seq = 2`);
  await tamper(world, `UPDATE "AuditEntry" SET seq = NULL, hash = NULL`);
  await world.deps.sql.query(`DELETE FROM "InstallationSetting"`);
  await entries(world, 1);
  await linkAudit(world.deps);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 5 });
  expect(await verifyAudit(world.deps, head)).toMatchObject({ ok: false, broken: { seq: "4", why: "head" } });
});

it("does not begin the chain anew where its entries are gone", async ({ world }) => {
  await entries(world, 2);
  await linkAudit(world.deps);
  await tamper(world, `TRUNCATE "AuditEntry"`);
  await entries(world, 1);
  await linkAudit(world.deps);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: false, broken: { seq: "1", why: "gap" } });
});

it("keeps the chain whole when old entries are removed by retention, and by nothing else", async ({ world }) => {
  const day = 86_400_000;
  const aged = (days: number) =>
    recordAudit(world.deps.db, { at: new Date(Date.now() - days * day), actor: null, action: "test.act" });
  for (const days of [40, 39, 38, 10, 37, 1]) {
    await aged(days);
    await linkAudit(world.deps); // linked as they came
  }
  const { head } = await verifyAudit(world.deps);
  const deps = { ...world.deps, settings: { auditRetentionDays: 30 } };
  expect(await deleteOldAudit({ ...deps, settings: {} })).toBe(0);
  expect(await deleteOldAudit(deps)).toBe(3); // the one of 37 days lies behind a younger one
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 3, removed: "3", head });
  for (const known of [head, { seq: "2", hash: "0".repeat(64) }])
    expect(await verifyAudit(world.deps, known)).toMatchObject({ ok: true });
  await entries(world, 1);
  await linkAudit(world.deps);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 4, head: { seq: "7" } });

  const late = { ...deps, clock: { now: () => new Date(Date.now() + 100 * day) } };
  expect(await deleteOldAudit(late)).toBe(3); // the last one stays
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: true, entries: 1, removed: "6" });
  await expect(world.deps.sql.query(`DELETE FROM "AuditEntry"`)).rejects.toThrow(/append-only/);
  await tamper(world, `UPDATE "AuditEntry" SET subject = 'other'`);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: false, broken: { seq: "7", why: "hash" } });
});

it("tells of entries that nobody links", async ({ world }) => {
  await recordAudit(world.deps.db, { at: new Date(Date.now() - 61_000), actor: null, action: "test.act" });
  await entries(world, 1);
  expect(await verifyAudit(world.deps)).toMatchObject({ ok: false, broken: null, unlinked: 2, late: 1 });
});
