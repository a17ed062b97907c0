import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import { podFolders } from "../version.ts";

/** What the pod program is told, by IPC: nothing of it is in its arguments or its environment. */
export interface ProgramConfig {
  id: string;
  secret: string;
  gatewayUrl: string;
  publicKey: string;
  home: string;
  host: string;
  nodesDirs: string[];
  /** Files of core nodes that are not loaded. */
  exclude: string[];
  cache: string;
  launcher: { pid: number; startTime: string | null } | null;
  /** Fill the compile cache and end; no gateway is asked. */
  prime: boolean;
}

export type FromProgram = { type: "ready"; port: number; ms: number } | { type: "failed"; message: string };

interface Start {
  config: ProgramConfig;
  memoryMb: number;
  uid: number | null;
  /** File descriptor that takes what it says; undefined: nobody listens. */
  output: number | undefined;
}

/**
 * Starts the pod program with what it may read and write, and nothing else: Node's permission model takes child
 * processes, workers, native modules and the inspector from it; `--disable-sigusr1` keeps others from opening one.
 */
export function startProgram({ config, memoryMb, uid, output }: Start): ChildProcess {
  const readable = [
    path.join(podFolders.project, "node_modules/"),
    path.join(podFolders.project, "nodered-nodes/"),
    config.home,
    config.cache,
    // start time of the launcher, to know that it is still the same
    ...(config.launcher && process.platform === "linux" ? [`/proc/${config.launcher.pid}/stat`] : []),
  ];
  const flags = [
    "--permission",
    ...readable.map((one) => `--allow-fs-read=${one}`),
    // The cache too, or Node would not use it; where users are separate, the pod's own cannot write there.
    ...[config.home, config.cache].map((one) => `--allow-fs-write=${one}`),
    `--max-old-space-size=${memoryMb}`,
    "--disable-sigusr1",
    "--disable-warning=SecurityWarning",
    "--disable-warning=ExperimentalWarning",
  ];
  const child = spawn(process.execPath, [...flags, path.join(podFolders.program, "index.js")], {
    cwd: config.home,
    env: {
      NODE_ENV: "production",
      HOME: config.home,
      TMPDIR: config.home,
      TZ: Intl.DateTimeFormat().resolvedOptions().timeZone, // clocks of flows go as those of the plant
    },
    stdio: ["ignore", output ?? "ignore", output ?? "ignore", "ipc"],
    // A session of its own: it outlives the worker, and all of it can be ended at once.
    detached: true,
    ...(uid === null ? {} : { uid, gid: uid }),
  });
  child.send(config, () => undefined); // a broken channel: the end of the process follows
  return child;
}
