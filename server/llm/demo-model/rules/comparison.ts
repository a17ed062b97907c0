import { fold } from "./lexicon.ts";
import { topicOf, wordsOf, type Language } from "./words.ts";

export type Operator = "<" | "<=" | ">" | ">=";

export interface Comparison {
  operator: Operator;
  /** A number, or the concepts of another column ("below minimum stock"). */
  bound: number | { concepts: Set<string> };
  /** As written: "%", "hours", or empty. */
  unit: string;
  /** Folded words just before and after: they say which column is meant. */
  near: string;
}

const OPERATORS: [Operator, string][] = [
  ["<=", "at most|no more than|not more than|up to|hoechstens|maximal|<=|≤"],
  [">=", "at least|no less than|not less than|mindestens|>=|≥"],
  [
    "<",
    "(?:less|lower|smaller|fewer|shorter|earlier|younger|worse) than|(?:weniger|kleiner|geringer|niedriger|kuerzer|schlechter|juenger) als|below|under(?:neath)?|beneath|unter(?:halb)?(?: von)?|<",
  ],
  [
    ">",
    "(?:more|greater|higher|larger|bigger|longer|older|later|better|faster|worse) than|(?:mehr|groesser|hoeher|laenger|aelter|spaeter|besser) als|above|over|exceed(?:s|ing)?|ueber|oberhalb(?: von)?|>",
  ],
];
const NUMBER = String.raw`-?\d+(?:[.,]\d+)*`;
const ARTICLE = "(?:the |their |its |an? |of |dem |der |den |das |ihrem |ihren |seinem |einem )?";

/** "61,2" and "1,200" by the habit of the language. */
export function parseNumber(text: string, language: Language): number {
  const [group, point] = language === "de" ? [".", ","] : [",", "."];
  const grouped = new RegExp(`^-?\\d{1,3}(?:\\${group}\\d{3})+(?:\\${point}\\d+)?$`).test(text);
  const plain = grouped ? text.replaceAll(group, "") : text;
  return Number(plain.replace(",", "."));
}

/** Every comparison of the text, in order; "between a and b" is two. */
export function comparisonsOf(text: string, language: Language): Comparison[] {
  const folded = fold(text);
  const found: (Comparison & { at: number })[] = [];
  const near = (from: number, to: number) =>
    `${folded.slice(Math.max(0, from - 40), from)} ${folded.slice(to, to + 30)}`;

  for (const match of folded.matchAll(
    new RegExp(
      `\\b(?:between|zwischen) (${NUMBER}) ?(?:%|percent|prozent)? (?:and|und) (${NUMBER}) ?(%|percent|prozent|\\p{L}+)?`,
      "gu",
    ),
  )) {
    const [whole, low = "", high = "", unit = ""] = match;
    const common = { unit: unitOf(unit), near: near(match.index, match.index + whole.length), at: match.index };
    found.push(
      { ...common, operator: ">=", bound: parseNumber(low, language) },
      { ...common, operator: "<=", bound: parseNumber(high, language) },
    );
  }
  for (const [operator, words] of OPERATORS) {
    const start = /^[a-z(]/.test(words) ? "(?<![\\p{L}<>])" : "";
    for (const match of folded.matchAll(
      new RegExp(
        `${start}(?:${words}) ?${ARTICLE}(?:(${NUMBER}) ?(%|percent|prozent|\\p{L}+)?|(\\p{L}{3,}(?: \\p{L}{3,})?))`,
        "gu",
      ),
    )) {
      const [whole, number, unit = "", word = ""] = match;
      if (found.some((other) => Math.abs(other.at - match.index) < 12)) continue;
      const common = { operator, near: near(match.index, match.index + whole.length), at: match.index };
      if (number !== undefined) found.push({ ...common, bound: parseNumber(number, language), unit: unitOf(unit) });
      else if (word) found.push({ ...common, bound: { concepts: topicOf(wordsOf(word)) }, unit: "" });
    }
  }
  return found
    .toSorted((a, b) => a.at - b.at)
    .map(({ operator, bound, unit, near }) => ({ operator, bound, unit, near }));
}

const unitOf = (unit: string) => (/^(?:percent|prozent)$/.test(unit) ? "%" : unit);

export interface Ranking {
  direction: "lowest" | "highest" | "worst" | "best";
  /** How many were asked for: "the 3 worst". */
  count: number | undefined;
}

const RANKINGS: [Ranking["direction"], RegExp][] = [
  ["worst", /\b(?:worst|schlechteste[nrs]?|schlimmste[nrs]?)\b/u],
  ["best", /\b(?:best(?! before)|beste[nrs]?)\b/u],
  [
    "lowest",
    /\b(?:lowest|least|fewest|smallest|shortest|niedrigste[nrs]?|kleinste[nrs]?|wenigsten|geringste[nrs]?|kuerzeste[nrs]?|minimum)\b/u,
  ],
  [
    "highest",
    /\b(?:highest|most|largest|biggest|longest|greatest|top|most frequent|haeufigste[nrs]?|hoechste[nrs]?|groesste[nrs]?|meisten?|laengste[nrs]?|maximum)\b/u,
  ],
];

export function rankingOf(text: string): Ranking | undefined {
  // "at most" and "below minimum" bound, they do not rank.
  const folded = fold(text).replace(
    /\bat (?:most|least)\b|\b(?:below|under|unter|above|over|ueber)\s+(?:\p{L}+ )?(?:minimum|maximum)\b|\bminimum stock\b/gu,
    " ",
  );
  for (const [direction, pattern] of RANKINGS) if (pattern.test(folded)) return { direction, count: countOf(folded) };
  return undefined;
}

/** "top 5", "first 3", "die 3 schlechtesten", "5 worst": how many rows are wanted. */
export function countOf(text: string): number | undefined {
  const folded = fold(text);
  const match =
    /\b(?:top|first|last|worst|best|ersten|letzten)\s+(\d{1,3})\b(?! ?(?:%|day|hour|week|month|minute|year|tag|stunde|woche|monat|jahr))/u.exec(
      folded,
    ) ??
    /\b(\d{1,3}) (?:worst|best|lowest|highest|largest|smallest|longest|most|schlechtest|best|niedrigst|hoechst|groesst|kleinst|laengst|schlimmst|wichtigst)/u.exec(
      folded,
    );
  return match?.[1] ? Number(match[1]) : undefined;
}

export type Aggregate = "count" | "sum" | "average";

export function aggregateOf(text: string): Aggregate | undefined {
  const folded = fold(text);
  if (/\b(?:average|mean|durchschnitt(?:lich\w*)?|im schnitt|mittelwert|mittlere[nrs]?)\b/.test(folded))
    return "average";
  if (
    /\b(?:total|sum of|in total|altogether|insgesamt|summe|gesamt\w*)\b/.test(folded) &&
    !/\b(?:how many|wie ?viele)\b/.test(folded)
  )
    return "sum";
  if (/\b(?:how many|number of|count of|wie ?viele|anzahl(?: der)?)\b/.test(folded)) return "count";
  return undefined;
}
