import { Worker } from "node:worker_threads";

const LOOK_MS = 250;

/**
 * Ends this process when its parent is gone, also while its event loop is held by code that cannot be interrupted and
 * so cannot notice that the channel was closed: a thread of its own looks (10 MB).
 */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(1));
  const program = `
    const parent = ${process.ppid};
    setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), ${LOOK_MS});
  `;
  const thread = new Worker(program, {
    eval: true,
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.unref();
  thread.on("error", () => process.exit(1));
}
