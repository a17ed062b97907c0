"use strict";
/**
 * A pod: Node-RED for one seat. It starts without a seat, says where it listens, and is assigned later, without a
 * restart, by a request that the gateway signed. Everything that a flow does here is treated as hostile by the gateway:
 * this process holds a token that is good for its own seat, and nothing else.
 *
 * The configuration comes as the first IPC message: `{id, secret, gatewayUrl, publicKey, home, host, nodesDirs,
 * exclude, cache, launcher, prime}`. The answer is `{type: "ready", port}` or `{type: "failed", message}`; then the
 * channel is closed and the pod lives on by itself.
 */
const started = performance.now();
const ORPHAN_CHECK_MS = 2_000;

if (!process.send) {
  console.error("This program is started by the gateway, which tells it its configuration over IPC.");
  process.exit(2);
}

const onOrphaned = () => process.exit(1);
process.once("disconnect", onOrphaned);

process.once("message", (config) => {
  start(config).then(
    (port) => tell({ type: "ready", port, ms: Math.round(performance.now() - started) }),
    (error) => {
      console.error(error);
      tell({ type: "failed", message: String(error && error.message) });
      process.exit(1);
    },
  );
});

function tell(message) {
  process.removeListener("disconnect", onOrphaned);
  process.send(message, () => process.disconnect && process.connected && process.disconnect());
}

async function start(config) {
  if (config.cache) require("node:module").enableCompileCache(config.cache);
  watchLauncher(config.launcher);
  const { startPod } = require("./pod.js");
  const pod = await startPod(config);
  if (config.prime) require("node:module").flushCompileCache();
  let stopping = false;
  process.on("SIGTERM", () => {
    if (stopping) return;
    stopping = true;
    pod.stop().finally(() => process.exit(0));
  });
  return pod.port;
}

/** Nothing outlives the product: when the launcher is gone, or its pid is another process', the pod ends. */
function watchLauncher(launcher) {
  if (!launcher) return;
  const { startTimeOf } = require("./start-time.js");
  setInterval(() => {
    try {
      process.kill(launcher.pid, 0);
    } catch (error) {
      if (error.code === "ESRCH") process.exit(0);
    }
    const now = launcher.startTime ? startTimeOf(launcher.pid) : undefined;
    if (now !== undefined && now !== launcher.startTime) process.exit(0);
  }, ORPHAN_CHECK_MS).unref();
}

// A promise that a node forgot must not end everybody else's flow in this pod.
process.on("unhandledRejection", (reason) => console.error("unhandled rejection in a flow:", reason));
process.on("uncaughtException", (error) => {
  console.error("uncaught exception in a flow:", error);
  if (!require("./pod.js").survives(error)) process.exit(1);
});
