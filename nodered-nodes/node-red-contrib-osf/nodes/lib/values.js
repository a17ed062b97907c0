"use strict";

const { fail } = require("./osf-node");

/**
 * The value of a typed input. A property whose parent does not exist is undefined; an expression that is wrong rejects
 * with `value.invalid` and the label.
 */
function evaluate(RED, node, msg, { value, type, label }) {
  if (type === "none" || type === undefined || type === "") return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const refuse = (error) =>
      error instanceof TypeError && type === "msg"
        ? resolve(undefined)
        : reject(fail("value.invalid", `${label}: ${error.message || error}`));
    try {
      RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) =>
        error ? refuse(error) : resolve(result),
      );
    } catch (error) {
      refuse(error);
    }
  });
}

/** A value as part of a text: objects as JSON, nothing as an empty text. */
function asText(value) {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    throw fail("value.invalid", "A value that refers to itself cannot be written as text.");
  }
}

/**
 * `input` and `context` are msg.payload and msg.context; `flow.…`, `global.…` and `env.…` are theirs; all else is a
 * property of the message.
 */
function lookUp(RED, node, msg, path) {
  const label = `{{${path}}}`;
  const scope = /^(flow|global|env)\.(.+)$/s.exec(path);
  if (scope) return evaluate(RED, node, msg, { value: scope[2], type: scope[1], label });
  const value = path
    .replace(/^msg\./, "")
    .replace(/^input(?=$|[.[])/, "payload")
    .replace(/^context(?=$|[.[])/, "context");
  return evaluate(RED, node, msg, { value, type: "msg", label });
}

const BRACES = /\{\{\{\s*([^{}]+?)\s*\}\}\}|\{\{\s*([^{}]+?)\s*\}\}/g;
const BRACES_AND_DOLLAR = new RegExp(`${BRACES.source}|\\$\\{\\s*([^{}]+?)\\s*\\}`, "g");

/**
 * Replaces `{{path}}` (and `${path}` with `dollar`) by values. `escape` is applied to what two braces and `${}` put in,
 * never to three braces.
 */
async function fillTemplate(RED, node, msg, template, { dollar = false, escape = (text) => text } = {}) {
  const parts = [];
  let end = 0;
  for (const match of String(template || "").matchAll(dollar ? BRACES_AND_DOLLAR : BRACES)) {
    const [whole, raw, escaped, dollared] = match;
    const text = asText(await lookUp(RED, node, msg, raw || escaped || dollared));
    parts.push(template.slice(end, match.index), raw ? text : escape(text));
    end = match.index + whole.length;
  }
  return parts.join("") + String(template || "").slice(end);
}

module.exports = { asText, evaluate, fillTemplate };
