"use strict";

const { clientOf, fail, nameOf, numberOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { asText, evaluate } = require("./lib/values");

/** Key of the node context under which a context stays that came as a message of its own. */
const KEPT = "osf-llm-context";

module.exports = (RED) => {
  register(RED, "osf-llm", (node, config) => {
    onMessage(node, "asking the model", async (msg, send) => {
      // In node context, which belongs to the run: a context of another run is never seen, and it outlives a restart.
      if (config.contextFrom === "topic" && msg.topic === "context") {
        await contextCall(node, "set", KEPT, asText(msg.payload));
        return { fill: "grey", shape: "dot", text: "context kept" };
      }
      const system = await contextFor(node, msg);
      const prompt = asText(
        await evaluate(RED, node, msg, {
          value: config.prompt || "payload",
          type: config.promptType || "msg",
          label: "Prompt",
        }),
      );
      if (!prompt.trim()) throw fail("prompt.empty", `The prompt of "${nameOf(node)}" is empty.`);
      const answer = await clientOf(RED).llm.complete(node, {
        ...(system.trim() ? { system } : {}),
        prompt,
        tier: config.tier || "free",
        ...(config.model ? { model: config.model } : {}),
        temperature: numberOf(config.temperature, "Temperature", { fallback: 0.3, min: 0, max: 2 }),
        ...(config.json ? { json: true } : {}),
        ...limitOf(config.maxTokens),
      });
      setPayload(msg, config.json ? answer.value : answer.text);
      msg.llm = { model: answer.model, usage: answer.usage };
      send(msg);
    });

    const contextFor = async (node, msg) => {
      if (config.contextFrom === "topic") return asText(await contextCall(node, "get", KEPT));
      const { system = "context", systemType = "msg" } = config;
      return asText(await evaluate(RED, node, msg, { value: system, type: systemType, label: "Context" }));
    };
  });

  const limitOf = (value) => {
    const maxTokens = numberOf(value, "Tokens", { fallback: undefined, min: 1, max: 100_000, integer: true });
    return maxTokens === undefined ? {} : { maxTokens };
  };

  /** `get` or `set` of node context, which may be kept somewhere that takes time to answer. */
  const contextCall = (node, method, ...args) =>
    new Promise((resolve, reject) =>
      node.context()[method](...args, (error, value) => (error ? reject(error) : resolve(value))),
    );
};
