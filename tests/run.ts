import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { HOW_TO_GET_CHROMIUM } from "#server/start/doctor/chromium.ts";
import { findChromium, installChromium } from "./run/chromium.ts";
import { playwrightCounts, vitestCounts, type Counts } from "./run/reports.ts";

/**
 * `npm test`: checks, then unit and integration tests, then browser tests; all of them, even when one fails. Arguments
 * are passed on to vitest and Playwright (`npm test -- sign-in`); with arguments the checks are left out. The last line
 * is `N passed, N failed`.
 */
const PROJECT = path.resolve(import.meta.dirname, "..");
const filters = process.argv.slice(2);
const reports = mkdtempSync(path.join(os.tmpdir(), "osf-reports-"));

interface Result {
  ok: boolean;
  counts?: Counts;
}

/** Resolves with whether the program ended well. Ctrl-C reaches it from the terminal; we wait for it. */
function run(program: string, args: string[], environment: Record<string, string> = {}): Promise<boolean> {
  const child = spawn(path.join(PROJECT, "node_modules/.bin", program), args, {
    cwd: PROJECT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...environment },
  });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
}

async function unitTests(): Promise<Result> {
  const report = path.join(reports, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const ok = await run("vitest", ["run", ...reporters, ...(filters.length ? ["--passWithNoTests"] : []), ...filters]);
  return { ok, counts: vitestCounts(report) };
}

async function browserTests(): Promise<Result> {
  if (!existsSync(path.join(PROJECT, "playwright.config.ts"))) {
    console.log("There is no playwright.config.ts");
    return { ok: false, counts: { passed: 0, failed: 1 } };
  }
  const browser = findChromium() ?? installChromium();
  if (!browser) {
    console.log(HOW_TO_GET_CHROMIUM);
    return { ok: false, counts: { passed: 0, failed: 1 } };
  }
  const report = path.join(reports, "playwright.json");
  const args = ["test", "--reporter=list,json", ...(filters.length ? ["--pass-with-no-tests"] : []), ...filters];
  const ok = await run("playwright", args, { CHROMIUM_PATH: browser, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  return { ok, counts: playwrightCounts(report) };
}

const steps: [name: string, step: () => Promise<Result>][] = [
  ["unit tests", unitTests],
  ["browser tests", browserTests],
];
if (!filters.length) steps.unshift(["checks", async () => ({ ok: await run("node", ["tests/check.ts"]) })]);

process.on("SIGINT", () => (process.exitCode = 130)); // the running step ends by the same Ctrl-C
const total: Counts = { passed: 0, failed: 0 };
const lines: string[] = [];
let ok = true;
for (const [name, step] of steps) {
  if (process.exitCode === 130) break;
  const began = performance.now();
  const result = await step();
  ok &&= result.ok;
  total.passed += result.counts?.passed ?? 0;
  total.failed += result.counts?.failed ?? 0;
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  lines.push(`${result.ok ? "✓" : "✗"} ${name.padEnd(13)} ${seconds} s`);
}
rmSync(reports, { recursive: true, force: true });
console.log(`\n${lines.join("\n")}\n\n${total.passed} passed, ${total.failed} failed`);
process.exitCode ||= ok && total.failed === 0 ? 0 : 1;
