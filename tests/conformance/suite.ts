import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parse } from "yaml";

/** Revisions with a frozen set of required scenarios in `@modelcontextprotocol/conformance`. */
export type Revision = "2026-07-28" | "2025-11-25";

export interface SuiteReport {
  /** Required scenarios of the revision, in its order. */
  required: string[];
  /** Those of them that failed: ids of the checks that did (none: it did not end), and what they say. */
  failed: { scenario: string; checks: string[]; said: string }[];
  /** Run beside, never scored: whether they passed. */
  notScored: { scenario: string; passed: boolean }[];
  /** Everything that the suite printed, for a failing test. */
  output: string;
}

const PROJECT = path.resolve(import.meta.dirname, "../..");
const PACKAGE = path.join(PROJECT, "node_modules/@modelcontextprotocol/conformance");

interface Requirements {
  server: string[];
  client: string[];
}
const requirementsOf = (revision: Revision) =>
  parse(readFileSync(path.join(PACKAGE, `requirements/${revision}.yaml`), "utf8")) as Requirements; // the package's own file

/** Runs the official suite, exactly what the revision requires, against a server. */
export const checkServer = (url: string, revision: Revision): Promise<SuiteReport> =>
  runSuite("server", ["--url", url], revision);

/** The same against a client program, which is given the server's address as its last argument. */
export const checkClient = (command: string, revision: Revision): Promise<SuiteReport> =>
  runSuite("client", ["--command", command], revision);

async function runSuite(role: "server" | "client", args: string[], revision: Revision): Promise<SuiteReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "osf-conformance-"));
  try {
    const output = await run([role, ...args, "--requirements", revision, "--output-dir", folder]);
    const required = requirementsOf(revision)[role];
    const passed = new Map<string, boolean>();
    for (const [, mark, scenario = ""] of output.matchAll(/^([✓✗]) (\S+): \d+ passed, \d+ failed/gm))
      passed.set(scenario, mark === "✓");
    return {
      required,
      failed: required
        .filter((scenario) => passed.get(scenario) !== true)
        .map((scenario) => {
          const wrong = failuresOf(folder, role, scenario);
          const said = wrong.length > 0 ? wrong.map(inWords).join("\n") : about(output, scenario);
          return { scenario, checks: wrong.map(({ id }) => id), said };
        }),
      notScored: [...passed].flatMap(([scenario, ok]) =>
        required.includes(scenario) ? [] : [{ scenario, passed: ok }],
      ),
      output,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: string[]): Promise<string> {
  const program = path.join(PACKAGE, "dist/index.js");
  const child = spawn(process.execPath, [program, ...args], { cwd: PROJECT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const take = (chunk: Buffer) => void (output += chunk.toString("utf8"));
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve(output));
  });
}

interface Check {
  id: string;
  status: string;
  description?: string;
  errorMessage?: string;
  details?: unknown;
}

/** Checks of a scenario that failed or warn. */
function failuresOf(folder: string, role: string, scenario: string): Check[] {
  const name = `${role === "server" ? "server-" : ""}${scenario.replaceAll("/", "-")}-2`; // a date follows
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).find(
    (file) => file.endsWith("checks.json") && file.replaceAll("/", "-").startsWith(name),
  );
  if (!found) return [];
  const checks = JSON.parse(readFileSync(path.join(folder, found), "utf8")) as Check[]; // the suite's own file
  return checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
}

const inWords = ({ id, errorMessage = "", details }: Check) =>
  `${id}: ${errorMessage} ${JSON.stringify(details)?.slice(0, 600)}`;

/** What the suite printed while it ran a scenario. */
function about(output: string, scenario: string): string {
  const [, text = "not run"] = output.split(`=== Running scenario: ${scenario} ===`);
  return text.split("=== Running scenario: ")[0]!.slice(0, 4_000);
}
