import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "#tests/support/test-database.ts";
import { createVault } from "./features/secrets/index.ts";
import { systemClock } from "./kernel/clock.ts";
import { openDatabase } from "./kernel/db.ts";
import { openLive } from "./kernel/live.ts";
import { createLog } from "./kernel/log.ts";
import { keepSecrets } from "./start/secrets.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "osf-rotate-"));
let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** As prisma/with-database.ts starts it where the embedded database is used. */
const rotate = (more: Record<string, string> = {}) =>
  promisify(execFile)(process.execPath, [path.join(import.meta.dirname, "rotate-secrets.ts")], {
    cwd: folder,
    env: { NODE_ENV: "test", PATH: process.env["PATH"], DATABASE_URL: database.url, OSF_DATA_DIR: folder, ...more },
  });

it("changes the key of an installation whose database and secrets are its own", { timeout: 60_000 }, async () => {
  await expect(rotate()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("nothing was ever stored") });
  const settings = keepSecrets(path.join(folder, "secrets.json"));
  const log = createLog("test", "silent");
  const { rows: db, sql, close } = openDatabase(database.url, { connections: 2 });
  const live = await openLive({ url: database.url, sql, log });
  const vault = createVault({ settings, db, live, log, clock: systemClock });
  const value = { name: "KEPT", value: "kept", description: "", byId: "usr_1" };
  await vault.store.put("wsp_1", value, async () => undefined);
  const before = await vault.keys.current();

  const { stdout } = await rotate({ OSF_DEMO: "1" });
  expect(stdout).toContain("1 secrets and 0 tokens of upstreams are sealed with a new key");
  const { keyId } = await db.secret.findFirstOrThrow({ where: { name: "KEPT" } });
  expect(keyId).not.toBe(before.id);
  const use = { userId: null, purpose: "test" };
  expect(await vault.resolve({ workspaceId: "wsp_1" }, "${KEPT}", use)).toBe("kept");
  await vault.close();
  await live.close();
  await close();
});
