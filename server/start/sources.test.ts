import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isBuildFresh } from "./build.ts";
import { fingerprintSources } from "./sources.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), "osf-sources-"));
  write("package-lock.json", "{}");
  write("next.config.ts", "export default {};");
  write(
    "app/page.tsx",
    'import { Name } from "#server/features/runs/schema.ts";\nimport type { Router } from "#server/root.ts";',
  );
  write("app/page.test.ts", "");
  write("server/features/runs/schema.ts", 'export {\n  Name,\n} from "./names.ts";');
  write("server/features/runs/names.ts", "export const Name = 1;");
  write("server/root.ts", "export type Router = 1;");
  write("public/icon.svg", "<svg/>");
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(path.join(project, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(project, file), text);
}

it.each([
  ["a page", "app/page.tsx"],
  ["a new page", "app/other/page.tsx"],
  ["a server module that a page imports", "server/features/runs/schema.ts"],
  ["a server module behind that one", "server/features/runs/names.ts"],
  ["a public file", "public/icon.svg"],
  ["the packages", "package-lock.json"],
  ["the settings", "next.config.ts"],
])("changes with %s", (_what, file) => {
  const before = fingerprintSources(project);
  write(file, "export const changed = true;");
  expect(fingerprintSources(project)).not.toBe(before);
});

it.each([
  ["a test", "app/page.test.ts"],
  ["a server module whose types alone are used", "server/root.ts"],
  ["a server module of the worker", "server/worker.ts"],
  ["the settings of the tests", "vitest.config.ts"],
])("does not change with %s", (_what, file) => {
  const before = fingerprintSources(project);
  write(file, "export const changed = true;");
  expect(fingerprintSources(project)).toBe(before);
});

it("changes with a file that is removed, and holds in a copy with other times", () => {
  const before = fingerprintSources(project);
  utimesSync(path.join(project, "app/page.tsx"), 1, 1);
  const copy = `${project}-copy`;
  cpSync(project, copy, { recursive: true });
  expect(fingerprintSources(copy)).toBe(before);
  rmSync(copy, { recursive: true });
  rmSync(path.join(project, "public/icon.svg"));
  expect(fingerprintSources(project)).not.toBe(before);
});

it("calls a build fresh only when it is complete and of these sources", () => {
  const fingerprint = fingerprintSources(project);
  expect(isBuildFresh(project)).toBe(false);
  write(".next/osf-sources", `${fingerprint}\n`);
  expect(isBuildFresh(project)).toBe(false);
  write(".next/BUILD_ID", "x");
  expect(isBuildFresh(project)).toBe(true);
  write("app/page.tsx", "");
  expect(isBuildFresh(project)).toBe(false);
});
