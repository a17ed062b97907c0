export { cancelRun } from "./cancel-run.ts";
export { workspaceTopic } from "./events.ts";
export type { Execution, RunExecutor, RunResult, RunSettler } from "./kinds.ts";
export { cleanRuns, deleteOldRuns } from "./retention.ts";
export { RunWorker } from "./run-worker.ts";
export { executeRun, idempotencyMismatch, startRun, type NewRun } from "./start-run.ts";
export { watchRun } from "./watch-run.ts";
export * from "./schema.ts";
