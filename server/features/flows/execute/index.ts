import { RUN_LIMITS } from "#server/engine/contract.ts";
import { createRunnerPool, type RunnerPool } from "#server/runner/pool.ts";
import type { RunExecutor } from "../../runs/index.ts";
import { contextNews, loadContexts } from "./context-news.ts";
import { flowExecutor, type FlowDeps } from "./flow-executor.ts";

/** The worker's part of executing flows: the executor for its queue, and the runners behind it. */
export function flowExecution(
  deps: Omit<FlowDeps, "pool" | "news">,
  options: Partial<Parameters<typeof createRunnerPool>[0]> = {},
): { executor: RunExecutor; pool: RunnerPool; close(): Promise<void> } {
  const { settings, log } = deps;
  const pool = createRunnerPool({
    limits: RUN_LIMITS,
    allowPrivateHosts: settings.allowPrivateHosts,
    size: settings.runners,
    contexts: (workspaceId) => loadContexts(deps, workspaceId),
    log,
    ...options,
  });
  const news = contextNews(deps, pool.setContext);
  return {
    executor: flowExecutor({ ...deps, pool, news }),
    pool,
    async close() {
      news.stop();
      await pool.close();
    },
  };
}
