import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDataFolder } from "./data-folder.ts";
import { keepSecrets } from "./secrets.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "osf-secrets-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

it("makes secrets once, for their owner alone", () => {
  const { secrets } = openDataFolder(project, ".data");
  const first = keepSecrets(secrets);
  expect(first.jwtSecret).toMatch(/^[0-9a-f]{64}$/);
  expect(statSync(secrets).mode & 0o777).toBe(0o600);
  chmodSync(secrets, 0o644);
  expect(keepSecrets(secrets)).toEqual(first);
  expect(statSync(secrets).mode & 0o777).toBe(0o600);
});

it("never replaces a file that it cannot read", () => {
  const { secrets } = openDataFolder(project, ".data");
  writeFileSync(secrets, '{"jwtSecret": "sho');
  expect(() => keepSecrets(secrets)).toThrow(/cannot be read.*backup/);
  expect(readFileSync(secrets, "utf8")).toBe('{"jwtSecret": "sho');
});

it("closes the data folder to others, and says in one line when it cannot be used", () => {
  expect(statSync(openDataFolder(project, "a/b").root).mode & 0o777).toBe(0o700);
  chmodSync(path.join(project, "a/b"), 0o755);
  expect(statSync(openDataFolder(project, "a/b").root).mode & 0o777).toBe(0o700);
  writeFileSync(path.join(project, "file"), "");
  expect(() => openDataFolder(project, "file/data")).toThrow(
    /^The data folder .* cannot be used \(ENOTDIR\).*OSF_DATA_DIR$/,
  );
});
