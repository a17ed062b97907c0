import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "oxc-parser";

/** Folders whose imports have rules. */
const FOLDERS = ["app", "server", "prisma", "nodered-nodes", "tests"];
const SOURCE = /\.(ts|tsx|mts|js|jsx|mjs|cjs)$/;
const SKIPPED = /(^|\/)(node_modules|generated)\//;

interface Import {
  specifier: string;
  typeOnly: boolean;
}

/**
 * dependency-cruiser does not read the syntax of TypeScript 7. It is given, for each source file, a JavaScript file with
 * the same imports: below `all/` every import, below `values/` those that exist at run time.
 */
export function writeImportSkeletons(project: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  for (const file of FOLDERS.flatMap((folder) => listSources(project, folder))) {
    const imports = readImports(file, readFileSync(path.join(project, file), "utf8"));
    write(path.join(target, "all"), file, imports);
    write(
      path.join(target, "values"),
      file,
      imports.filter(({ typeOnly }) => !typeOnly),
    );
  }
}

function listSources(project: string, folder: string): string[] {
  if (!existsSync(path.join(project, folder))) return []; // git keeps no empty folders
  return readdirSync(path.join(project, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
    .map((entry) => path.relative(project, path.join(entry.parentPath, entry.name)))
    .filter((file) => !SKIPPED.test(file));
}

/** The imports of one file, each specifier once for each kind. Throws on a file that is no valid TypeScript. */
export function readImports(file: string, text: string): Import[] {
  const { module, errors } = parseSync(file, text);
  if (errors.length) throw new Error(`${file}: ${errors[0]?.message}`);
  const found: Import[] = [];
  // `import { type A }` still loads its module: only `import type` leaves nothing behind.
  const isType = ({ start, end }: { start: number; end: number }) =>
    /^(import|export)\s+type\s+(?!from\b)/.test(text.slice(start, end));
  for (const statement of module.staticImports)
    found.push({ specifier: statement.moduleRequest.value, typeOnly: isType(statement) });
  for (const statement of module.staticExports) {
    const from = statement.entries.find(({ moduleRequest }) => moduleRequest)?.moduleRequest;
    if (from) found.push({ specifier: from.value, typeOnly: isType(statement) });
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^["'`]([^"'`$]+)["'`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[1];
    if (literal) found.push({ specifier: literal, typeOnly: false });
  }
  return found;
}

function write(root: string, file: string, imports: Import[]): void {
  const target = path.join(root, asScript(file));
  const lines = new Set(imports.map(({ specifier }) => `import ${JSON.stringify(translate(file, specifier))};`));
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, `${[...lines].join("\n")}\n`);
}

/** `#server/a.ts` and `./a.ts` become the relative path of the skeleton; packages stay. */
function translate(file: string, specifier: string): string {
  if (!specifier.startsWith("#") && !specifier.startsWith(".")) return specifier;
  const from = path.dirname(file);
  const target = specifier.startsWith("#") ? specifier.slice(1) : path.join(from, specifier);
  const relative = asScript(path.relative(from, target));
  return relative.startsWith(".") ? relative : `./${relative}`;
}

const asScript = (file: string) => file.replace(SOURCE, ".js");
