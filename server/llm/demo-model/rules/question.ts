import {
  aggregateOf,
  comparisonsOf,
  countOf,
  rankingOf,
  type Aggregate,
  type Comparison,
  type Ranking,
} from "./comparison.ts";
import { changeVerb, conceptOf, fold } from "./lexicon.ts";
import { periodOf, type Period } from "./period.ts";
import { conceptsOf, topicOf, wordsOf, type Language, type Word } from "./words.ts";

/** Everything the rules read out of what a person wrote. A follow-up carries what it leaves unsaid from before. */
export interface Question {
  /** Newest first: the question itself, then the earlier ones that it goes on from. */
  texts: string[];
  language: Language;
  words: Word[];
  /** What it is about, by concept. */
  topic: Set<string>;
  /** The topic with what columns may call it instead: "downtime" is measured in `down_minutes`. */
  columnTopic: Set<string>;
  /** The thing that is asked for: "which *orders*", "wie viele *Maschinen*". */
  subject: string | undefined;
  /** All concepts, filler and time included. */
  concepts: Set<string>;
  /** As written: `M-03`, `4711`. */
  ids: string[];
  comparisons: Comparison[];
  ranking: Ranking | undefined;
  count: number | undefined;
  aggregate: Aggregate | undefined;
  period: Period | undefined;
  /** The verb that asks for a change ("book 50 pieces"), by its group. */
  command: { verb: string; ambiguous: boolean } | undefined;
}

export function readQuestion(text: string, now: Date, language: Language): Question {
  const words = wordsOf(withoutIds(text));
  return {
    texts: [text],
    language,
    words,
    topic: topicOf(words),
    columnTopic: withRelated(topicOf(words)),
    subject: subjectOf(text),
    concepts: conceptsOf(words),
    ids: idsOf(text),
    comparisons: comparisonsOf(text, language),
    ranking: rankingOf(text),
    count: countOf(text),
    aggregate: aggregateOf(text),
    period: periodOf(text, now),
    command: commandOf(text),
  };
}

/** What the newer question says holds; what it leaves unsaid is taken from the older one. */
export function continueQuestion(older: Question, newer: Question): Question {
  const pick = <T>(from: T[], otherwise: T[]) => (from.length > 0 ? from : otherwise);
  return {
    texts: [...newer.texts, ...older.texts],
    language: newer.language,
    words: [...newer.words, ...older.words],
    topic: older.topic.union(newer.topic),
    columnTopic: older.columnTopic.union(newer.columnTopic),
    subject: newer.subject ?? older.subject,
    concepts: older.concepts.union(newer.concepts),
    ids: pick(newer.ids, older.ids),
    comparisons: pick(newer.comparisons, older.comparisons),
    ranking: newer.ranking ?? older.ranking,
    count: newer.count ?? older.count,
    aggregate: newer.aggregate ?? older.aggregate,
    period: newer.period ?? older.period,
    command: newer.command ?? older.command,
  };
}

const RELATED: [string, string][] = [
  ["downtime", "down"],
  ["frequent", "quantity"],
].map(([from = "", to = ""]) => [conceptOf(from), conceptOf(to)]);

function withRelated(topic: Set<string>): Set<string> {
  return topic.union(new Set(RELATED.filter(([from]) => topic.has(from)).map(([, to]) => to)));
}

/** The first thing named after an interrogative or "show me". */
function subjectOf(text: string): string | undefined {
  const match =
    /(?:^|[^\p{L}])(?:which|what|how many|list|show(?: me)?|any|all|welche[rsnm]?|wie ?viele?|zeige?(?: mir)?|nenne?(?: mir)?|alle)\s+(.{3,60})/isu.exec(
      text,
    );
  return match?.[1] === undefined ? undefined : topicOf(wordsOf(match[1]).slice(0, 4)).values().next().value;
}

const MARKER =
  /^(?:and|or|also|but|what about|how about|und|oder|auch|aber|was ist mit|wie sieht es mit|wie ist es mit|wie steht es um)\b/;
const NARROWING =
  /^(?:and |und |now |jetzt |show |zeige? )?(?:me |mir )?(?:please |bitte )?(?:only|just|nur|without|ohne|except|ausser)\b/;

/** How openly a text goes on from the one before: it narrows it, it begins like a continuation, it is merely short. */
export function continuationOf(text: string): "narrows" | "marked" | "short" | undefined {
  const folded = fold(text).trim();
  if (NARROWING.test(folded)) return "narrows";
  if (MARKER.test(folded)) return "marked";
  return folded.split(/\s+/).length <= 6 ? "short" : undefined;
}

const ID =
  /(?<![\p{L}\p{N}.,-])(?:\p{L}[\p{L}\p{N}]*(?:[-_/.][\p{L}\p{N}]+)*)(?![\p{L}\p{N}])|(?<![\p{L}\p{N}.,-])\d[\p{L}\p{N}]*(?:[-_/][\p{L}\p{N}]+)*(?![\p{L}\p{N}]|[.,]\d)/gu;

/** Codes of things: letters with digits, digits with hyphens, or at least four digits. Dates are none. */
function idsOf(text: string): string[] {
  const plain = text.replace(/\b\d{4}-\d{2}-\d{2}(?:T[\d:.Z+-]+)?|\b\d{1,2}\.\d{1,2}\.(?:\d{2,4})?/g, " ");
  return [
    ...new Set(
      (plain.match(ID) ?? []).filter(
        (token) =>
          /\d/.test(token) &&
          (/\d{4,}/.test(token) || (/\p{L}/u.test(token) && !/^\d+\p{L}+$/u.test(token)) || /^\d+[-_/]\d/.test(token)),
      ),
    ),
  ];
}

const withoutIds = (text: string) => idsOf(text).reduce((rest, id) => rest.replaceAll(id, " "), text);

const POLITE =
  /^(?:(?:hi|hello|hallo|ok|okay|now|then|and|und|dann|jetzt|please|bitte|kindly|can you|could you|would you|will you|i want to|i would like to|i'd like to|i need to|we need to|kannst du|koenntest du|koennen sie|koennten sie|wuerdest du|ich moechte|ich will|wir muessen|lass uns|let us|let's|mal|for me|fuer mich)[,\s]+)+/;
const SEPARABLE: [RegExp, string][] = [
  [/^(?:put|place|set) .*\bon hold\b/, "hold"],
  [/^(?:leg|lege|legen sie) .*\ban\b/, "anlegen"],
  [/^(?:gib|geben sie) .*\bfrei\b/, "freigeben"],
  [/^(?:plane?|planen sie) .*\b(?:um|ein)\b/, "einplanen"],
  [/^(?:lagere?|buche?) .*\bum\b/, "umlagern"],
  [/^(?:bestelle?) .*\bnach\b/, "nachbestellen"],
  [/^(?:passe?) .*\ban\b/, "anpassen"],
  [/^(?:weise?) .*\bzu\b/, "zuweisen"],
  [/^(?:brich|sage?) .*\bab\b/, "absagen"],
  [/^(?:schalte?) .*\b(?:ein|an)\b/, "einschalten"],
  [/^(?:schalte?) .*\b(?:aus|ab)\b/, "abschalten"],
];
/** They are nouns, too: alone they do not make a command. */
const AMBIGUOUS = new Set([
  "book",
  "order",
  "plan",
  "report",
  "log",
  "record",
  "ship",
  "stop",
  "block",
  "post",
  "request",
  "schedule",
  "hold",
  "open",
  "complete",
  "set",
  "start",
  "move",
  "transfer",
  "release",
  "write",
  "check",
  "close",
  "create",
  "file",
]);
const SHOWN =
  /^(?:create|write|make|open|generate|erstelle?|schreibe?)\b.{0,20}\b(?:report|overview|list|table|summary|chart|bericht|uebersicht|liste|tabelle|zusammenfassung|diagramm)\b/;

function commandOf(text: string): Question["command"] {
  const folded = fold(text).trim();
  const bare = folded.replace(POLITE, "");
  const polite = bare !== folded;
  if (SHOWN.test(bare)) return undefined;
  for (const [pattern, infinitive] of SEPARABLE)
    if (pattern.test(bare)) return { verb: changeVerb(infinitive) ?? infinitive, ambiguous: false };
  const [first = ""] = bare.split(/[^\p{L}]+/u);
  const verb = changeVerb(first);
  if (verb && !/s$|ed$/.test(first)) return { verb, ambiguous: AMBIGUOUS.has(first) };
  // "Alarm A-17 quittieren", "kannst du A-17 bitte quittieren?"
  const last = /(\p{L}+)[\s.!?]*$/u.exec(bare)?.[1] ?? "";
  if (
    /(?:e[nr]n|[aeiou]ren|en)$/.test(last) &&
    changeVerb(last) &&
    (polite || !bare.includes("?")) &&
    !/^(?:was|wer|wie|wann|wo|warum|welche|which|what)/.test(bare)
  )
    return { verb: changeVerb(last) ?? last, ambiguous: false };
  return undefined;
}
