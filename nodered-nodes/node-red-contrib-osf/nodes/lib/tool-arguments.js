"use strict";

const { fail } = require("./osf-node");
const { evaluate } = require("./values");

const LITERAL = ["str", "num", "json", "bool"];

/**
 * The arguments of a tool call from the node's form. `args`: `[{name, value, type}]` as typed inputs; `shape`:
 * `[{name, type, required}]`, what the tool's schema said when the form was filled. The gateway checks the arguments
 * against the schema of today; here only what would be unclear there: which field of the form is missing or of another kind.
 */
async function argumentsOf(RED, node, msg, { args = [], shape = [] }) {
  const found = {};
  for (const { name, value, type } of args) {
    if (value === "" && LITERAL.includes(type)) continue; // a field that was left empty
    const evaluated = await evaluate(RED, node, msg, { value, type, label: `Argument "${name}"` });
    const { type: wanted } = shape.find((one) => one.name === name) || {};
    if (evaluated !== undefined) found[name] = converted(evaluated, wanted, name);
  }
  const missing = shape.filter(({ name, required }) => required && found[name] === undefined);
  if (missing.length)
    throw fail(
      "tool.arguments",
      `No value for ${missing.map(({ name }) => `"${name}"`).join(", ")}, which the tool needs.`,
    );
  return found;
}

/** Texts become what the tool wants where they say exactly that: `"12"` the number 12, `"true"` true, JSON its value. */
function converted(value, wanted, name) {
  const refuse = () => {
    throw fail("tool.arguments", `Argument "${name}" must be ${WORDS[wanted]}, but it is ${describe(value)}.`);
  };
  if (wanted === "number" || wanted === "integer") {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isFinite(number)) return refuse();
    return wanted === "integer" && !Number.isInteger(number) ? refuse() : number;
  }
  if (wanted === "boolean") {
    if (value === "true" || value === "false") return value === "true";
    return typeof value === "boolean" ? value : refuse();
  }
  if (wanted === "string") {
    if (value instanceof Date) return value.toISOString();
    return ["string", "number", "boolean"].includes(typeof value) ? String(value) : refuse();
  }
  if (wanted === "array" || wanted === "object") {
    const parsed = typeof value === "string" ? parse(value) : value;
    const fits =
      wanted === "array" ? Array.isArray(parsed) : parsed && typeof parsed === "object" && !Array.isArray(parsed);
    return fits ? parsed : refuse();
  }
  return value;
}

const WORDS = {
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  string: "a text",
  array: "a list",
  object: "an object",
};

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe(value) {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `"${String(value).slice(0, 60)}"`;
}

module.exports = { argumentsOf };
