"use strict";

const { clientOf, fail, nameOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { answerEditor } = require("./lib/editor-route");
const { argumentsOf } = require("./lib/tool-arguments");
const { evaluate } = require("./lib/values");

/** Node type → the only server whose tools it calls; null: any. */
const SERVERS = {
  "osf-mcp-erp": "erp",
  "osf-mcp-fertigung": "fertigung",
  "osf-mcp-qms": "qms",
  "osf-mcp-tms": "tms",
  "mcp-tool": null,
};

module.exports = (RED) => {
  for (const [type, server] of Object.entries(SERVERS)) {
    register(RED, type, (node, config) => {
      onMessage(node, "calling the tool", async (msg, send) => {
        const name = toolOf(node, config, server);
        const args = await (config.argsFrom === "value"
          ? wholeArguments(node, config, msg)
          : argumentsOf(RED, node, msg, config));
        const result = await clientOf(RED).tool.call(node, name, args);
        if (result.failed) throw fail("tool.failed", `${name}: ${result.text || "the tool failed"}`, result);
        setPayload(msg, result.value === undefined || result.value === null ? result.text : result.value);
        msg.tool = { name, args, text: result.text, durationMs: result.durationMs };
        send(msg);
        return { fill: "green", shape: "dot", text: `${Math.round(result.durationMs)} ms` };
      });
    });
  }

  /** `<server>.<tool>`. An imported flow may carry anything: a node of the ERP calls tools of the ERP. */
  function toolOf(node, { tool, server: chosen }, fixed) {
    if (!tool) throw fail("node.config", `"${nameOf(node)}" has no tool.`);
    if (fixed && tool.includes(".") && !tool.startsWith(`${fixed}.`))
      throw fail("node.config", `"${nameOf(node)}" calls tools of ${fixed} only, and "${tool}" is none.`);
    if (tool.includes(".")) return tool;
    const server = fixed || chosen;
    if (!server) throw fail("node.config", `"${nameOf(node)}" has a tool, "${tool}", but no server.`);
    return `${server}.${tool}`;
  }

  async function wholeArguments(node, config, msg) {
    const { argsValue = "payload", argsValueType = "msg" } = config;
    const args = await evaluate(RED, node, msg, { value: argsValue, type: argsValueType, label: "Arguments" });
    if (args && typeof args === "object" && !Array.isArray(args) && !Buffer.isBuffer(args)) return args;
    throw fail("tool.arguments", `The arguments of "${nameOf(node)}" must be an object with a property for each.`);
  }

  answerEditor(RED, "/osf/tools", (osf, { server }) =>
    osf.tool.list(null, typeof server === "string" && server ? { server } : {}),
  );
};
