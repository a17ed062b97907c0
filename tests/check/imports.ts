import { spawnSync } from "node:child_process";
import path from "node:path";
import { writeImportSkeletons } from "./import-skeletons.ts";

/** Holds the import rules of `.dependency-cruiser.cjs`; exit code 1 and one line for each violation. */
const project = path.resolve(import.meta.dirname, "../..");
const skeletons = path.join(project, "node_modules/.cache/osf-imports");

writeImportSkeletons(project, skeletons);
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [
    path.join(project, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs"),
    "--config",
    path.join(project, ".dependency-cruiser.cjs"),
    "--output-type",
    "err-long",
    "all",
    "values",
  ],
  { cwd: skeletons, encoding: "utf8" },
);
console.log(`${stdout}${stderr}`.replaceAll(/\b(?:all|values)\/(\S+)\.js\b/g, "$1").trim());
process.exitCode = status ?? 1;
