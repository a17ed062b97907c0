import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Between what systems give to people and services and what they keep for dynamic users, of which pods have theirs. */
const FIRST_UID = 60_578;
const LAST_UID = 61_183;

export interface Home {
  folder: string;
  /** Undefined: the gateway's own user. */
  uid: number | undefined;
}

export interface ProcessEnvironment {
  path: string;
  lang: string;
}

/**
 * The working folder of a server's process, which no other server may enter. Where the gateway is root the process gets
 * a user of its own, so that the kernel keeps it from the gateway's files, memory and other servers; where that user
 * cannot execute the command (it lies in somebody's home), or the gateway is not root, it runs as the gateway's user.
 */
export async function makeHome(
  dataDir: string,
  upstreamId: string,
  command: string,
  env: ProcessEnvironment,
): Promise<Home> {
  const digest = createHash("sha256").update(upstreamId).digest();
  const name = `${upstreamId.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 40)}-${digest.toString("hex").slice(0, 8)}`;
  if (process.getuid?.() === 0) {
    const uid = FIRST_UID + (digest.readUInt32BE(0) % (LAST_UID - FIRST_UID + 1));
    // The data folder is closed to others.
    const data = createHash("sha256").update(path.resolve(dataDir)).digest("hex").slice(0, 12);
    const root = path.join(os.tmpdir(), `osf-servers-${data}`);
    if (isOurs(root) && (await canExecute(command, uid, env))) {
      const folder = path.join(root, name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chownSync(folder, uid, uid);
      return { folder, uid };
    }
  }
  const folder = path.join(dataDir, "servers", name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { folder, uid: undefined };
}

/** Makes the folder; false where somebody else has it. */
function isOurs(root: string): boolean {
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const found = lstatSync(root);
  if (!found.isDirectory() || found.uid !== 0) return false;
  chmodSync(root, 0o711);
  return true;
}

/** Whether that user may read and execute the program behind a command. */
function canExecute(command: string, uid: number, { path: PATH, lang: LANG }: ProcessEnvironment): Promise<boolean> {
  return new Promise((resolve) => {
    const found = `file=$(command -v -- "$1") && [ -x "$file" ] && [ -r "$(readlink -f "$file")" ]`;
    const child = spawn("/bin/sh", ["-c", found, "find", command], {
      uid,
      gid: uid,
      cwd: "/",
      env: { PATH, LANG } as unknown as NodeJS.ProcessEnv, // whose type wants NODE_ENV
      stdio: "ignore",
    });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
