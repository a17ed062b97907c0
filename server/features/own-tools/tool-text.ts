import type { OfferedTool } from "#server/llm/models.ts";
import { wireName } from "#server/llm/wire-names.ts";

type Schema = Record<string, unknown>;

/** Characters of a token. Of English prose it is about 4 in the usual vocabularies; JSON has more punctuation, so 3.5. */
const CHARS_PER_TOKEN = 3.5;

/** How many tokens a text comes to, estimated by its length: no tokenizer is the right one for every model. */
export const tokensOf = (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN);

/** What a tool costs in a request of chat completions. */
export const toolTokens = ({ name, description, inputSchema }: OfferedTool): number =>
  tokensOf(
    JSON.stringify({ type: "function", function: { name: wireName(name), description, parameters: inputSchema } }),
  );

export const sumOfTokens = (tools: readonly OfferedTool[]): number =>
  tools.reduce((sum, tool) => sum + toolTokens(tool), 0);

const MAX_WORDS = 100;
/** The first sentence, within a length. */
export function oneLine(text: string, max = MAX_WORDS): string {
  const [sentence = ""] = text.trim().split(/(?<=[.!?])\s|\n/, 1);
  return sentence.length <= max ? sentence : `${sentence.slice(0, max - 1).trimEnd()}…`;
}

const KEPT = ["type", "enum", "const", "format", "minimum", "maximum", "pattern", "$ref", "required"] as const;
const MAX_PATTERN = 60;
const MAX_DEPTH = 6;

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A schema without what a model can do without: dialect, titles, examples, long descriptions. What it demands is the
 * same or less; the tool itself checks the arguments against the whole one.
 */
export function compactSchema(schema: Schema, depth = 0): Schema {
  const kept: Schema = {};
  for (const key of KEPT) {
    const value = schema[key];
    if (value === undefined || (key === "pattern" && String(value).length > MAX_PATTERN)) continue;
    kept[key] = value;
  }
  const { properties, required, description, items } = schema;
  // What has a default need not be given.
  if (Array.isArray(required) && isSchema(properties)) {
    const needed = required.filter((name) => !hasDefault(properties[String(name)]));
    if (needed.length > 0) kept["required"] = needed;
    else delete kept["required"];
  }
  if (depth > 0 && typeof description === "string" && description) kept["description"] = oneLine(description);
  if (depth >= MAX_DEPTH) return kept;
  const inner = (value: unknown) => (isSchema(value) ? compactSchema(value, depth + 1) : value);
  const members = (of: unknown) =>
    isSchema(of) ? Object.fromEntries(Object.entries(of).map(([name, value]) => [name, inner(value)])) : undefined;
  for (const key of ["properties", "$defs", "definitions"]) {
    const value = members(schema[key]);
    if (value) kept[key] = value;
  }
  if (items !== undefined) kept["items"] = inner(items);
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const value = schema[key];
    if (Array.isArray(value)) kept[key] = value.map(inner);
  }
  return kept;
}

const hasDefault = (schema: unknown): boolean => isSchema(schema) && schema["default"] !== undefined;

/** A tool in few words: what a model needs to choose it and to call it. */
export const compactTool = <T extends OfferedTool>({ name, description, inputSchema }: T): OfferedTool => ({
  name,
  description: oneLine(description, 240),
  inputSchema: compactSchema(inputSchema),
});
