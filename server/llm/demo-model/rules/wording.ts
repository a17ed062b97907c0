import type { Column } from "./columns.ts";
import { entityOf, formatNumber, plural, singular } from "./columns.ts";
import { conceptOf, fold } from "./lexicon.ts";
import type { Question } from "./question.ts";
import type { Table } from "./read-result.ts";
import type { AppliedComparison, Selection } from "./select-rows.ts";

const WORDS = {
  en: { "<": "below", "<=": "at most", ">": "above", ">=": "at least" },
  de: { "<": "unter", "<=": "bei höchstens", ">": "über", ">=": "bei mindestens" },
} as const;

/** What the rows fulfil, in words: "below 85 % OEE and with state down" in its parts. */
export function conditionsOf({ applied, wordFilters }: Selection, question: Question): string {
  const and = question.language === "de" ? " und " : " and ";
  const [low, high] = applied;
  const named = wordFilters.map(({ column, value }) => (value ? `${column.label} ${value}` : column.label));
  if (
    applied.length === 2 &&
    low &&
    high &&
    low.column === high.column &&
    low.comparison.operator === ">=" &&
    high.comparison.operator === "<="
  ) {
    const between = `${question.language === "de" ? "zwischen" : "between"} ${boundOf(low, question)}${and}${boundOf(high, question)}${unitOf(high)} ${high.column.label}`;
    return [between, ...named].join(and);
  }
  return [...applied.map((one) => conditionOf(one, question)), ...named].join(and);
}

function conditionOf(one: AppliedComparison, question: Question): string {
  const word = WORDS[question.language][one.comparison.operator];
  if (one.reference) return `${word} ${one.reference.label} (${one.column.label})`;
  return `${word} ${boundOf(one, question)}${unitOf(one)} ${one.column.label}`;
}

const boundOf = ({ comparison }: AppliedComparison, { language }: Question) =>
  formatNumber(Number(comparison.bound), language);
const unitOf = ({ comparison, column }: AppliedComparison) =>
  comparison.unit === "%" || column.unit === "%" ? " %" : column.unit ? ` ${column.unit}` : "";

export interface Noun {
  singular: string;
  plural: string;
}

/** What the rows are called. German nouns are taken from the question, where they stand in the plural; else the neutral word. */
export function nounOf(table: Table, columns: Column[], question: Question): Noun {
  const entity = entityOf(table.key, columns, table.rows);
  if (question.language === "en")
    return entity
      ? { singular: singular(entity), plural: entity.endsWith("s") ? entity : plural(entity) }
      : { singular: "entry", plural: "entries" };
  const concepts = new Set(entity.split(" ").map((word) => conceptOf(word)));
  for (const text of question.texts)
    for (const match of text.matchAll(
      /(?:[Ww]elche|[Aa]lle|[Ww]ie ?viele|[Dd]ie|[Uu]nsere|[Kk]eine)\s+(?:\p{Ll}+en?\s+)?(\p{Lu}\p{L}+)/gu,
    )) {
      const noun = match[1] ?? "";
      if (concepts.has(conceptOf(fold(noun)))) return { singular: "Treffer", plural: noun };
    }
  return { singular: "Eintrag", plural: "Einträge" };
}
