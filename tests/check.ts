import path from "node:path";
import { runSteps, type Step } from "./check/steps.ts";

/** `npm run check`: everything that can be said about the sources without running them. Output only of what fails. */
const PROJECT = path.resolve(import.meta.dirname, "..");
const STEPS: Step[] = [
  // Pages are typed by their routes: Next writes these types first.
  {
    name: "types",
    commands: [
      ["next", "typegen"],
      ["tsc", "--noEmit", "--project", "."],
    ],
  },
  { name: "imports", commands: [["node", "tests/check/imports.ts"]] },
  { name: "lint", commands: [["oxlint", "--quiet"]] },
  { name: "format", commands: [["prettier", "--check", "--log-level", "warn", "."]] },
  { name: "unused", commands: [["knip", "--no-progress"]] },
];
const AT_A_TIME = 2;

Object.assign(process.env, { NEXT_TELEMETRY_DISABLED: "1" });
const outcomes = await runSteps(STEPS, PROJECT, AT_A_TIME, ({ name, ok, seconds, output }) => {
  console.log(`${ok ? "✓" : "✗"} ${name.padEnd(8)} ${seconds.toFixed(1)} s`);
  if (!ok) console.log(`${output.replaceAll(/^/gm, "    ")}\n`);
});
if (outcomes.some(({ ok }) => !ok)) process.exitCode = 1;
