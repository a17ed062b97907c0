import { accessSync, chmodSync, constants, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { AppError } from "../kernel/errors.ts";

/** Everything that an installation keeps on its own disk, below one folder that only its owner may enter. */
export interface DataFolder {
  root: string;
  postgres: string;
  logs: string;
  secrets: string;
  accounts: string;
  compileCache: string;
}

/** Creates the folder (0700) where it is missing. Relative paths start at the project's folder. */
export function openDataFolder(project: string, name: string): DataFolder {
  const folder = locateDataFolder(project, name);
  try {
    mkdirSync(folder.logs, { recursive: true, mode: 0o700 });
    accessSync(folder.root, constants.R_OK | constants.W_OK | constants.X_OK);
    accessSync(folder.logs, constants.W_OK | constants.X_OK);
    if (statSync(folder.root).mode & 0o077) chmodSync(folder.root, 0o700);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code; // only file operations above
    throw new AppError(
      "unavailable",
      "data.unwritable",
      `The data folder ${folder.root} cannot be used (${code}). Make it writable for this user, or name another one with OSF_DATA_DIR`,
      { cause },
    );
  }
  return folder;
}

export function locateDataFolder(project: string, name: string): DataFolder {
  const root = path.resolve(project, name);
  return {
    root,
    postgres: path.join(root, "postgres"),
    logs: path.join(root, "logs"),
    secrets: path.join(root, "secrets.json"),
    accounts: path.join(root, "demo-accounts.json"),
    compileCache: path.join(root, "compile-cache"),
  };
}
