import { found, type Found, type Source } from "./argument-source.ts";
import type { Property } from "./json-schema.ts";
import { conceptOf, fold, isStopWord } from "./lexicon.ts";
import { conceptsOf, identifierWords, wordsOf } from "./words.ts";

const ID_NAME = /(?:^|[_\s-])(?:id|ids|no|nr|number|code|key|nummer|sku|ref)$|Id$|Ids$|No$|Number$|Code$/;
const prefixOf = (id: string) => /^\p{L}*/u.exec(id.toUpperCase())?.[0] ?? "";

/** The words just before an id. */
const leadOf = (text: string, id: string) =>
  text.slice(Math.max(0, text.indexOf(id) - 60), Math.max(0, text.indexOf(id)));

export function fillId(property: Property, free: string[], { question, siblings }: Source): Found | undefined {
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
    const word = /(\p{L}+)\s*(?:no\.?|nr\.?|number|nummer|#)?\s*$/u.exec(leadOf(spoken, id))?.[1];
    if (
      word &&
      conceptsOf(wordsOf(word))
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
  const led = way && free.find((id) => new RegExp(`\\b(?:${way}) (?:\\p{L}+ )?$`, "iu").test(leadOf(spoken, id)));
  if (led) return found(led, led);
  if (!ID_NAME.test(property.name) || examples.length > 0) return undefined;
  const [id] = free;
  const rivals = siblings.filter(
    (other) => other !== property && other.type === "string" && ID_NAME.test(other.name) && other.values.length === 0,
  );
  // A lone code belongs to the lone id, unless the text says that it is something else.
  if (id === undefined || free.length > 1 || rivals.length > 0) return undefined;
  const word = /(\p{L}+)\s*$/u.exec(leadOf(spoken, id))?.[1];
  const saysOther =
    word !== undefined &&
    !isStopWord(fold(word)) &&
    question.topic.has(conceptOf(fold(word))) &&
    entity.length > 0 &&
    !entity.includes(conceptOf(fold(word)));
  return saysOther ? undefined : found(id, id);
}

/** Codes that a description gives as examples: "e.g. M-03". */
export const codesIn = (text: string) => text.match(/\b\p{L}{1,6}[-_]?\d[\p{L}\p{N}-]*/gu) ?? [];

const REASON =
  /^(?:reason|note|notes|comment|message|text|remark|description|body|content|grund|bemerkung|kommentar|title|subject)$/i;
const SEARCH =
  /^(?:q|query|search|search_?text|term|terms|keyword|keywords|text|question|suche|suchbegriff|filter|topic)$/i;

export function fillText(property: Property, { question, taken, writes, named }: Source): Found | undefined {
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
