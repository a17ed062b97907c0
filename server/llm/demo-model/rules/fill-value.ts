import { parseNumber } from "./comparison.ts";
import { conceptOf, fold, isStopWord, stem } from "./lexicon.ts";
import { isoDay } from "./period.ts";
import type { Property } from "./json-schema.ts";
import type { Question } from "./question.ts";
import { conceptsOf, identifierWords, wordsOf, type Word } from "./words.ts";

export interface Source {
  question: Question;
  /** Tokens that another argument already took. */
  taken: Set<string>;
  now: Date;
  siblings: Property[];
  writes: boolean;
  /** Concepts of the tool's own name. */
  named: Set<string>;
}

export interface Found {
  value: unknown;
  /** Tokens of the text that it came from; nobody else takes them. */
  tokens: string[];
}

const found = (value: unknown, ...tokens: string[]): Found => ({ value, tokens });
const NEGATION = String.raw`\b(?:not|no|without|except|nicht|kein\w*|ohne|ausser)\s+(?:\p{L}+\s+)?`;
const ID_NAME = /(?:^|[_\s-])(?:id|ids|no|nr|number|code|key|nummer|sku|ref)$|Id$|Ids$|No$|Number$|Code$/;
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
const prefixOf = (id: string) => /^\p{L}*/u.exec(id.toUpperCase())?.[0] ?? "";

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

// A tool that leaves out the bound itself serves "below" and not "at most"; the other way round the answer still filters.
const STRICT = { "<": /\b(?:below|under|less|unter)\b/, ">": /\b(?:above|over|more|greater|ueber)\b/ };
const INCLUSIVE = {
  "<": /\b(?:max(?:imum)?|at most|threshold|upper|until|hoechst)\b/,
  ">": /\b(?:min(?:imum)?|at least|threshold|lower|mindest)\b/,
};
const ROWS = /^(?:limit|top|top_?n|max_?results?|max_?rows|max_?items|page_?size|first|n)$/i;

function fillNumber(property: Property, source: Source): Found | undefined {
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
    ].filter(([, number = ""]) => !taken.has(number) && !question.ids.includes(number));
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

function fillId(property: Property, free: string[], { question, siblings }: Source): Found | undefined {
  const names = identifierWords(property.name);
  const entity = names
    .filter((word) => !/^(?:id|ids|no|nr|number|code|key|nummer|ref)$/.test(word.folded))
    .flatMap((word) => word.concepts);
  const examples = codesIn(property.description);
  const byExample = free.find((id) =>
    examples.some((example) => prefixOf(example) === prefixOf(id) && prefixOf(id) !== ""),
  );
  if (byExample) return found(byExample, byExample);
  const spoken = question.texts.join(" . ");
  for (const id of free) {
    const before = /(\p{L}+)\s*(?:no\.?|nr\.?|number|nummer|#)?\s*$/u.exec(spoken.slice(0, spoken.indexOf(id)))?.[1];
    if (
      before &&
      conceptsOf(wordsOf(before))
        .values()
        .some((concept) => entity.includes(concept))
    )
      return found(id, id);
  }
  const way = /^(?:from|source|von)(?:_|$)/.test(property.name)
    ? "from|von|aus"
    : /^(?:to|target|nach)(?:_|$)/.test(property.name)
      ? "to|into|nach|zu|auf"
      : undefined;
  const led =
    way &&
    free.find((id) => new RegExp(`\\b(?:${way}) (?:\\p{L}+ )?$`, "iu").test(spoken.slice(0, spoken.indexOf(id))));
  if (led) return found(led, led);
  if (!ID_NAME.test(property.name) || examples.length > 0) return undefined;
  const [id] = free;
  const rivals = siblings.filter(
    (other) => other !== property && other.type === "string" && ID_NAME.test(other.name) && other.values.length === 0,
  );
  // A lone code belongs to the lone id, unless the text says that it is something else.
  if (id === undefined || free.length > 1 || rivals.length > 0) return undefined;
  const before = /(\p{L}+)\s*$/u.exec(spoken.slice(0, spoken.indexOf(id)))?.[1];
  const saysOther =
    before !== undefined &&
    !isStopWord(fold(before)) &&
    question.topic.has(conceptOf(fold(before))) &&
    entity.length > 0 &&
    !entity.includes(conceptOf(fold(before)));
  return saysOther ? undefined : found(id, id);
}

/** Codes that a description gives as examples: "e.g. M-03". */
export const codesIn = (text: string) => text.match(/\b\p{L}{1,6}[-_]?\d[\p{L}\p{N}-]*/gu) ?? [];

const REASON =
  /^(?:reason|note|notes|comment|message|text|remark|description|body|content|grund|bemerkung|kommentar|title|subject)$/i;
const SEARCH =
  /^(?:q|query|search|search_?text|term|terms|keyword|keywords|text|question|suche|suchbegriff|filter|topic)$/i;

function fillText(property: Property, { question, taken, writes, named }: Source): Found | undefined {
  const concepts = conceptsOf(identifierWords(property.name));
  for (const text of question.texts) {
    const quoted = /["“„”«»]([^"“„”«»]{1,200})["“„”«»]/u.exec(text)?.[1];
    if (quoted && !taken.has(quoted)) return found(quoted, quoted);
    if (REASON.test(property.name)) {
      const given =
        /(?:\bbecause\b(?: of)?|\bweil\b|\bwegen\b|\bdue to\b|\b(?:reason|grund|note|notiz|comment|kommentar|message|text)\b\s*(?::|is|ist))\s*(.{3,300})/isu.exec(
          text,
        )?.[1];
      if (given) return found(given.trim().replace(/[.!?]+$/, ""), given);
    }
    // "customer Huber", "machine Press 1": the entity's word, then a proper name.
    for (const match of text.matchAll(
      /(\p{L}+)\s+(\p{Lu}[\p{L}\p{N}&.-]*(?:\s+(?:\p{Lu}[\p{L}\p{N}&.-]*|\d{1,3})(?![\p{L}\p{N}%]))*)/gu,
    )) {
      const [, before = "", name = ""] = match;
      if (taken.has(name) || question.ids.includes(name) || (question.language === "de" && leadsNoun(before))) continue;
      const generic = conceptsOf(wordsOf(name)).isSubsetOf(named.union(concepts));
      if (
        conceptsOf(wordsOf(before))
          .values()
          .some((concept) => concepts.has(concept)) &&
        !generic
      )
        return found(name.replace(/[.]+$/, ""), name);
    }
    if (SEARCH.test(property.name) && !writes) {
      const about = /\b(?:for|about|on|nach|ueber|über|zu|zum|zur)\s+(.{3,120})$/iu.exec(
        text.replace(/[?.!]+$/, ""),
      )?.[1];
      if (about && property.required) return found(about, about);
      if (property.required) {
        const rest = wordsOf(text).filter(
          (word) => !isStopWord(word.folded) && !word.concepts.every((concept) => named.has(concept)),
        );
        if (rest.length > 0) return found(rest.map((word) => word.raw).join(" "));
      }
    }
  }
  return undefined;
}

/** In German every noun is capitalised: after an article it names a kind, not a thing. */
const leadsNoun = (word: string) => isStopWord(fold(word));

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
