import { labelColumn, withUnit, type Column } from "./columns.ts";
import { conceptOf } from "./lexicon.ts";
import type { Question } from "./question.ts";
import type { Row, Table } from "./read-result.ts";
import type { Selection } from "./select-rows.ts";
import { conditionsOf, nounOf, type Noun } from "./wording.ts";

const NAMED_ROWS = 5;
const RANKED_ROWS = 10;

export interface Said {
  sentence: string;
  /** Columns that the sentence speaks of: the table shows them for sure. */
  columns: Column[];
}

interface Context {
  /** The tool itself had already left rows out: "of 12" is said only where the whole is known. */
  filtered: boolean;
  /** The span of time that the rows are known to be about, in words. */
  when: string;
  past: boolean;
}

/** One sentence with the numbers of a table. */
export function summarise(
  table: Table,
  columns: Column[],
  selection: Selection,
  question: Question,
  context: Context,
): Said {
  const { rows } = selection;
  const label = selection.grouped ?? labelColumn(columns, table.rows);
  const metrics = metricsOf(columns, label, selection, question);
  const noun = nounOf(table, columns, question);
  const when = context.when ? ` ${context.when}` : "";
  const name = (row: Row | undefined) => (label && row ? withUnit(row[label.key], label, question.language) : "");
  const teller = {
    question,
    selection,
    columns,
    noun,
    when,
    past: context.past,
    name,
    conditions: conditionsOf(selection, question),
  };
  const said = [...(label ? [label] : []), ...metrics];

  const aggregated = tellAggregate(teller);
  if (aggregated) return { sentence: aggregated.sentence, columns: [...said, aggregated.column] };
  if (selection.ranking && rows.length > 0)
    return { sentence: tellRanking(teller, selection.ranking), columns: [...said, selection.ranking.column] };
  const [only] = rows;
  if (
    only &&
    rows.length === 1 &&
    selection.applied.length === 0 &&
    selection.wordFilters.length === 1 &&
    selection.wordFilters.every(({ column }) => column === label || column.kind === "code")
  ) {
    const facts = metrics.map((column) => `${column.label} ${withUnit(only[column.key], column, question.language)}`);
    return { sentence: `${name(only)}: ${facts.join(", ")}.`, columns: said };
  }
  const details = (row: Row) =>
    metrics
      .map(
        (column) =>
          ((metrics.length === 1 && column.unit) || String(row[column.key]).length > 20 ? "" : `${column.label} `) +
          shorten(withUnit(row[column.key], column, question.language)),
      )
      .join(", ");
  const list = rows
    .slice(0, NAMED_ROWS)
    .map((row) => (metrics.length > 0 ? `${name(row)} (${details(row)})` : name(row)));
  const more = rows.length - list.length;
  const named =
    list.join(", ") + (more > 0 ? (question.language === "de" ? ` und ${more} weitere` : ` and ${more} more`) : "");
  const whole = table.whole ?? (context.filtered ? undefined : table.rows.length);
  return { sentence: tellRows(teller, table, named, whole), columns: said };
}

const shorten = (text: string) => (text.length > 90 ? `${text.slice(0, 87).trimEnd()}…` : text);

interface Teller {
  question: Question;
  selection: Selection;
  columns: Column[];
  noun: Noun;
  when: string;
  past: boolean;
  name: (row: Row | undefined) => string;
  conditions: string;
}

/** "4 of 12 machines are below 85 % OEE today: …" */
function tellRows(
  { question, selection, noun, when, past, name, conditions }: Teller,
  table: Table,
  named: string,
  whole: number | undefined,
): string {
  const de = question.language === "de";
  const count = selection.rows.length;
  // All of what was returned fulfils it: then the tool may have left out the others itself.
  const limited = conditions !== "" && whole !== undefined && (count < whole || table.whole !== undefined);
  const subject = `${count}${limited ? (de ? ` von ${whole}` : ` of ${whole}`) : ""} ${count === 1 && !limited ? noun.singular : noun.plural}`;
  const list = count > 0 ? `: ${named}` : nearest(table, selection, name, question);
  if (!conditions) return `${subject}${when}${list}.`;
  if (selection.applied.length === 0) return `${subject}${when} ${de ? "mit" : "with"} ${conditions}${list}.`;
  if (de)
    return `${subject} ${past ? (count === 1 ? "lag" : "lagen") : count === 1 ? "liegt" : "liegen"}${when} ${conditions}${list}.`;
  return `${subject} ${past ? (count === 1 ? "was" : "were") : count === 1 ? "is" : "are"} ${conditions}${when}${list}.`;
}

/** "Press 1 has the lowest OEE today: 61.2 %." */
function tellRanking(
  { question, selection, noun, when, past, name, conditions }: Teller,
  { column, descending, ranking }: NonNullable<Selection["ranking"]>,
): string {
  const top = selection.rows.slice(0, ranking.count ?? 1);
  const limits = conditions ? `, ${conditions}` : "";
  const value = (row: Row | undefined) => withUnit(row?.[column.key], column, question.language);
  const list = top
    .slice(0, RANKED_ROWS)
    .map((row) => `${name(row)} (${value(row)})`)
    .join(", ");
  if (question.language === "de") {
    const extreme = `${descending ? "höchsten" : "niedrigsten"} Wert bei ${column.label}`;
    if (top.length === 1)
      return `${name(top[0])} ${past ? "hatte" : "hat"}${when} den ${extreme}${limits}: ${value(top[0])}.`;
    return `Die ${top.length} ${noun.plural} mit dem ${extreme}${when}${limits}: ${list}.`;
  }
  const extreme = `the ${descending ? "highest" : "lowest"} ${column.label}${when}${limits}`;
  if (top.length === 1) return `${name(top[0])} ${past ? "had" : "has"} ${extreme}: ${value(top[0])}.`;
  return `The ${top.length} ${noun.plural} with ${extreme}: ${list}.`;
}

/** "The average OEE of 12 machines today is 85.8 %." */
function tellAggregate({
  question,
  selection,
  columns,
  noun,
  when,
  past,
  conditions,
}: Teller): { sentence: string; column: Column } | undefined {
  if (question.aggregate !== "average" && question.aggregate !== "sum") return undefined;
  const numeric = columns.filter((column) => column.kind === "number");
  const column = numeric.toSorted((a, b) => overlap(b, question) - overlap(a, question))[0];
  if (!column || (overlap(column, question) === 0 && numeric.length > 1)) return undefined;
  const values = selection.rows.map((row) => row[column.key]).filter((value) => typeof value === "number");
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  const value = withUnit(question.aggregate === "sum" ? sum : sum / values.length, column, question.language);
  const over = `${values.length} ${values.length === 1 ? noun.singular : noun.plural}${conditions ? ` (${conditions})` : ""}`;
  if (question.language === "de")
    return {
      column,
      sentence: `${question.aggregate === "sum" ? "Die Summe" : "Der Durchschnitt"} von ${column.label} über ${over}${when}: ${value}.`,
    };
  return {
    column,
    sentence: `The ${question.aggregate === "sum" ? "total" : "average"} ${column.label} of ${over}${when} ${past ? "was" : "is"} ${value}.`,
  };
}

/** How much of a column's name the question speaks of, 0 to 1. */
const overlap = (column: Column, question: Question) =>
  column.concepts.intersection(question.columnTopic).size / column.concepts.size;

/** Nothing was below: what came nearest is worth a word. */
function nearest(
  table: Table,
  selection: Selection,
  name: (row: Row | undefined) => string,
  question: Question,
): string {
  const first = selection.applied[0];
  if (!first || first.reference || selection.applied.length > 1 || table.rows.length === 0) return "";
  const down = first.comparison.operator.startsWith("<");
  const best = table.rows
    .filter((row) => typeof row[first.column.key] === "number")
    .toSorted((a, b) => (Number(a[first.column.key]) - Number(b[first.column.key])) * (down ? 1 : -1))[0];
  if (!best) return "";
  const value = `${name(best)} (${withUnit(best[first.column.key], first.column, question.language)})`;
  if (question.language === "de") return `; der ${down ? "niedrigste" : "höchste"} Wert: ${value}`;
  return `; the ${down ? "lowest" : "highest"}: ${value}`;
}

const CAUSE = conceptOf("cause");

function metricsOf(
  columns: Column[],
  label: Column | undefined,
  { applied, ranking, wordFilters }: Selection,
  question: Question,
): Column[] {
  const used = [
    ...applied.flatMap(({ column, reference }) => [column, ...(reference ? [reference] : [])]),
    ...(ranking ? [ranking.column] : []),
  ];
  if (used.length > 0) return [...new Set(used)].slice(0, 3);
  const filtered = new Set(wordFilters.map(({ column }) => column.key));
  // What the rows are is said by their names already.
  const topic = question.columnTopic
    .difference(label?.concepts ?? new Set())
    .difference(new Set([question.subject ?? ""]));
  const points = (column: Column) =>
    column.concepts.intersection(topic).size / column.concepts.size +
    (column.concepts.has(CAUSE) && topic.has(CAUSE) ? 1 : 0);
  const others = columns.filter(
    (column) =>
      column !== label &&
      column.kind !== "code" &&
      !(filtered.has(column.key) && column.kind === "text") &&
      !(label && column.kind === "text" && column.concepts.isSubsetOf(label.concepts)),
  );
  const asked = others
    .filter((column) => points(column) > 0.3)
    .toSorted((a, b) => points(b) - points(a))
    .slice(0, 2);
  if (asked.length > 0) return asked;
  const telling =
    others.find((column) => column.kind === "number") ??
    others.find((column) => /stat(?:e|us)|zustand/i.test(column.key)) ??
    others.find((column) => column.kind === "date");
  return telling ? [telling] : [];
}
