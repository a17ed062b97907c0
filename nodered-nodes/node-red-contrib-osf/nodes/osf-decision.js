"use strict";

const { clientOf, fail, nameOf, onMessage, register } = require("./lib/osf-node");
const { jsonInText } = require("./lib/json-in-text");
const { hasOperand, holds } = require("./lib/rules");
const { asText, evaluate, fillTemplate } = require("./lib/values");

module.exports = (RED) => {
  register(RED, "osf-decision", (node, config) => {
    const working = config.mode === "question" ? "asking the model" : "deciding";
    onMessage(node, working, async (msg, send) => {
      const decision = await (config.mode === "question" ? byModel(node, config, msg) : byRules(node, config, msg));
      if (!decision) return { fill: "grey", shape: "ring", text: "no rule applies" };
      msg.decision = decision;
      send(Array.from({ length: decision.index + 1 }, (_, port) => (port === decision.index ? msg : null)));
      return { fill: "green", shape: "dot", text: decision.label };
    });
  });

  const valueOf = (node, config, msg) =>
    evaluate(RED, node, msg, {
      value: config.property || "payload",
      type: config.propertyType || "msg",
      label: "Value to decide on",
    });

  /** The first rule that holds. None: the message ends here, or the node fails if it is set so. */
  async function byRules(node, config, msg) {
    const value = await valueOf(node, config, msg);
    const what = `${config.propertyType || "msg"}.${config.property || "payload"}`;
    for (const [index, rule] of (config.rules || []).entries()) {
      const label = labelOf(rule, index);
      const operand = hasOperand(rule.op)
        ? await evaluate(RED, node, msg, {
            value: rule.value,
            type: rule.valueType || "str",
            label: `Rule ${index + 1}`,
          })
        : undefined;
      if (holds(rule.op, value, operand, what)) return { label, index, by: "rule", value };
    }
    if (config.noMatch === "error") throw fail("decision.no-match", `No rule of "${nameOf(node)}" applies to ${what}.`);
    return null;
  }

  const labelOf = (rule, index) => rule.label || `Output ${index + 1}`;

  /** The model chooses one of the labels. What is none of them is asked once more, then it is an error. */
  async function byModel(node, config, msg) {
    const labels = (config.labels || []).map((row) => row.label);
    if (labels.length < 2 || labels.some((label) => !normal(label)))
      throw fail("node.config", `"${nameOf(node)}" needs at least two answers to choose from, each with a name.`);
    const question = await fillTemplate(RED, node, msg, config.question);
    const input = asText(await valueOf(node, config, msg));
    const choices = config.labels.map((row) => `- ${row.label}${row.hint ? `: ${row.hint}` : ""}`).join("\n");
    const system = `Choose exactly one of these answers:\n${choices}\nAnswer as JSON: {"label": "<the answer>", "reason": "<one sentence>"}`;
    let prompt = `${question}\n\n${input}`;
    for (let attempt = 1; attempt <= 2; attempt++) {
      const answer = await clientOf(RED).llm.complete(node, {
        system,
        prompt,
        tier: config.tier || "free",
        temperature: 0,
        json: true,
      });
      const chosen = choiceIn(answer, labels);
      if (chosen) return { ...chosen, by: "model", model: answer.model };
      prompt = `${question}\n\n${input}\n\nYour last answer was none of: ${labels.join(", ")}. Answer with one of them.`;
    }
    throw fail("decision.unclear", `The model chose none of: ${labels.join(", ")}.`);
  }

  /** `{label, index, reason?}`; an answer that is a bare label counts, one that names several does not. */
  function choiceIn(answer, labels) {
    const values = answer.value === undefined ? jsonInText(answer.text) : [answer.value];
    for (const value of [...values, answer.text]) {
      const named = typeof value === "object" && value !== null ? value.label : value;
      const index = labels.findIndex((label) => normal(label) === normal(named));
      if (index >= 0)
        return { label: labels[index], index, ...(typeof value?.reason === "string" ? { reason: value.reason } : {}) };
    }
    const inText = labels.flatMap((label, index) => (normal(answer.text).includes(normal(label)) ? [index] : []));
    return inText.length === 1 ? { label: labels[inText[0]], index: inText[0] } : null;
  }

  const normal = (text) =>
    String(text ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
};
