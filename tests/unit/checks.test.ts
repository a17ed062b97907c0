import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readImports, writeImportSkeletons } from "#tests/check/import-skeletons.ts";
import { playwrightCounts, vitestCounts } from "#tests/run/reports.ts";

const PROJECT = path.resolve(import.meta.dirname, "../..");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "osf-checks-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text: string): string {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  return target;
}

it("tells imports of values from imports of types", () => {
  const text = `
    import { a, type B } from "./mixed.ts";
    import { type C } from "./inline.ts";
    import type { D } from "./types.ts";
    import "./effect.ts";
    export { e } from "./again.ts";
    export type * from "./types-again.ts";
    const f = () => import("./later.ts");
    const g = <div>import h from "./text.ts"</div>;
  `;
  expect(readImports("file.tsx", text)).toEqual([
    { specifier: "./mixed.ts", typeOnly: false },
    { specifier: "./inline.ts", typeOnly: false },
    { specifier: "./types.ts", typeOnly: true },
    { specifier: "./effect.ts", typeOnly: false },
    { specifier: "./again.ts", typeOnly: false },
    { specifier: "./types-again.ts", typeOnly: true },
    { specifier: "./later.ts", typeOnly: false },
  ]);
});

describe("the import rules", () => {
  const FINE = {
    "server/kernel/db.ts": "export const db = 1;",
    "server/features/runs/schema.ts": "export const Run = 1;",
    "server/features/runs/index.ts": 'export * from "./start-run.ts";',
    "server/features/runs/start-run.ts": 'import { db } from "#server/kernel/db.ts"; export const startRun = db;',
    "server/features/runs/router.ts": 'import { can } from "#server/edge/trpc/procedures.ts"; export const r = can;',
    "server/edge/trpc/procedures.ts": 'import type { Deps } from "../../features/deps.ts"; export const can = 1;',
    "server/features/deps.ts": "export type Deps = 1;",
    "server/start.ts": "export {};",
    "app/page.tsx": 'import { Run } from "#server/features/runs/schema.ts"; export const p = Run;',
    "prisma/seed.ts": "export {};",
    "nodered-nodes/node.js": "module.exports = 1;",
    "tests/support.ts": "export const support = 1;",
  };

  /** The names of the rules that these sources break. */
  function brokenRules(sources: Record<string, string>): string[] {
    for (const [file, text] of Object.entries({ ...FINE, ...sources })) write(file, text);
    const skeletons = path.join(folder, "skeletons");
    writeImportSkeletons(folder, skeletons);
    cpSync(path.join(PROJECT, ".dependency-cruiser.cjs"), path.join(folder, "rules.cjs"));
    const { stdout } = spawnSync(
      process.execPath,
      [
        path.join(PROJECT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
        "--config",
        path.join(folder, "rules.cjs"),
        "--output-type",
        "json",
        "all",
        "values",
      ],
      { cwd: skeletons, encoding: "utf8" },
    );
    const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } }; // its own format
    return [...new Set(summary.violations.map(({ rule }) => rule.name))];
  }

  it.each<[rule: string, what: string, sources: Record<string, string>]>([
    ["no rule", "sources as they should be", {}],
    [
      "kernel-stands-alone",
      "a type of a feature in the kernel",
      {
        "server/kernel/x.ts": 'import type { Deps } from "../features/deps.ts"; export type X = Deps;',
      },
    ],
    [
      "base-knows-kernel-only",
      "a feature in the engine",
      {
        "server/engine/x.ts": 'import { startRun } from "#server/features/runs/index.ts"; export const x = startRun;',
      },
    ],
    [
      "features-below-edge",
      "the edge in a feature's service",
      {
        "server/features/runs/x.ts": 'import { can } from "#server/edge/trpc/procedures.ts"; export const x = can;',
      },
    ],
    [
      "features-meet-at-the-index",
      "the inside of another feature",
      {
        "server/features/chat/x.ts": 'import { startRun } from "../runs/start-run.ts"; export const x = startRun;',
      },
    ],
    [
      "pages-know-schemas-and-container",
      "a service in a page",
      {
        "app/x.tsx": 'import { startRun } from "#server/features/runs/index.ts"; export const x = startRun;',
      },
    ],
    [
      "no rule",
      "a service's type in a page",
      {
        "app/x.tsx": 'import type { startRun } from "#server/features/runs/index.ts"; export type X = typeof startRun;',
      },
    ],
    [
      "launcher-stays-small",
      "a feature behind the launcher",
      {
        "server/start/x.ts": 'import { startRun } from "../features/runs/index.ts"; export const x = startRun;',
      },
    ],
    [
      "nobody-imports-tests",
      "test support in the product",
      {
        "server/factory/x.ts": 'import { support } from "#tests/support.ts"; export const x = support;',
      },
    ],
    [
      "node-red-nodes-stand-alone",
      "the kernel in a Node-RED node",
      {
        "nodered-nodes/x.mjs": 'import { db } from "../server/kernel/db.ts"; export const x = db;',
      },
    ],
    [
      "no-cycles",
      "a circle",
      {
        "server/features/runs/a.ts": 'import { b } from "./b.ts"; export const a = b;',
        "server/features/runs/b.ts": 'import { a } from "./a.ts"; export const b = a;',
      },
    ],
    ["imports-exist", "an import of nothing", { "server/kernel/x.ts": 'import "./nothing.ts";' }],
  ])("%s: %s", (rule, _what, sources) => {
    const broken = brokenRules(sources);
    if (rule === "no rule") expect(broken).toEqual([]);
    else expect(broken).toContain(rule);
  });
});

describe("the count at the end of npm test", () => {
  it("takes a file that broke before its first test for a failure", () => {
    const report = { numPassedTests: 4, numFailedTests: 1, testResults: [{ status: "failed", assertionResults: [] }] };
    expect(vitestCounts(write("vitest.json", JSON.stringify(report)))).toEqual({ passed: 4, failed: 2 });
  });

  it("takes a test that passed only at the second try for a failure", () => {
    const report = { stats: { expected: 3, unexpected: 0, flaky: 1 }, errors: [] };
    expect(playwrightCounts(write("playwright.json", JSON.stringify(report)))).toEqual({ passed: 3, failed: 1 });
  });

  it("takes a run without a report for a failure", () => {
    expect(vitestCounts(path.join(folder, "none.json"))).toEqual({ passed: 0, failed: 1 });
    expect(playwrightCounts(path.join(folder, "none.json"))).toEqual({ passed: 0, failed: 1 });
  });
});
