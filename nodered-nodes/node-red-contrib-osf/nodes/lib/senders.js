"use strict";

/**
 * Who sent a message. The engine says it (`osf.delivery`); a Node-RED runtime tells only its hooks, so one is there as
 * long as a node wants to know. Kept by message, which goes when the message goes.
 */
function sendersOf(RED) {
  const HOOK = "preDeliver.osf-senders";
  const byMessage = new WeakMap();
  const watching = new Set();
  const hostKnows = () => typeof RED.settings.osf?.delivery === "function";

  return {
    watch(node) {
      if (hostKnows() || typeof RED.hooks?.add !== "function") return;
      watching.add(node.id);
      if (watching.size === 1) {
        RED.hooks.add(HOOK, ({ msg, source, destination }) => {
          if (!watching.has(destination?.id) || typeof msg !== "object" || msg === null) return;
          const { id, type, name } = source?.node || {};
          byMessage.set(msg, { to: destination.id, from: { id, type, ...(name ? { name } : {}) } });
        });
      }
    },
    unwatch(node) {
      if (watching.delete(node.id) && watching.size === 0) RED.hooks.remove(HOOK);
    },
    /** `{id, type, name?}` or null. To be called before the handler's first `await`. */
    of(node, msg) {
      if (hostKnows()) return RED.settings.osf.delivery(node)?.from || null;
      const known = byMessage.get(msg);
      return known?.to === node.id ? known.from : null;
    },
  };
}

module.exports = { sendersOf };
