import { createController } from "./controller.ts";
import type { PodDeps } from "./deps.ts";
import { openLocalDriver } from "./local/local-driver.ts";
import { createPodTokens } from "./tokens.ts";
import { podVersion } from "./version.ts";

/** Looks after the pods for as long as the worker runs; answers how to stop. */
export async function keepPods(deps: PodDeps): Promise<() => Promise<void>> {
  const { settings, log } = deps;
  if (settings.pods.driver === "none") return async () => undefined;
  const version = podVersion(settings.version);
  const tokens = createPodTokens(settings.jwtSecret);
  const driver = await openLocalDriver({
    dataDir: settings.dataDir,
    launcherPid: settings.launcherPid,
    version,
    tokens,
    log,
  });
  const controller = createController(deps, driver, version);
  controller.start();
  return () => controller.stop();
}
