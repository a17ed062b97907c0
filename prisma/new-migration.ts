import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

/**
 * `npm run db:migrate -- --name what-it-does`: applies the migrations that are there and writes the next one, with what
 * the database lacks to be as schema.prisma says. Not `prisma migrate dev`, whose look at lost data does not work with
 * the schema engine in WebAssembly. The text is a draft: read it, above all for what it drops.
 */
const { name } = parseArgs({ options: { name: { type: "string" } } }).values;

function prisma(...args: string[]): string {
  const { status, stdout } = spawnSync("prisma", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) {
    console.error(stdout);
    process.exit(1);
  }
  return stdout;
}

if (!name || !/^[a-z0-9_-]+$/.test(name)) {
  console.error("--name: say what the migration does, in lower case, such as --name flows-have-owners");
  process.exit(2);
}
prisma("migrate", "deploy");
const sql = prisma("migrate", "diff", "--from-config-datasource", "--to-schema", "prisma/schema.prisma", "--script");
if (!/^(ALTER|CREATE|DROP)\b/m.test(sql)) {
  console.log("The database is as schema.prisma says: there is nothing to migrate");
} else {
  const stamp = new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const folder = path.join(import.meta.dirname, "migrations", `${stamp}_${name.replaceAll("-", "_")}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, "migration.sql"), sql);
  console.log(
    `Written: ${path.relative(process.cwd(), folder)}/migration.sql. Read it before the next start applies it`,
  );
}
