import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createHash, randomInt } from "node:crypto";
import os from "node:os";
import path from "node:path";
import type { Log } from "../../kernel/log.ts";
import { podFolders } from "../version.ts";

/** The range that systemd keeps for dynamic users: no account of a person or a service is in it. */
const FIRST_UID = 61_184;
const LAST_UID = 65_519;
const PREFIX = "osf-pods-";
/** Names the data folder that a folder of pods belongs to. */
const OWNER = ".data-folder";

/**
 * How the pods of this machine are held apart. `separate`: each has a user of its own, so that the kernel keeps it from
 * the files, the memory and the signals of others; possible where the gateway is root and others can read its code.
 * Otherwise Node's permission model alone bounds what a pod reads, which its makers do not call a boundary against
 * hostile code.
 */
export interface Containment {
  separate: boolean;
  /** Below it are the pods' homes and the compile cache. */
  root: string;
  /** A user for a new pod, unlike those in use; null: ours. */
  pickUid(used: ReadonlySet<number>): number | null;
  /** Makes the home of a pod, which it alone may enter. */
  makeHome(id: string, uid: number | null): string;
}

export async function chooseContainment(dataDir: string, log: Log): Promise<Containment> {
  const root = process.getuid?.() === 0 ? await separateRoot(dataDir, log) : undefined;
  const makeHome = (base: string) => (id: string, uid: number | null) => {
    const home = path.join(base, id);
    mkdirSync(base, { recursive: true, mode: 0o711 }); // a machine may tidy up its folder of temporary files
    mkdirSync(home, { recursive: true, mode: 0o700 });
    if (uid !== null) chownSync(home, uid, uid);
    return home;
  };
  if (root)
    return {
      separate: true,
      root,
      makeHome: makeHome(root),
      pickUid(used) {
        for (;;) {
          const uid = randomInt(FIRST_UID, LAST_UID + 1);
          if (!used.has(uid)) return uid;
        }
      },
    };
  const own = path.join(dataDir, "pods", "run");
  mkdirSync(own, { recursive: true, mode: 0o700 });
  log.warn(
    "the pods of this machine run as the gateway's own user: what a flow's code does in one is bounded by Node's permission model only. Start the gateway as root from a folder that others may read, or use Kubernetes, to hold them apart",
  );
  return { separate: false, root: own, makeHome: makeHome(own), pickUid: () => null };
}

/** A folder of root's that everybody may pass through; the data folder is closed to others. Undefined: not possible. */
async function separateRoot(dataDir: string, log: Log): Promise<string | undefined> {
  const name = `${PREFIX}${createHash("sha256").update(path.resolve(dataDir)).digest("hex").slice(0, 12)}`;
  const root = path.join(os.tmpdir(), name);
  try {
    mkdirSync(root, { recursive: true, mode: 0o711 });
    const found = lstatSync(root);
    if (!found.isDirectory() || found.uid !== 0) throw new Error(`${root} belongs to somebody else`);
    chmodSync(root, 0o711);
    writeFileSync(path.join(root, OWNER), path.resolve(dataDir), { mode: 0o600 });
    removeAbandoned();
    if (await canStart(FIRST_UID)) return root;
  } catch (err) {
    log.warn({ err }, "pods cannot have users of their own");
  }
  return undefined;
}

/** Folders of installations whose data folder was removed. */
function removeAbandoned(): void {
  for (const name of readdirSync(os.tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const folder = path.join(os.tmpdir(), name);
    try {
      if (lstatSync(folder).uid === 0 && !existsSync(readFileSync(path.join(folder, OWNER), "utf8")))
        rmSync(folder, { recursive: true, force: true });
    } catch {
      // nobody's, or being made at this moment
    }
  }
}

/** Whether a process of another user can read the pod program and what it needs. */
function canStart(uid: number): Promise<boolean> {
  const code = "require('node:module').createRequire(process.argv[1]).resolve('node-red')";
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ["-e", `${code};require('node:fs').readFileSync(process.argv[1])`, path.join(podFolders.program, "pod.js")],
      {
        uid,
        gid: uid,
        cwd: "/",
        env: { NODE_ENV: "production" },
        stdio: "ignore",
      },
    );
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
