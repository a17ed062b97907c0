"use strict";

const { clientOf, fail, listOf, nameOf, numberOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { asText, evaluate, fillTemplate } = require("./lib/values");

module.exports = (RED) => {
  register(RED, "osf-agent", (node, config) => {
    onMessage(node, "the agent works", async (msg, send) => {
      const value = (name, fallback, label) =>
        evaluate(RED, node, msg, { value: config[name] || fallback, type: config[`${name}Type`] || "msg", label });
      const input = asText(await value("input", "payload", "Task"));
      if (!input.trim()) throw fail("agent.empty", `The task of "${nameOf(node)}" is empty.`);
      const context = config.passContext ? await value("contextValue", "context", "Context") : undefined;
      const answer = await clientOf(RED).agent.run(node, {
        ...(await describe(node, msg)),
        input,
        ...(context === undefined ? {} : { context }),
        iterations: numberOf(config.iterations, "Rounds", { fallback: 6, min: 1, max: 10, integer: true }),
        tier: config.tier || "free",
      });
      setPayload(msg, answer.text);
      msg.agent = { calls: answer.calls, usage: answer.usage };
      send(msg);
    });

    /** An agent of the workspace by its id, or one that is described here. */
    const describe = async (node, msg) => {
      if (config.kind !== "own") {
        if (!config.agent) throw fail("node.config", `"${nameOf(node)}" has no agent.`);
        return { agent: config.agent };
      }
      const instructions = await fillTemplate(RED, node, msg, config.instructions);
      if (!instructions.trim()) throw fail("node.config", `The agent of "${nameOf(node)}" has no instructions.`);
      return { instructions, tools: listOf(config.tools) };
    };
  });
};
