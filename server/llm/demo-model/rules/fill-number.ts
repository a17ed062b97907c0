import { found, type Found, type Source } from "./argument-source.ts";
import { parseNumber } from "./comparison.ts";
import type { Property } from "./json-schema.ts";
import { conceptOf, fold, isStopWord } from "./lexicon.ts";
import { conceptsOf, identifierWords, wordsOf } from "./words.ts";

// A tool that leaves out the bound itself serves "below" and not "at most"; the other way round the answer still filters.
const STRICT = { "<": /\b(?:below|under|less|unter)\b/, ">": /\b(?:above|over|more|greater|ueber)\b/ };
const INCLUSIVE = {
  "<": /\b(?:max(?:imum)?|at most|threshold|upper|until|hoechst)\b/,
  ">": /\b(?:min(?:imum)?|at least|threshold|lower|mindest)\b/,
};
const ROWS = /^(?:limit|top|top_?n|max_?results?|max_?rows|max_?items|page_?size|first|n)$/i;

export function fillNumber(property: Property, source: Source): Found | undefined {
  const { question, taken, siblings, writes } = source;
  const whole = (value: number, token: string) => {
    const fits =
      (property.type !== "integer" || Number.isInteger(value)) &&
      value >= (property.minimum ?? -Infinity) &&
      value <= (property.maximum ?? Infinity);
    return fits ? found(value, token) : undefined;
  };
  const name = fold(property.name.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").replaceAll("_", " "));
  const about = `${name} ${fold(property.description)}`;
  if (ROWS.test(property.name)) {
    // Of a ranking the best are chosen here: the tool's first ones may be others.
    const count = question.ranking ? undefined : question.count;
    return count === undefined ? undefined : whole(count, String(count));
  }
  const meant = identifierWords(property.name);
  const subject = new Set(
    meant
      .filter((word) => !/^(?:min|max|below|above|over|under|threshold|limit)/.test(word.folded))
      .flatMap((word) => word.concepts),
  );
  for (const comparison of question.comparisons) {
    if (typeof comparison.bound !== "number") continue;
    const [way, other] = comparison.operator.startsWith("<") ? (["<", ">"] as const) : ([">", "<"] as const);
    // The name decides before the description, which may speak of both directions.
    const strict =
      STRICT[way].test(name) || (STRICT[way].test(about) && !STRICT[other].test(name) && !INCLUSIVE[other].test(name));
    const inclusive =
      INCLUSIVE[way].test(name) ||
      (INCLUSIVE[way].test(about) && !STRICT[other].test(name) && !INCLUSIVE[other].test(name));
    if (!(inclusive || (strict && comparison.operator.length === 1))) continue;
    if (taken.has(String(comparison.bound))) continue;
    const near = conceptsOf(wordsOf(`${comparison.near} ${comparison.unit}`));
    const percent = comparison.unit === "%" && /percent|prozent|pct|%/.test(about);
    if (subject.size > 0 && !percent && !subject.values().some((concept) => near.has(concept))) continue;
    return whole(comparison.bound, String(comparison.bound));
  }
  const { period } = question;
  if (period?.amount !== undefined && period.unit && new RegExp(`\\b${period.unit}s?\\b`).test(about))
    return whole(period.amount, String(period.amount));
  for (const text of question.texts) {
    const folded = fold(text).replace(/\b\d{4}-\d{2}-\d{2}\b/g, " ");
    const numbers = [
      ...folded.matchAll(/(?<![\p{L}\p{N}.,-])(-?\d+(?:[.,]\d+)*)(?:\s*([%\p{L}]+))?(?![-\p{N}])/gu),
    ].filter(([, number = ""]) => !taken.has(number));
    for (const match of numbers) {
      const [, number = "", after = ""] = match;
      const before =
        /(\p{L}+)(?:\s+(?:of|to|is|=|von|auf|ist|um|by))?[\s:=]*$/u.exec(folded.slice(0, match.index))?.[1] ?? "";
      const around = [before, after].filter((word) => word && !isStopWord(word)).map(conceptOf);
      if (around.some((concept) => conceptsOf(meant).has(concept)))
        return whole(parseNumber(number, question.language), number);
    }
    // "Book 50 of MAT-1": the only number for the only argument that is one.
    const others = siblings.filter((other) => (other.required || writes) && /number|integer/.test(other.type));
    const only = numbers.filter(([, number = ""]) => !question.comparisons.some((one) => String(one.bound) === number));
    if ((property.required || writes) && others.length === 1 && only.length === 1 && only[0]?.[1])
      return whole(parseNumber(only[0][1], question.language), only[0][1]);
  }
  return undefined;
}
