"use strict";

const { fail, nameOf, numberOf, register } = require("./lib/osf-node");
const { evaluate } = require("./lib/values");
const { sendersOf } = require("./lib/senders");

/** Groups that are open at once; beyond it something never completes, and memory would fill. */
const MOST_GROUPS = 1000;

module.exports = (RED) => {
  const senders = sendersOf(RED);

  /**
   * Holds messages: the handler of each is done only when its group is sent. An instance belongs to one run in the engine
   * (stateful), and to the flow in a pod.
   */
  register(RED, "osf-context", (node, config) => {
    /** @type {Map<string, { entries: Map<string, { from: string, value: unknown }>, rest: object, dones: Function[] }>} */
    const groups = new Map();
    if (config.keyBy === "upstream") senders.watch(node);

    node.on("input", async (msg, send, done) => {
      let error;
      try {
        const complete = await collect(msg, config.keyBy === "upstream" ? senders.of(node, msg) : null, done);
        if (!complete) return;
        send(complete.msg);
        for (const one of complete.dones) one();
      } catch (reason) {
        error = reason;
        node.status({ fill: "red", shape: "ring", text: error.code || "failed" });
      }
      done(error);
    });
    node.on("close", () => {
      groups.clear();
      senders.unwatch(node);
      node.status({});
    });

    /** Resolves with `{msg, dones}` when the group is complete, else keeps the message and its `done`. */
    async function collect(msg, from, done) {
      const wanted = numberOf(config.count, "Number of messages", { fallback: 2, min: 1, max: 100, integer: true });
      const groupKey = await groupOf(msg);
      const label = await labelOf(msg, from);
      const value = await evaluate(RED, node, msg, { value: config.value || "payload", type: "msg", label: "Value" });
      if (!groups.has(groupKey) && groups.size >= MOST_GROUPS)
        throw fail(
          "context.too-many",
          `"${nameOf(node)}" waits for ${MOST_GROUPS} incomplete sets of messages already.`,
        );
      const group = groups.get(groupKey) || { entries: new Map(), rest: {}, dones: [] };
      groups.set(groupKey, group);
      if (!("complete" in msg) || msg.payload !== undefined) put(group, label, from, value);
      Object.assign(group.rest, msg);
      if (group.entries.size < wanted && !msg.complete) {
        group.dones.push(done);
        node.status({ fill: "blue", shape: "ring", text: `${group.entries.size} / ${wanted}` });
        return null;
      }
      groups.delete(groupKey);
      const { complete: _complete, ...out } = group.rest;
      const collected = Object.fromEntries([...group.entries].map(([key, entry]) => [key, entry.value]));
      RED.util.setMessageProperty(out, config.target || "payload", collected, true);
      node.status({ fill: "green", shape: "dot", text: `${group.entries.size} / ${wanted}` });
      return { msg: out, dones: group.dones };
    }

    /** Two senders of one name get two keys; the same key or sender again replaces. Without a name each has its own. */
    function put(group, label, from, value) {
      const named = overrideOf(label) || label;
      const sender = from ? from.id : "";
      const isFree = (key) => !group.entries.has(key) || (named !== "" && group.entries.get(key).from === sender);
      let key = named || "input1";
      for (let n = 2; !isFree(key); n++) key = named ? `${named}_${n}` : `input${n}`;
      group.entries.set(key, { from: sender, value });
    }

    const overrideOf = (label) => (config.overrides || []).find((row) => row.from === label && row.key)?.key;

    async function labelOf(msg, from) {
      if (config.keyBy === "upstream" && from) return from.name || from.type;
      if (config.keyBy !== "property") return textKey(msg.topic);
      return textKey(
        await evaluate(RED, node, msg, { value: config.keyProperty || "topic", type: "msg", label: "Key" }),
      );
    }

    /** Copies of one message share `_msgid`: branches of one execution meet, those of another do not. */
    async function groupOf(msg) {
      if (config.group === "all") return "";
      if (config.group !== "property") return textKey(msg._msgid);
      return textKey(
        await evaluate(RED, node, msg, { value: config.groupProperty || "_msgid", type: "msg", label: "Group" }),
      );
    }
  });

  const textKey = (value) => (value === undefined || value === null ? "" : String(value));
};
