import { randomUUID } from "node:crypto";
import { compose } from "./compose.ts";
import { keepExpiring } from "./features/approvals/index.ts";
import { deleteOldAudit, keepLinking } from "./features/audit/index.ts";
import { chatExecutor, keepResuming } from "./features/chat/index.ts";
import { flowExecution } from "./features/flows/execute/index.ts";
import { reportModels } from "./features/models/index.ts";
import { cleanOAuth, deleteOldOAuth } from "./features/oauth/index.ts";
import { cleanRuns, deleteOldRuns, RunWorker } from "./features/runs/index.ts";
import { settlers } from "./features/settlers.ts";
import { isDatabaseAway } from "./kernel/errors.ts";
import { runPart } from "./kernel/part.ts";
import type { Settings } from "./kernel/settings.ts";
import { createModels } from "./llm/models.ts";
import { keepPods } from "./pods/keep-pods.ts";

const CHECK_MODELS_MS = 15_000;
/** A report that is not repeated for a while is of a worker that died. */
const REPORT_EVERY_MS = 4_000;
const REPORT_AFTER_MS = 150;
/** Runs that are shorter end before the worker does; longer ones are gone on with by the next. */
const GRACE_MS = 15_000;

async function startWorker(settings: Settings) {
  const { deps, close } = await compose(settings, "worker");
  const instance = randomUUID();

  let due: NodeJS.Timeout | undefined;
  let changed = true;
  const report = () => {
    due ??= setTimeout(() => {
      due = undefined;
      const told = reportModels(deps, instance, models, { changed });
      changed = false;
      told.catch((err: unknown) => {
        changed = true;
        if (!isDatabaseAway(err)) deps.log.error({ err }, "reporting the models failed");
      });
    }, REPORT_AFTER_MS);
  };
  const models = createModels({
    settings,
    log: deps.log,
    onChange() {
      changed = true;
      report();
    },
  });
  const look = () => void models.check();
  const checks = setInterval(look, CHECK_MODELS_MS);
  const beats = setInterval(report, REPORT_EVERY_MS);
  look();
  report();

  const flows = flowExecution({ ...deps, models });
  const executors = [chatExecutor({ ...deps, models }), flows.executor];
  const worker = new RunWorker(deps, { executors, settlers });
  await worker.start();
  const stopExpiring = keepExpiring(deps);
  const stopResuming = keepResuming(deps);
  const stopLinking = keepLinking(deps);
  const stopPods = await keepPods(deps);
  await deps.jobs.work(cleanRuns, async () => {
    await deleteOldRuns(deps);
    await deleteOldAudit(deps);
  });
  await deps.jobs.schedule(cleanRuns, "17 3 * * *");
  await deps.jobs.work(cleanOAuth, async () => void (await deleteOldOAuth(deps)));
  await deps.jobs.schedule(cleanOAuth, "43 * * * *");

  return {
    info: {},
    async stop() {
      clearInterval(checks);
      clearInterval(beats);
      await stopExpiring();
      await stopResuming();
      await Promise.all([worker.stop(GRACE_MS), stopPods()]);
      await flows.close();
      await stopLinking();
      clearTimeout(due);
      await deps.db.partReport.deleteMany({ where: { instance } }).catch(() => undefined);
      await close();
    },
  };
}

runPart(startWorker);
