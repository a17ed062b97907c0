import type { Comparison, Ranking } from "./comparison.ts";
import type { Column } from "./columns.ts";
import { conceptOf, isStopWord } from "./lexicon.ts";
import type { Question } from "./question.ts";
import type { Row, Table } from "./read-result.ts";
import type { OfferedTool } from "./tool-index.ts";
import { conceptsOf, identifierWords, wordsOf } from "./words.ts";

export interface AppliedComparison {
  comparison: Comparison;
  column: Column;
  /** The other column of "below target". */
  reference: Column | undefined;
}

type ToolWords = Pick<OfferedTool, "named" | "weights">;

export interface Selection {
  rows: Row[];
  applied: AppliedComparison[];
  /** Comparisons that no column fits: the answer says so. */
  unapplied: Comparison[];
  /** Cells or ids that the question names: `state = down`. */
  wordFilters: { column: Column; value: string }[];
  ranking: { ranking: Ranking; column: Column; descending: boolean } | undefined;
  /** The column by whose values rows were added up ("which machine has the most downtime"). */
  grouped: Column | undefined;
}

/** Does with the rows what the question says: compares, picks what it names, sorts. */
export function selectRows(
  table: Table,
  columns: Column[],
  question: Question,
  tool: ToolWords | undefined,
): Selection {
  const selection: Selection = {
    rows: table.rows,
    applied: [],
    unapplied: [],
    wordFilters: [],
    ranking: undefined,
    grouped: undefined,
  };
  if (table.single) return selection;
  keepNamed(selection, columns, question);
  for (const comparison of question.comparisons) compare(selection, columns, comparison, question);
  keepWords(selection, columns, question, tool);
  rank(selection, columns, question);
  return selection;
}

function keepNamed(selection: Selection, columns: Column[], question: Question): void {
  for (const column of columns) {
    if (column.kind !== "code" && column.kind !== "text") continue;
    const wanted = new Set(question.ids.map((id) => id.toLowerCase()));
    const rows = selection.rows.filter((row) => wanted.has(String(row[column.key]).toLowerCase()));
    if (rows.length === 0) continue;
    if (rows.length < selection.rows.length)
      selection.wordFilters.push({
        column,
        value: question.ids
          .filter((id) => rows.some((row) => String(row[column.key]).toLowerCase() === id.toLowerCase()))
          .join(", "),
      });
    selection.rows = rows;
    return;
  }
  // "Press 2" in the question is the row of that name.
  const text = question.texts.join(" | ").toLowerCase();
  for (const column of columns.filter((one) => one.kind === "text")) {
    const named = [...new Set(selection.rows.map((row) => row[column.key]))].filter(
      (value) =>
        typeof value === "string" && value.length >= 4 && /[\s\d]/.test(value) && mentions(text, value.toLowerCase()),
    );
    if (named.length === 0) continue;
    selection.rows = selection.rows.filter((row) => named.includes(row[column.key]));
    selection.wordFilters.push({ column, value: named.join(", ") });
    return;
  }
}

function mentions(text: string, name: string): boolean {
  const at = text.indexOf(name);
  return at >= 0 && !/[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && !/[\p{L}\p{N}]/u.test(text.charAt(at + name.length));
}

function compare(selection: Selection, columns: Column[], comparison: Comparison, question: Question): void {
  const numeric = columns.filter((column) => column.kind === "number");
  const { bound } = comparison;
  const reference = typeof bound === "number" ? undefined : referenceFor(bound.concepts, numeric);
  const column = columnFor(
    comparison,
    numeric.filter((one) => one !== reference),
    question,
    reference,
  );
  if (!column || (typeof bound !== "number" && !reference)) {
    if (typeof bound === "number") selection.unapplied.push(comparison);
    return;
  }
  selection.applied.push({ comparison, column, reference });
  selection.rows = selection.rows.filter((row) => {
    const value = row[column.key];
    const limit = reference ? row[reference.key] : bound;
    if (typeof value !== "number" || typeof limit !== "number") return false;
    return comparison.operator === "<"
      ? value < limit
      : comparison.operator === "<="
        ? value <= limit
        : comparison.operator === ">"
          ? value > limit
          : value >= limit;
  });
  const down = comparison.operator.startsWith(">");
  selection.rows = sortBy(selection.rows, column, down);
}

/** "Below target", "below minimum stock": the column that bounds, which is not the one that is bounded. */
function referenceFor(concepts: Set<string>, numeric: Column[]): Column | undefined {
  const points = (column: Column) => {
    const common = column.concepts.intersection(concepts);
    return common.size + (common.values().some((concept) => LIMITS.has(concept)) ? 5 : 0);
  };
  const best = numeric.toSorted((a, b) => points(b) - points(a))[0];
  return best && points(best) > 5 ? best : undefined;
}
const LIMITS = new Set(["target", "minimum", "maximum", "plan", "limit", "standard", "price"].map(conceptOf));

/** The numeric column that a comparison means: by the words around it, then by the question, then by its unit. */
function columnFor(
  comparison: Comparison,
  numeric: Column[],
  question: Question,
  reference: Column | undefined,
): Column | undefined {
  const near = conceptsOf(wordsOf(`${comparison.near} ${comparison.unit}`).filter((word) => !isStopWord(word.folded)));
  const percent = comparison.unit === "%";
  const candidates =
    percent && numeric.some((column) => column.unit === "%")
      ? numeric.filter((column) => column.unit === "%")
      : numeric;
  const points = (column: Column) => {
    const overlap = (words: Set<string>) => column.concepts.intersection(words).size / column.concepts.size;
    return 2 * overlap(near) + overlap(question.columnTopic) + (reference ? overlap(reference.concepts) : 0);
  };
  const best = candidates.toSorted((a, b) => points(b) - points(a))[0];
  if (!best) return undefined;
  if (points(best) > 0) return best;
  return candidates.length === 1 || reference ? best : undefined;
}

const sortBy = (rows: Row[], column: Column, descending: boolean) =>
  rows.toSorted((a, b) => {
    const [x, y] = [a[column.key] ?? null, b[column.key] ?? null];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
    return descending ? -order : order;
  });

/** "Which machines are down?" keeps the rows whose state says so; "late" keeps what is late by more than nothing. */
function keepWords(selection: Selection, columns: Column[], question: Question, tool: ToolWords | undefined): void {
  const asked = new Set([...question.topic].filter((concept) => !tool?.named.has(concept)));
  // A tool that is about what is late gives nothing else.
  const about = (concept: string) => (tool?.weights.get(concept) ?? 0) >= 1.6;
  const compared = new Set(selection.applied.flatMap(({ column, reference }) => [column.key, reference?.key]));
  for (const column of columns) {
    if (selection.rows.length < 2 || compared.has(column.key)) continue;
    const values = [...new Set(selection.rows.map((row) => row[column.key]))];
    if (column.kind === "text" && values.length <= Math.max(8, selection.rows.length / 2)) {
      const meant = values.filter((value) => {
        const words = identifierWords(typeof value === "string" ? value : "");
        return (
          words.length > 0 &&
          words.length <= 3 &&
          words.every((word) => word.concepts.some((concept) => asked.has(concept)))
        );
      });
      if (meant.length === 0 || meant.length === values.length) continue;
      selection.rows = selection.rows.filter((row) => meant.includes(row[column.key]));
      selection.wordFilters.push({ column, value: meant.join(", ") });
    } else if (
      question.topic.intersection(column.concepts).size > 0 &&
      (column.kind === "boolean" || (column.concepts.has(LATE) && column.kind === "number"))
    ) {
      const rows = selection.rows.filter((row) => row[column.key] === true || Number(row[column.key]) > 0);
      if (
        rows.length === selection.rows.length ||
        !question.topic
          .intersection(column.concepts)
          .values()
          .some((concept) => STATES.has(concept) && !about(concept))
      )
        continue;
      selection.rows = rows;
      selection.wordFilters.push({ column, value: "" });
    }
  }
}
const LATE = conceptOf("late");
const STATES = new Set(
  ["late", "blocked", "open", "active", "critical", "down", "running", "closed", "shortage", "risk"].map(conceptOf),
);

/** Rows of events are added up by the thing that is asked for; shares and rates cannot be. */
function addUp(selection: Selection, columns: Column[], column: Column, { subject }: Question): void {
  const by =
    subject === undefined
      ? undefined
      : (columns.find((one) => one.kind === "text" && one.concepts.has(subject)) ??
        columns.find((one) => one.kind === "code" && one.concepts.has(subject)));
  if (!by || column.unit === "%" || new Set(selection.rows.map((row) => row[by.key])).size === selection.rows.length)
    return;
  const sums = new Map<Row[string], number>();
  for (const row of selection.rows) {
    const value = row[column.key];
    if (typeof value === "number") sums.set(row[by.key] ?? null, (sums.get(row[by.key] ?? null) ?? 0) + value);
  }
  selection.rows = [...sums].map(([key, sum]) => ({ [by.key]: key, [column.key]: sum }));
  selection.grouped = by;
}

/** More of these is worse. */
const BAD = new Set(
  [
    "defect",
    "scrap",
    "downtime",
    "late",
    "alarm",
    "loss",
    "cost",
    "shortage",
    "complaint",
    "wear",
    "risk",
    "error",
    "consumption",
    "setup",
  ].map(conceptOf),
);

function rank(selection: Selection, columns: Column[], question: Question): void {
  const { ranking } = question;
  if (!ranking) return;
  const numeric = columns.filter((column) => column.kind === "number");
  const points = (column: Column) => column.concepts.intersection(question.columnTopic).size / column.concepts.size;
  const column = numeric.toSorted((a, b) => points(b) - points(a))[0];
  if (
    !column ||
    (points(column) === 0 && numeric.length > 1 && !selection.applied[0] && !/worst|best/.test(ranking.direction))
  )
    return;
  const bad = column.concepts.values().some((concept) => BAD.has(concept));
  const descending =
    ranking.direction === "highest" || (ranking.direction === "worst" && bad) || (ranking.direction === "best" && !bad);
  selection.ranking = { ranking, column, descending };
  addUp(selection, columns, column, question);
  selection.rows = sortBy(selection.rows, column, descending);
  if (ranking.count !== undefined) selection.rows = selection.rows.slice(0, ranking.count);
}
