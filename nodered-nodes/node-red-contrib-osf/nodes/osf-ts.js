"use strict";

const { clientOf, fail, nameOf, numberOf, onMessage, register } = require("./lib/osf-node");

module.exports = (RED) => {
  register(RED, "osf-ts", (node, config) => {
    onMessage(node, "running", async (msg, send) => {
      const outputs = numberOf(config.outputs, "Outputs", { fallback: 1, min: 1, max: 5, integer: true });
      const seconds = numberOf(config.timeout, "Timeout", { fallback: 120, min: 1, max: 600 });
      if (!String(config.code || "").trim()) throw fail("node.config", `"${nameOf(node)}" has no code.`);
      const returned = await clientOf(RED).code.run(node, { code: config.code, msg, timeoutMs: seconds * 1000 });
      send(onPorts(returned, outputs).map((item) => asMessage(item, msg)));
    });
  });

  /** With several outputs an array is one item a port; with one output every value belongs to it, arrays too. */
  function onPorts(returned, outputs) {
    if (outputs === 1 || !Array.isArray(returned)) return [returned];
    if (returned.length <= outputs) return returned;
    throw fail("ts.outputs", `The code returned ${returned.length} items, but the node has ${outputs} outputs.`);
  }

  /**
   * An object with `payload` or `_msgid` is a message, every other value a payload. What is no whole message any more
   * keeps the other properties of the one that came in; `req` and `res` never pass through the code.
   */
  function asMessage(item, msg) {
    if (item === undefined || item === null) return null;
    const isObject = typeof item === "object" && !Array.isArray(item) && !Buffer.isBuffer(item);
    if (!isObject || !("payload" in item || "_msgid" in item)) return { ...msg, payload: item, previous: msg.payload };
    const { req, res } = msg;
    const kept = { ...(req === undefined ? {} : { req }), ...(res === undefined ? {} : { res }) };
    return item._msgid === undefined ? { ...msg, ...item, ...kept } : { ...item, ...kept };
  }
};
