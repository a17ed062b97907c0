"use strict";

const QUIET_MS = 1_500;
const SEND_MS = 2_000;
const MOST_STEPS = 200;
const MOST_PER_MINUTE = 60;
const MOST_WAITING = 100;
const LONGEST_MS = 10 * 60_000;
const PAYLOAD_CHARS = 1_000;
const MOST_VALUES = 300;
/** These hand a message on and never say that they are done with it (see activity.js): over when they were called. */
const NEVER_DONE = new Set(["switch", "rbe", "debug", "link out"]);
const SECRET = /pass(word|phrase)|secret|token|authorization|cookie|credential|private.?key|api.?key/i;

/** A copy of so many values at most: a message on its way must not wait for megabytes to be read. */
function bounded(value, left, depth) {
  if (typeof value === "string") return value.length > PAYLOAD_CHARS ? `${value.slice(0, PAYLOAD_CHARS)}…` : value;
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth === 0) return "[…]";
  const copy = Array.isArray(value) ? [] : {};
  for (const name in value) {
    if (left.values-- <= 0) break;
    copy[name] = SECRET.test(name) ? "[secret]" : bounded(value[name], left, depth - 1);
  }
  return copy;
}

/** What a message carried, bounded, with what is named like a secret replaced. */
function payloadOf(msg) {
  try {
    const text = JSON.stringify(bounded(msg.payload, { values: MOST_VALUES }, 6));
    if (text === undefined) return null;
    return text.length <= PAYLOAD_CHARS ? JSON.parse(text) : `${text.slice(0, PAYLOAD_CHARS)}…`;
  } catch {
    return null; // what cannot be read, such as a request
  }
}

/**
 * Follows messages through the flows by Node-RED's hooks, so that what runs here is seen beside the runs of the engine.
 * An execution is what has one `_msgid`: it is told of when nothing of it has moved for a moment. At most sixty a
 * minute are followed; a tab with the environment variable OSF_TRACK=off is not.
 */
exports.createTracking = ({ gateway, state, hooks, getNode }) => {
  const open = new Map(); // _msgid → execution
  const byMessage = new WeakMap(); // message → node id → step; one object travels along a wire, and `done` follows `send`
  const sent = new WeakMap(); // message → node id → {from, port}
  let waiting = [];
  let minute = 0;
  let followed = 0;

  const isTracked = (node) => !node._flow || node._flow.getSetting("OSF_TRACK") !== "off";

  function executionOf(msg, node) {
    const known = open.get(msg._msgid);
    if (known) return known;
    const now = Math.floor(Date.now() / 60_000);
    if (now !== minute) [minute, followed] = [now, 0];
    if (followed >= MOST_PER_MINUTE || !isTracked(node)) return null;
    followed++;
    const execution = { tab: node.z, startedAt: Date.now(), steps: [], busy: 0, moved: 0 };
    open.set(msg._msgid, execution);
    return execution;
  }
  const mapOf = (weak, msg) => {
    let map = weak.get(msg);
    if (!map) weak.set(msg, (map = new Map()));
    return map;
  };
  function finish(step, error) {
    if (step.status !== "running") return;
    step.status = error ? "failed" : "done";
    step.durationMs = Math.round((performance.now() - step.began) * 100) / 100;
    if (error) step.error = String(error.message || error).slice(0, 500);
    step.execution.busy--;
    step.execution.moved = Date.now();
  }

  hooks.add("preDeliver.osf-track", ({ msg, source, destination }) => {
    if (!state.assignment || !open.has(msg._msgid)) return;
    mapOf(sent, msg).set(destination.id, { source: source.id, port: source.port });
  });
  hooks.add("onReceive.osf-track", ({ msg, destination }) => {
    if (!state.assignment || typeof msg._msgid !== "string" || !destination.node) return;
    const { node } = destination;
    const execution = executionOf(msg, node);
    if (!execution || execution.steps.length >= MOST_STEPS) return;
    const by = mapOf(sent, msg).get(destination.id);
    const from = by ? execution.steps.findLastIndex((step) => step.node === by.source) : -1;
    const step = {
      execution,
      node: node.id,
      type: node.type,
      name: node.name || null,
      from: from < 0 ? null : from + 1,
      port: from < 0 ? null : by.port,
      at: Date.now(),
      began: performance.now(),
      durationMs: 0,
      status: "running",
      error: null,
      payload: payloadOf(msg),
    };
    execution.steps.push(step);
    execution.busy++;
    execution.moved = step.at;
    if (NEVER_DONE.has(node.type)) finish(step);
    else mapOf(byMessage, msg).set(node.id, step);
  });
  hooks.add("onComplete.osf-track", ({ msg, node, error }) => {
    const steps = byMessage.get(msg);
    const step = steps && steps.get(node.id);
    if (!step) return;
    steps.delete(node.id);
    finish(step, error);
  });

  function collect() {
    const now = Date.now();
    for (const [id, execution] of open) {
      const over = execution.busy <= 0 && now - execution.moved > QUIET_MS;
      if (!over && now - execution.startedAt < LONGEST_MS) continue;
      open.delete(id);
      if (execution.steps.length === 0 || waiting.length >= MOST_WAITING) continue;
      const first = execution.steps[0];
      const node = getNode(first.node);
      waiting.push({
        tab: execution.tab || (node && node.z) || null,
        startedAt: execution.startedAt,
        endedAt: execution.moved,
        steps: execution.steps.map(({ execution: _own, began: _began, ...step }) => step),
      });
    }
  }
  async function send() {
    collect();
    if (waiting.length === 0 || !state.assignment) return;
    const executions = waiting.splice(0, 20);
    try {
      await gateway.call("POST", "/events", { executions }, { repeat: false, timeoutMs: 5_000 });
    } catch (error) {
      if (error.status === undefined || error.status >= 500)
        waiting = [...executions, ...waiting].slice(0, MOST_WAITING);
    }
  }
  const timer = setInterval(() => void send(), SEND_MS);
  return { stop: () => clearInterval(timer) };
};
