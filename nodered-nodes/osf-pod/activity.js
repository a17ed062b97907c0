"use strict";

const REPORT_MS = 5_000;
const HTTP_RECENT_MS = 5 * 60_000;
const FORGET_MS = 60 * 60_000;
/** These hand a message on and never say that they are done with it. */
const NEVER_DONE = new Set(["switch", "rbe", "debug", "link out", "unknown"]);

/**
 * What the pod does, so that it is not taken away under running work: messages that a node has not finished with,
 * requests of the osf nodes, recent traffic on `http in`, nodes that start flows by the clock.
 * Reported when it changes, and at least every five seconds while anything happens.
 */
exports.createActivity = ({ gateway, state, hooks, eachNode }) => {
  const open = new Set();
  const byMessage = new WeakMap(); // message → node id → delivery: one object travels along a wire, and `done` follows `send`
  let calls = 0;
  let lastHttp = 0;
  let lastActivity = Date.now();
  let reported = "";

  hooks.add("onReceive.osf-activity", ({ msg, destination }) => {
    lastActivity = Date.now();
    const type = destination.node && destination.node.type;
    if (NEVER_DONE.has(type)) return;
    let nodes = byMessage.get(msg);
    if (!nodes) byMessage.set(msg, (nodes = new Map()));
    const delivery = { at: lastActivity };
    nodes.set(destination.id, delivery);
    open.add(delivery);
  });
  hooks.add("onComplete.osf-activity", ({ msg, node }) => {
    const nodes = byMessage.get(msg);
    const delivery = nodes && nodes.get(node.id);
    if (!delivery) return;
    nodes.delete(node.id);
    open.delete(delivery);
  });

  const busy = () => {
    const now = Date.now();
    for (const delivery of open) if (now - delivery.at > FORGET_MS) open.delete(delivery);
    let timers = 0;
    eachNode((node) => {
      if (node.type === "inject" && !node.d && (node.repeat || node.crontab)) timers++;
    });
    return { runs: open.size + calls, http: now - lastHttp < HTTP_RECENT_MS && lastHttp > 0 ? 1 : 0, timers };
  };

  const report = async () => {
    if (!state.assignment) return;
    const now = { busy: busy(), activityAt: lastActivity, memoryMb: Math.round(process.memoryUsage.rss() / 1_048_576) };
    const key = JSON.stringify([now.busy, now.activityAt]);
    if (key === reported) return;
    try {
      await gateway.call("POST", "/activity", now, { repeat: false, timeoutMs: 4_000 });
      reported = key;
    } catch {
      // said again in a moment
    }
  };
  const timer = setInterval(() => void report(), REPORT_MS);

  return {
    busy,
    report,
    /** A request of a person: to the editor, or to an `http in`. */
    touched(http) {
      lastActivity = Date.now();
      if (http) lastHttp = lastActivity;
    },
    async during(work) {
      calls++;
      try {
        return await work();
      } finally {
        calls--;
      }
    },
    /** Resolves when nothing runs any more, or when the time is up. */
    async quiet(ms) {
      const until = Date.now() + ms;
      while (Date.now() < until && busy().runs > 0) await new Promise((done) => setTimeout(done, 100));
    },
    stop: () => clearInterval(timer),
  };
};
