"use strict";

const Ajv = require("ajv");
const { clientOf, fail, nameOf, numberOf, onMessage, register, setPayload } = require("./lib/osf-node");
const { jsonInText } = require("./lib/json-in-text");
const { asText, evaluate } = require("./lib/values");

/** Characters of an answer that are shown to the model for repair and kept in an error. */
const SHOWN = 8_000;

module.exports = (RED) => {
  register(RED, "osf-output-parser", (node, config) => {
    const { validate, problem } = compile(config);
    if (problem) node.status({ fill: "red", shape: "ring", text: "schema is not valid" });

    onMessage(node, "checking", async (msg, send) => {
      if (problem) throw fail("parser.schema", `The schema of "${nameOf(node)}" is not valid: ${problem}`);
      const most = numberOf(config.retries, "Repairs", { fallback: 2, min: 0, max: 2, integer: true });
      let input = await evaluate(RED, node, msg, { value: config.property || "payload", type: "msg", label: "Input" });
      let usage;
      for (let repairs = 0; ; repairs++) {
        const { value, errors } = check(input, validate);
        if (!errors) {
          setPayload(msg, value);
          msg.parser = { repairs, ...(usage ? { usage } : {}) };
          send(msg);
          return;
        }
        if (repairs === most)
          throw fail("parser.invalid", `${describe(errors)}${most ? ` (after ${repairs} repairs)` : ""}`, {
            errors,
            text: asText(input).slice(0, SHOWN),
          });
        node.status({ fill: "yellow", shape: "dot", text: "repairing" });
        const answer = await clientOf(RED).llm.complete(node, repairRequest(config, input, errors));
        usage = answer.usage;
        input = answer.value === undefined ? answer.text : answer.value;
      }
    });
  });

  function compile(config) {
    try {
      const schema = JSON.parse(config.schema || "true");
      const ajv = new Ajv({
        allErrors: true,
        strict: false,
        validateFormats: false, // formats are not part of the core; an unknown one must not make a schema invalid
        logger: false,
        coerceTypes: Boolean(config.coerce),
        useDefaults: Boolean(config.coerce),
      });
      return { validate: ajv.compile(schema) };
    } catch (error) {
      return { problem: error.message };
    }
  }

  /** `{value}` or `{errors: [{path, message}]}`. Of several JSON values in a text the first valid one counts. */
  function check(input, validate) {
    const candidates = typeof input === "string" ? jsonInText(input) : [RED.util.cloneMessage(input)];
    if (candidates.length === 0 || input === undefined)
      return { errors: [{ path: "", message: "there is no JSON in it" }] };
    let errors;
    for (const value of candidates) {
      const box = { value };
      if (validate(box.value, { parentData: box, parentDataProperty: "value", instancePath: "", rootData: value }))
        return { value: box.value };
      errors ||= validate.errors.slice(0, 20).map(({ instancePath, message, params }) => ({
        path: instancePath,
        message: params.allowedValues ? `${message}: ${params.allowedValues.join(", ")}` : message,
      }));
    }
    return { errors };
  }

  const describe = (errors) =>
    `The answer does not fit the schema: ${errors.map(({ path, message }) => `${path || "the whole"} ${message}`).join("; ")}`;

  function repairRequest(config, input, errors) {
    return {
      system: "You repair answers so that they fit a JSON Schema. Keep the content; answer with the JSON value alone.",
      prompt: [
        `JSON Schema:\n${config.schema}`,
        `Answer to repair:\n${asText(input).slice(0, SHOWN)}`,
        `What is wrong:\n${errors.map(({ path, message }) => `- ${path || "the whole"} ${message}`).join("\n")}`,
      ].join("\n\n"),
      tier: config.tier || "free",
      temperature: 0,
      json: true,
    };
  }
};
