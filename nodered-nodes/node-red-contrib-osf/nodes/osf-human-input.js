"use strict";

const { clientOf, fail, listOf, nameOf, numberOf, onMessage, register } = require("./lib/osf-node");
const { evaluate, fillTemplate } = require("./lib/values");

const SECONDS = { minutes: 60, hours: 3_600, days: 86_400 };
const STANDARD = [
  { value: "approve", label: "Approve", style: "primary" },
  { value: "reject", label: "Reject", style: "danger" },
];
const YEAR = 366 * 86_400;

module.exports = (RED) => {
  register(RED, "osf-human-input", (node, config) => {
    onMessage(node, "waiting for an answer", async (msg, send) => {
      const request = await requestOf(node, config, msg);
      const answer = await clientOf(RED).approval.request(node, request);
      const port = request.options.findIndex((option) => option.value === answer.decision);
      if (port < 0)
        throw fail(
          "approval.unknown-option",
          `"${answer.decision}" is none of the answers of "${nameOf(node)}".`,
          answer,
        );
      const { id, decision, comment, by, at } = answer;
      msg.form = answer.values;
      msg.approval = { id, decision, by, at, ...(comment === undefined ? {} : { comment }) };
      send(request.options.map((_, index) => (index === port ? msg : null)));
      return { fill: "green", shape: "dot", text: request.options[port].label };
    });
  });

  /** The configuration as an ApprovalRequest. Throws `node.config` for what could never be answered. */
  async function requestOf(node, config, msg) {
    const question = await fillTemplate(RED, node, msg, config.question);
    if (!question.trim()) throw fail("node.config", `"${nameOf(node)}" asks no question.`);
    const options = (config.options || STANDARD).map(optionOf);
    if (options.length === 0 || options.some((option) => !option.value))
      throw fail("node.config", `"${nameOf(node)}" needs at least one answer, each with a value.`);
    if (new Set(options.map((option) => option.value)).size < options.length)
      throw fail("node.config", `Two answers of "${nameOf(node)}" have the same value.`);
    const detail = await evaluate(RED, node, msg, {
      value: config.detail,
      type: config.detailType || "none",
      label: "Detail",
    });
    const expiresIn = expiryOf(config);
    if (expiresIn && config.defaultOption && !options.some((option) => option.value === config.defaultOption))
      throw fail("node.config", `The default "${config.defaultOption}" is none of the answers of "${nameOf(node)}".`);
    return {
      title:
        (await fillTemplate(RED, node, msg, config.title)).trim() || node.name || question.split("\n")[0].slice(0, 120),
      question,
      ...(detail === undefined ? {} : { detail }),
      options,
      ...(config.form?.length ? { form: config.form.map(fieldOf) } : {}),
      ...(expiresIn ? { expiresIn } : {}),
      ...(expiresIn && config.defaultOption ? { defaultOption: config.defaultOption } : {}),
      approvers: listOf(await fillTemplate(RED, node, msg, config.approvers)),
      required: numberOf(config.required, "Votes needed", { fallback: 1, min: 1, max: 20, integer: true }),
      notByStarter: Boolean(config.notByStarter),
    };
  }

  /** Flows that a program writes may give an option as a text, or by its label alone. */
  function optionOf(option) {
    const { value, label, style } = typeof option === "string" ? { value: option } : option;
    return { value: value || label, label: label || value, ...(style ? { style } : {}) };
  }

  /** Seconds; undefined: it never expires. */
  function expiryOf({ expiry, expiryUnit = "hours" }) {
    const count = numberOf(expiry, "Expiry", { fallback: 0, min: 0, max: YEAR });
    if (!(expiryUnit in SECONDS)) throw fail("node.config", `There is no unit of time "${expiryUnit}".`);
    return count ? Math.min(Math.max(1, Math.round(count * SECONDS[expiryUnit])), YEAR) : undefined;
  }

  function fieldOf({ name, label, type, required, options, default: value }) {
    return {
      name,
      label: label || name,
      type,
      ...(required ? { required: true } : {}),
      ...(type === "select" ? { options: listOf(options) } : {}),
      ...(value === undefined || value === "" ? {} : { default: defaultOf(type, value) }),
    };
  }

  function defaultOf(type, value) {
    if (type === "number") return Number(value);
    return type === "boolean" ? value === true || value === "true" : value;
  }
};
