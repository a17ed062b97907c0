import { flowExecution } from "#server/features/flows/execute/index.ts";
import { RunWorker } from "#server/features/runs/index.ts";
import { compose } from "#server/compose.ts";
import type { Settings } from "#server/kernel/settings.ts";
import { createModels } from "#server/llm/models.ts";

/** The part of server/worker.ts that executes flows, in a process of its own, as in production. Told its settings by IPC. */
process.once("message", async (settings: Settings) => {
  const { deps } = await compose(settings, "worker");
  const models = createModels({ settings, log: deps.log, onChange: () => undefined });
  const flows = flowExecution({ ...deps, models });
  const worker = new RunWorker(deps, { executors: [flows.executor], settlers: [] });
  await worker.start();
  process.on("message", () => process.send?.(flows.pool.runners()));
  process.send?.("ready");
});
process.on("disconnect", () => process.exit());
