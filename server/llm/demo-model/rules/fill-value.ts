import { found, type Found, type Source } from "./argument-source.ts";
import { fillNumber } from "./fill-number.ts";
import { fillId, fillText } from "./fill-text.ts";
import { conceptOf, fold, isStopWord, stem } from "./lexicon.ts";
import { isoDay } from "./period.ts";
import type { Property } from "./json-schema.ts";
import { identifierWords, wordsOf, type Word } from "./words.ts";

const NEGATION = String.raw`\b(?:not|no|without|except|nicht|kein\w*|ohne|ausser)\s+(?:\p{L}+\s+)?`;
const DATE_NAME =
  /(?:^|_)(?:date|day|datum|tag)$|Date$|^(?:from|to|since|until|start|end|after|before|von|bis)(?:_(?:date|day|time|at))?$/;
const DATE_TEXT = /\bISO 8601\b|\bYYYY-MM-DD\b/;

/** Finds the value of one argument in the text, newest text first; undefined when the text does not hold it. */
export function fillValue(property: Property, source: Source): Found | undefined {
  if (property.values.length === 1 && property.required) return found(property.values[0]);
  if (property.values.length > 0) return fillEnum(property, source);
  switch (property.type) {
    case "boolean":
      return fillBoolean(property, source);
    case "number":
    case "integer":
      return fillNumber(property, source);
    case "array": {
      if (!property.items) return undefined;
      const one = fillValue({ ...property.items, required: property.required }, source);
      if (!one) return undefined;
      const others = one.tokens[0] === undefined ? [] : similarIds(one.tokens[0], source);
      return found([one.value, ...others], ...one.tokens, ...others);
    }
    case "string":
      return fillString(property, source);
    default:
      return undefined;
  }
}

const similarIds = (id: string, { question, taken }: Source) =>
  question.ids.filter((other) => other !== id && !taken.has(other) && shapeOf(other) === shapeOf(id));

/** `M-03` and `M-12` are the same kind of code. */
const shapeOf = (id: string) => id.toUpperCase().replace(/\d+/g, "9");

/** A value by its own words before a value by words that mean the same; those of the tool's name choose nothing. */
function fillEnum(property: Property, { question, taken, named }: Source): Found | undefined {
  for (const text of question.texts) {
    const folded = fold(text);
    const spoken = wordsOf(text);
    for (const exact of [true, false])
      for (const value of property.values) {
        const words = identifierWords(String(value));
        const [first] = words;
        if (!first || (words.length === 1 && isStopWord(first.folded)) || taken.has(first.folded)) continue;
        const same = (word: Word, other: Word) =>
          exact
            ? stem(word.folded) === stem(other.folded)
            : word.concepts.every((concept) => other.concepts.includes(concept) && !named.has(concept));
        const hits = words.map((word) => spoken.find((other) => same(word, other)));
        if (!hits.every((hit) => hit !== undefined)) continue;
        if (hits.some((hit) => new RegExp(NEGATION + hit.folded, "u").test(folded))) continue;
        return found(value);
      }
  }
  return undefined;
}

const PRESENT = new Set(["open", "active", "current"].map(conceptOf));

function fillBoolean(property: Property, { question }: Source): Found | undefined {
  const words = identifierWords(property.name).filter(
    (word) => !isStopWord(word.folded) && !/^(?:include|with|has|is|only)/.test(word.folded),
  );
  if (words.length === 0) return undefined;
  // "Now" is what flags such as `only_open` and `active` mean.
  const present = words.some((word) => word.concepts.some((concept) => PRESENT.has(concept)));
  if (
    present &&
    /\b(?:now|currently|at present|right now|gerade|jetzt|aktuell\w*|derzeit|momentan|noch)\b/.test(
      fold(question.texts[0] ?? ""),
    )
  )
    return found(true);
  for (const text of question.texts) {
    const spoken = wordsOf(text);
    const hits = words.map((word) =>
      spoken.find((other) => other.concepts.some((concept) => word.concepts.includes(concept))),
    );
    if (!hits.every((hit) => hit !== undefined)) continue;
    return found(!hits.some((hit) => new RegExp(NEGATION + hit.folded, "u").test(fold(text))));
  }
  return undefined;
}

function fillString(property: Property, source: Source): Found | undefined {
  const { question, taken } = source;
  if (
    property.format === "date" ||
    property.format === "date-time" ||
    ((DATE_NAME.test(property.name) || DATE_TEXT.test(property.description)) && !property.pattern)
  )
    return fillDate(property, source);
  for (const text of question.texts) {
    if (property.format === "email") {
      const mail = /[^\s@<>"]+@[^\s@<>"]+\.\p{L}{2,}/u.exec(text)?.[0];
      if (mail) return found(mail, mail);
    } else if (property.format === "uri" || property.format === "url") {
      const link = /https?:\/\/[^\s<>"]+/.exec(text)?.[0];
      if (link) return found(link, link);
    }
  }
  if (property.format && !["uuid", "regex"].includes(property.format)) return undefined;
  const free = question.ids.filter((id) => !taken.has(id));
  if (property.pattern) {
    const { pattern } = property;
    const fits = (text: string) => pattern.exec(text)?.[0] === text;
    for (const id of free) for (const spelt of [id, id.toUpperCase()]) if (fits(spelt)) return found(spelt, id);
    return undefined;
  }
  return fillId(property, free, source) ?? fillText(property, source);
}

const START = /from|since|start|after|von|begin/i;
const END = /(?:^|_)(?:to|until|end|before|bis)(?:_|$)/i;

function fillDate(property: Property, { question: { period }, now, siblings }: Source): Found | undefined {
  if (!period) return undefined;
  const ends = END.test(property.name);
  const starts = !ends && START.test(property.name);
  const day = ends ? period.to : period.from;
  // One date cannot hold a span, unless a sibling is its other end.
  if (!starts && !ends && period.from !== period.to && !siblings.some((other) => END.test(other.name)))
    return undefined;
  if (property.format !== "date-time") return found(day);
  if (period.unit === "hour" || period.unit === "minute") {
    const span = (period.amount ?? 0) * (period.unit === "hour" ? 3_600_000 : 60_000);
    const edge = period.ahead === ends ? now.getTime() + (ends ? span : -span) : now.getTime();
    return found(new Date(edge).toISOString());
  }
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const local = ends ? new Date(year, month - 1, date + 1, 0, 0, 0, -1) : new Date(year, month - 1, date);
  return found(ends && day === isoDay(now) ? now.toISOString() : local.toISOString());
}
