import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../kernel/errors.ts";

const StoredSecrets = z.object({ jwtSecret: z.string().min(32) });
export type StoredSecrets = z.infer<typeof StoredSecrets>;

/**
 * The generated secrets of an installation, made at its first start (0600). A file that cannot be understood is never
 * replaced: what was encrypted with its keys would be lost.
 */
export function keepSecrets(file: string): StoredSecrets {
  if (!existsSync(file)) {
    const secrets: StoredSecrets = { jwtSecret: randomBytes(32).toString("hex") };
    writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
    return secrets;
  }
  if (statSync(file).mode & 0o077) chmodSync(file, 0o600);
  try {
    return StoredSecrets.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new AppError(
      "invalid",
      "secrets.unreadable",
      `The generated secrets in ${file} cannot be read. Restore the file from a backup, or remove it: everybody must then sign in again, and stored credentials must be entered anew`,
      { cause },
    );
  }
}
