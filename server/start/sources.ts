import { createHash, type Hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Files beside the folders that shape the build. */
const ROOT_FILES =
  /^(package\.json|package-lock\.json|tsconfig\.json|[\w-]+\.config\.(ts|js|mjs|cjs)|(proxy|middleware|instrumentation|instrumentation-client)\.ts)$/;
const NO_PART_OF_THE_BUILD = /^(vitest|playwright|prisma)\.config\./;
const FOLDERS = ["app", "public"];
const TEST = /\.(test|spec)\.tsx?$/;
/** Imports of values: those of types leave nothing in the bundle. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?!type\b)(?:[^;"']*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g;

/**
 * A fingerprint of all that `next build` reads: pages, public files, settings, the lockfile, and the server modules that
 * the pages import, directly or through others. By content, so that it holds in a fresh clone with a build from a cache.
 */
export function fingerprintSources(project: string): string {
  const hash = createHash("sha256");
  const root = readdirSync(project).filter((name) => ROOT_FILES.test(name) && !NO_PART_OF_THE_BUILD.test(name));
  const files = [...root, ...FOLDERS.flatMap((folder) => listFiles(project, folder))];
  const queue = files.filter((file) => /\.(tsx?|jsx?|mjs)$/.test(file));
  const known = new Set(files);
  for (let file = queue.pop(); file !== undefined; file = queue.pop())
    for (const imported of importsOf(project, file))
      if (!known.has(imported)) {
        known.add(imported);
        queue.push(imported);
      }
  for (const file of [...known].sort()) addFile(hash, project, file);
  return hash.digest("hex");
}

function listFiles(project: string, folder: string): string[] {
  if (!existsSync(path.join(project, folder))) return [];
  return readdirSync(path.join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !TEST.test(entry.name))
    .map((entry) => path.relative(project, path.join(entry.parentPath, entry.name)));
}

function importsOf(project: string, file: string): string[] {
  const found: string[] = [];
  for (const [, plain, dynamic] of readFileSync(path.join(project, file), "utf8").matchAll(IMPORT)) {
    const target = locate(file, plain ?? dynamic ?? "");
    if (target && existsSync(path.join(project, target))) found.push(target);
  }
  return found;
}

/** Packages are covered by the lockfile; generated code follows from what is covered. */
function locate(from: string, specifier: string): string | undefined {
  const target = specifier.startsWith("#")
    ? specifier.slice(1)
    : specifier.startsWith(".")
      ? path.join(path.dirname(from), specifier)
      : undefined;
  return target && /\.\w+$/.test(target) && !target.startsWith(path.join("server", "generated")) ? target : undefined;
}

function addFile(hash: Hash, project: string, file: string): void {
  const content = readFileSync(path.join(project, file));
  hash.update(`${file}\0${content.length}\0`).update(content);
}
