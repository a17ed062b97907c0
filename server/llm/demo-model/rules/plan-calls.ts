import { conceptOf } from "./lexicon.ts";
import { addCompanions, matches, rankTools, type Candidate } from "./choose-tool.ts";
import { columnsOf } from "./columns.ts";
import type { Answered } from "./phrase-result.ts";
import type { Property } from "./json-schema.ts";
import { continuationOf, continueQuestion, readQuestion, type Question } from "./question.ts";
import { readResult, type Cell } from "./read-result.ts";
import { selectRows } from "./select-rows.ts";
import { smallTalkOf } from "./introduce.ts";
import type { OfferedTool, ToolIndex } from "./tool-index.ts";
import { identifierWords, languageOf, type Language } from "./words.ts";

export interface Call {
  tool: OfferedTool;
  args: Record<string, unknown>;
}

export type Plan =
  | { kind: "call"; calls: Call[] }
  | { kind: "ask"; tool: OfferedTool; missing: Property[] }
  | { kind: "unclear"; tool: OfferedTool; unplaced: string[] }
  | { kind: "none" };

const MAX_CALLS = 3;

/** Which tools a question wants, from its words and theirs alone. */
export function planCalls(index: ToolIndex, question: Question, now: Date): Plan {
  const ranked = rankTools(index, question, now);
  const [best] = ranked;
  if (!matches(best)) return { kind: "none" };
  // What cannot be done is not answered with something that was not asked for.
  if (question.command && !question.command.ambiguous && best.tool.changes.size === 0) return { kind: "none" };
  if (best.missing.length > 0) return { kind: "ask", tool: best.tool, missing: best.missing };
  // "Transfer 20" must not move all of it because the 20 found no place.
  if (best.tool.changes.size > 0 && best.unplaced.length > 0)
    return { kind: "unclear", tool: best.tool, unplaced: best.unplaced };
  const chosen = best.tool.changes.size > 0 ? [best] : addCompanions(best, ranked, index, question, MAX_CALLS);
  return { kind: "call", calls: chosen.map(({ tool, args }) => ({ tool, args })) };
}

/** The question that the last message asks, with what it takes over from those before it. */
export function understand(asked: string[], index: ToolIndex, now: Date): Question {
  let language: Language = "en";
  let question: Question | undefined;
  for (const text of asked) {
    language = languageOf(text) ?? language;
    const alone = readQuestion(text, now, language);
    question =
      question && !smallTalkOf(text) && continues(question, alone, index, now)
        ? complete(continueQuestion(question, alone), text, index, now)
        : alone;
  }
  return question ?? readQuestion("", now, language);
}

function continues(before: Question, alone: Question, index: ToolIndex, now: Date): boolean {
  const text = alone.texts[0] ?? "";
  const how = continuationOf(text);
  if (alone.command) return false;
  const asked = planCalls(index, before, now).kind === "ask";
  if (!how && !asked) return false;
  if (how === "narrows") return true;
  const match = rankTools(index, alone, now)[0];
  const known = [...alone.topic].filter((concept) => index.tools.some((tool) => tool.weights.has(concept)));
  const nothingNew = known.every((concept) => before.topic.has(concept));
  if (asked) return nothingNew || !matches(match) || match.missing.length > 0;
  if (how === "marked") return nothingNew || !matches(match) || known.every((concept) => concept === WHY);
  const says =
    alone.period !== undefined ||
    alone.ids.length > 0 ||
    alone.comparisons.length > 0 ||
    alone.ranking !== undefined ||
    alone.aggregate !== undefined ||
    known.length > 0;
  return says && nothingNew && (!matches(match) || alone.topic.size < before.topic.size);
}
const WHY = conceptOf("why");

/** An answer to "which reason?" is the reason, whatever its words are. */
function complete(question: Question, text: string, index: ToolIndex, now: Date): Question {
  const plan = planCalls(index, question, now);
  const [only, ...others] = plan.kind === "ask" ? plan.missing : [];
  if (
    !only ||
    others.length > 0 ||
    only.type !== "string" ||
    only.pattern ||
    only.format ||
    only.values.length > 0 ||
    codeLike(only)
  )
    return question;
  return { ...question, texts: [`${only.name}: "${text.trim().replaceAll('"', "'")}"`, ...question.texts] };
}

const codeLike = (property: Property) => /(?:^|_)(?:id|no|nr|number|code)$/i.test(property.name);

/**
 * What the first answers make possible: a tool that covers an open word of the question ("why") and whose required
 * arguments are columns of the rows found. At most three rows are followed.
 */
export function planFollowUps(index: ToolIndex, question: Question, answered: Answered[], now: Date): Call[] {
  const done = new Set(answered.map((one) => one.tool));
  const covered = new Set(answered.flatMap((one) => [...(one.tool?.weights.keys() ?? [])]));
  for (const one of answered) for (const concept of foundConcepts(one)) covered.add(concept);
  const open = [...question.topic].filter((concept) => !covered.has(concept));
  if (open.length === 0) return [];
  const ranked = index.tools.filter(
    (tool) =>
      tool.changes.size === 0 && !done.has(tool) && open.some((concept) => (tool.weights.get(concept) ?? 0) >= 1.5),
  );
  const reach = (tool: OfferedTool) =>
    [...question.topic].reduce((sum, concept) => sum + index.rarity(concept) * (tool.weights.get(concept) ?? 0), 0);
  for (const tool of ranked.toSorted((a, b) => reach(b) - reach(a))) {
    const candidate = rankTools({ ...index, tools: [tool] }, question, now)[0];
    if (candidate)
      for (const one of answered) {
        const calls = followRows(candidate, one, question);
        if (calls.length > 0) return calls;
      }
  }
  return [];
}

function foundConcepts(one: Answered): string[] {
  const result = readResult(one.content);
  if (result.kind !== "data") return [];
  return result.tables.flatMap((table) => columnsOf(table.rows, "").flatMap((column) => [...column.concepts]));
}

function followRows({ tool, args, missing }: Candidate, one: Answered, question: Question): Call[] {
  const result = readResult(one.content);
  const table = result.kind === "data" ? result.tables.find((each) => each.rows.length > 0) : undefined;
  if (!table || missing.length === 0) return [];
  const columns = columnsOf(table.rows, "");
  const sources = missing.map((property) => ({
    property,
    column: columns.find((column) => sameThing(property.name, column.key, one.tool)),
  }));
  const { rows } = selectRows(table, columns, question, one.tool);
  const calls: Call[] = [];
  for (const row of rows.slice(0, MAX_CALLS)) {
    const found = sources.map(
      ({ property, column }) => [property.name, fits(property, column && row[column.key])] as const,
    );
    if (found.every(([, value]) => value !== undefined))
      calls.push({ tool, args: { ...args, ...Object.fromEntries(found) } });
  }
  return calls;
}

function sameThing(argument: string, column: string, from: OfferedTool | undefined): boolean {
  const words = (name: string) =>
    identifierWords(name)
      .map((word) => word.concepts[0] ?? "")
      .map((word) => (/^(?:no|nr|numb|number|code)$/.test(word) ? "id" : word))
      .join(" ");
  if (words(argument) === words(column)) return true;
  const entity = words(argument).replace(/ id$/, "");
  return words(column) === "id" && (from?.named.has(entity) ?? false);
}

function fits(property: Property, value: Cell | undefined): Cell | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (property.type === "string")
    return typeof value === "string" && (!property.pattern || property.pattern.test(value)) ? value : undefined;
  if (property.type === "number" || property.type === "integer") return typeof value === "number" ? value : undefined;
  return undefined;
}
