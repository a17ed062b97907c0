import { execFile } from "node:child_process";
import { lchown, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { AppError } from "../kernel/errors.ts";

const run = promisify(execFile);

/** The environment of the database programs: theirs alone, so that nothing of ours (secrets, PG* variables) leaks in. */
export const PROGRAM_ENV: NodeJS.ProcessEnv = {
  NODE_ENV: "production", // the type of Next wants it
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** As whom the database runs. */
export interface Identity {
  /** What stands before the program, for example `unshare …`. */
  prefix: string[];
  /** Gives a folder with all that is in it to that identity, unless it is its own already. */
  own(folder: string): Promise<void>;
}

const NOBODY = 65_534;
const NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"];

/** A user that may still pass the folders above (`/root` is closed to all others). */
const asUser = (uid: number) => {
  const capabilities = "+dac_override,+dac_read_search";
  return [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${uid}`,
    "--clear-groups",
    `--inh-caps=${capabilities}`,
    `--ambient-caps=${capabilities}`,
    "--",
  ];
};

const works = async (prefix: string[]) => {
  const [program = "", ...args] = [...prefix, "true"];
  return run(program, args, { env: PROGRAM_ENV }).then(
    () => true,
    () => false,
  );
};

/**
 * PostgreSQL refuses to run as root. As root it therefore runs in a user namespace, where files stay root's and no
 * system user is needed; where namespaces are forbidden (many containers), as the user `nobody`. A cluster that
 * belongs to somebody already keeps its owner.
 */
export async function chooseIdentity(cluster: string): Promise<Identity> {
  const keep = async () => undefined;
  if (process.getuid?.() !== 0) return { prefix: [], own: keep };
  const owner = (await stat(cluster).catch(() => undefined))?.uid ?? 0;
  if (owner === 0 && (await works(NAMESPACE))) return { prefix: NAMESPACE, own: keep };
  const uid = owner === 0 ? NOBODY : owner;
  const prefix = asUser(uid);
  if (await works(prefix)) return { prefix, own: (folder) => giveTo(uid, folder) };
  throw new AppError(
    "unavailable",
    "postgres.root",
    "The embedded PostgreSQL cannot run as root here: neither user namespaces (unshare) nor setpriv work. Start as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own",
  );
}

async function giveTo(uid: number, folder: string): Promise<void> {
  if ((await stat(folder)).uid === uid) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) await lchown(path.join(entry.parentPath, entry.name), uid, uid);
  await lchown(folder, uid, uid); // last: an interrupted change is taken up again
}
