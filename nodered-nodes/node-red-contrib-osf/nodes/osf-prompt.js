"use strict";

const { clientOf, fail, nameOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { fillTemplate } = require("./lib/values");

module.exports = (RED) => {
  register(RED, "osf-prompt", (node, config) => {
    onMessage(node, "asking the model", async (msg, send) => {
      const prompt = await fillTemplate(RED, node, msg, config.prompt);
      if (!prompt.trim()) throw fail("prompt.empty", `The prompt of "${nameOf(node)}" is empty.`);
      const answer = await clientOf(RED).llm.complete(node, { prompt, tier: config.tier || "free" });
      setPayload(msg, answer.text);
      msg.llm = { model: answer.model, usage: answer.usage };
      send(msg);
    });
  });
};
