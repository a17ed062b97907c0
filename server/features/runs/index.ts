export { cancelRun } from "./cancel-run.ts";
export { workspaceTopic } from "./events.ts";
export type { Execution, RecordedCall, RunExecutor, RunResult, RunSettler, Suspension } from "./kinds.ts";
export { resumeRun } from "./resume-run.ts";
export { cleanRuns, deleteOldRuns } from "./retention.ts";
export { RunWorker } from "./run-worker.ts";
export { idempotencyMismatch, startRun, startRunNow, type NewRun } from "./start-run.ts";
export { watchRun } from "./watch-run.ts";
export * from "./schema.ts";
