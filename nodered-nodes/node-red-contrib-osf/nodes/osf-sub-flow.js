"use strict";

const { clientOf, fail, nameOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { answerEditor } = require("./lib/editor-route");
const { evaluate } = require("./lib/values");

module.exports = (RED) => {
  register(RED, "osf-sub-flow", (node, config) => {
    onMessage(node, "running the flow", async (msg, send) => {
      if (!config.flow) throw fail("node.config", `"${nameOf(node)}" has no flow to run.`);
      const payload = await evaluate(RED, node, msg, {
        value: config.input || "payload",
        type: config.inputType || "msg",
        label: "Input",
      });
      const wait = config.wait !== false;
      const run = await clientOf(RED).flow.run(node, { flow: config.flow, payload, wait });
      if (wait && run.status !== "completed")
        throw fail("flow.not-completed", `The flow "${config.flowName || config.flow}" ended as ${run.status}.`, run);
      if (wait) setPayload(msg, resultOf(run.output));
      msg.run = { id: run.runId, status: run.status };
      send(msg);
    });
  });

  /** Runs end with `{payload, messages}`: the payload goes on, as it would along a wire. */
  const resultOf = (output) =>
    output && typeof output === "object" && "payload" in output && Array.isArray(output.messages)
      ? output.payload
      : output;

  answerEditor(RED, "/osf/flows", (osf) => osf.flow.list(null));
};
