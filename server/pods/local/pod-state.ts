import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/** What is known of a pod on this machine, on disk, so that the next process of ours finds it. No secret is in it. */
const PodState = z.object({
  id: z.string(),
  pid: z.number(),
  startTime: z.string(),
  address: z.string().nullable(),
  uid: z.number().nullable(),
  home: z.string(),
});
export type PodState = z.infer<typeof PodState>;

const ID = /^[\w-]+$/;
const LOGS_KEPT = 30;

/** The folder with one subfolder a pod. Logs outlive their pods for a while. */
export function openStates(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const logs = path.join(folder, "logs");
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const of = (id: string) => {
    if (!ID.test(id)) throw new Error(`not an id of a pod: ${id}`);
    return path.join(folder, id);
  };
  const file = (id: string) => path.join(of(id), "state.json");
  return {
    folderOf: of,
    logOf: (id: string) => path.join(logs, `${path.basename(of(id))}.log`),
    write(state: PodState) {
      mkdirSync(of(state.id), { recursive: true, mode: 0o700 });
      writeFileSync(`${file(state.id)}.new`, JSON.stringify(state), { mode: 0o600 });
      renameSync(`${file(state.id)}.new`, file(state.id));
    },
    all(): { id: string; state: PodState | undefined }[] {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name.startsWith("pod_") && ID.test(entry.name))
        .map(({ name }) => ({ id: name, state: read(file(name)) }));
    },
    remove(id: string) {
      rmSync(of(id), { recursive: true, force: true });
    },
    /** Ids sort by time, so the oldest come first. */
    pruneLogs(alive: ReadonlySet<string>) {
      const old = readdirSync(logs)
        .filter((name) => !alive.has(name.replace(/\.log$/, "")))
        .toSorted()
        .slice(0, -LOGS_KEPT);
      for (const name of old) rmSync(path.join(logs, name), { force: true });
    },
  };
}
export type States = ReturnType<typeof openStates>;

function read(file: string): PodState | undefined {
  try {
    return PodState.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined; // half a folder: its process died while it was made
  }
}
