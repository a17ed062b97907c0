import { conceptOf, fold, isStopWord, knownConcept, leanOf, stem, TIME } from "./lexicon.ts";

export type Language = "en" | "de";

export interface Word {
  /** As written. */
  raw: string;
  folded: string;
  /** What it means: one concept, or the two of a German compound. */
  concepts: string[];
}

const PHRASES: [RegExp, string][] = [
  [/\broot causes?\b/giu, "cause"],
  [/\bbehind schedule\b|\bzu spät\b|\bhinter plan\b|\btoo late\b/giu, "late"],
  [/\bon[ -]hand\b/giu, "stock"],
  [/\bout of stock\b/giu, "shortage"],
  [/\b(?:on|in) time\b/giu, "punctual"],
  [/\b(?:not working|out of order)\b/giu, "down"],
];

/** The tools of a gateway are the same in each request, and so are their texts; short ones are read once. */
const known = new Map<string, Word[]>();
const KNOWN_TEXTS = 3000;
const SHORT = 600;

export function wordsOf(text: string): Word[] {
  const before = known.get(text);
  if (before) return before;
  const words = readWords(text);
  if (text.length <= SHORT) {
    if (known.size >= KNOWN_TEXTS) known.clear();
    known.set(text, words);
  }
  return words;
}

function readWords(text: string): Word[] {
  let plain = text;
  for (const [pattern, word] of PHRASES) plain = plain.replace(pattern, word);
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((raw) => {
    const folded = fold(raw);
    return { raw, folded, concepts: compound(folded) ?? [conceptOf(folded)] };
  });
}

/** Words of an identifier: `list_oee`, `stockLevels`, `min-stock`. */
export const identifierWords = (name: string) =>
  wordsOf(name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2").replaceAll("_", " "));

/** "Lagerbestand" is a kind of "Bestand": the parts of an unknown German compound that the lexicon knows. */
function compound(word: string): string[] | undefined {
  if (word.length < 8 || word.length > 40 || knownConcept(word)) return undefined;
  for (let cut = 3; cut <= word.length - 4; cut++) {
    const tail = knownConcept(word.slice(cut));
    if (!tail) continue;
    const head = word.slice(0, cut);
    const first = [head, head.replace(/(?:en|es|n|s)$/, "")].map(knownConcept).find(Boolean);
    if (first) return [first, tail];
    if (word.length - cut >= 5) return [tail, stem(word)];
  }
  return undefined;
}

/** Concepts that a question is about: no filler, no numbers, no time. */
export function topicOf(words: Word[]): Set<string> {
  const topic = new Set<string>();
  for (const word of words) {
    if (isStopWord(word.folded) || /^\d/.test(word.folded) || word.folded.length < 2) continue;
    for (const concept of word.concepts) if (!TIME.has(concept)) topic.add(concept);
  }
  return topic;
}

export const conceptsOf = (words: Word[]) => new Set(words.flatMap((word) => word.concepts));

export function languageOf(text: string): Language | undefined {
  // A capital may begin a name: "Bad Tölz" does not turn an English conversation German.
  let lean = /(?<!\p{L})\p{Ll}*[äöüß]/u.test(text) ? 2 : 0;
  for (const word of text.match(/[\p{L}\p{N}]+/gu) ?? []) lean += leanOf(fold(word));
  return lean > 0 ? "de" : lean < 0 ? "en" : undefined;
}
