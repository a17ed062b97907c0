import { fillValue } from "./fill-value.ts";
import type { Property } from "./json-schema.ts";
import type { Question } from "./question.ts";
import type { OfferedTool } from "./tool-index.ts";

export interface Filled {
  args: Record<string, unknown>;
  /** Required arguments that the text does not hold. */
  missing: Property[];
  /** Ids of the question that became arguments. */
  used: Set<string>;
  /** Numbers and ids of the text that no argument took. A change is not made while there are any. */
  unplaced: string[];
}

/**
 * Takes a tool's arguments out of a question: nothing is invented, an argument that the text does not hold stays out.
 * Required ones choose first, so that an optional filter does not take the only number.
 */
export function fillArguments(
  tool: Pick<OfferedTool, "properties" | "named" | "changes">,
  question: Question,
  now: Date,
): Filled {
  const args: Record<string, unknown> = {};
  const missing: Property[] = [];
  const taken = new Set<string>();
  const used = new Set<string>();
  const ordered = tool.properties.toSorted(
    (a, b) =>
      Number(b.required) - Number(a.required) || Number(b.pattern !== undefined) - Number(a.pattern !== undefined),
  );
  for (const property of ordered) {
    const found = fillValue(property, {
      question,
      taken,
      now,
      siblings: tool.properties,
      writes: tool.changes.size > 0,
      named: tool.named,
    });
    if (found === undefined) {
      if (property.required) missing.push(property);
      continue;
    }
    args[property.name] = found.value;
    for (const token of found.tokens) {
      taken.add(token);
      if (question.ids.includes(token)) used.add(token);
    }
  }
  const inOrder = tool.properties.filter(({ name }) => name in args).map(({ name }) => [name, args[name]] as const);
  return {
    args: Object.fromEntries(inOrder),
    missing: tool.properties.filter((one) => missing.includes(one)),
    used,
    unplaced: unplacedIn(question, taken),
  };
}

function unplacedIn(question: Question, taken: Set<string>): string[] {
  const text = question.ids.reduce((rest, id) => rest.replaceAll(id, " "), question.texts.join(" | "));
  const plain = [...taken].reduce(
    (rest, token) => rest.replaceAll(token, " "),
    text.replace(/\b\d{4}-\d{2}-\d{2}(?:T[\d:.Z+-]+)?|\b\d{1,2}\.\d{1,2}\.(?:\d{2,4})?/g, " "),
  );
  return [...question.ids.filter((id) => !taken.has(id)), ...(plain.match(/\d+(?:[.,]\d+)*/g) ?? [])];
}
