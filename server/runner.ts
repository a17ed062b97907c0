import path from "node:path";
import { createEngine } from "./engine/index.ts";
import { createCodeRunner, functionNodeOverride } from "./engine/isolate/index.ts";
import { installDialGuard } from "./runner/dial-guard.ts";
import { serveRunner } from "./runner/serve-runner.ts";
import { endWithParent } from "./runner/watchdog.ts";

/**
 * Composition root of a runner process: started by the worker's pool (runner/runner-process.ts), without environment,
 * secrets, files or database. It holds graphs, node modules and isolates; everything else it asks the worker for.
 */
const PACKAGES = [path.join(import.meta.dirname, "../nodered-nodes/node-red-contrib-osf")];

endWithParent();
serveRunner(process, async (host, { limits, allowPrivateHosts }, log) => {
  const guard = installDialGuard(allowPrivateHosts);
  return createEngine({
    host,
    limits,
    packages: PACKAGES,
    overrides: { function: functionNodeOverride },
    runCode: createCodeRunner(),
    checkUrl: (url) => guard.check(url),
    onLog: (level, message) => log({ level, message }),
  });
});
