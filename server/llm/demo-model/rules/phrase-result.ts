import { columnsOf, labelColumn, withUnit } from "./columns.ts";
import { isoDay } from "./period.ts";
import type { Question } from "./question.ts";
import { readResult, type Row, type Table } from "./read-result.ts";
import { renderTable } from "./render-table.ts";
import { selectRows, type Selection } from "./select-rows.ts";
import { summarise } from "./sentence.ts";
import type { OfferedTool } from "./tool-index.ts";

/** One tool call of this turn and what came back. */
export interface Answered {
  /** As people know the tool: `<server>.<tool>`. */
  shown: string;
  tool: OfferedTool | undefined;
  args: Record<string, unknown>;
  content: string;
}

export interface Phrased {
  markdown: string;
  /** The rows that the text is about, for an answer in JSON. */
  rows: { source: string; rows: Row[] }[];
  failed: boolean;
}

const MAX_TEXT = 1500;
const MAX_TABLES = 3;

/** Puts results into words: a sentence with the numbers, a table, the sources. */
export function phraseResults(answered: Answered[], question: Question, now: Date): Phrased {
  const de = question.language === "de";
  const parts: string[] = [];
  const data: Phrased["rows"] = [];
  let failures = 0;
  for (const one of mergeRepeated(answered)) {
    const result = one.merged ?? readResult(one.content);
    if (result.kind === "failed") {
      failures++;
      parts.push(
        de ? `**${one.shown}** ist fehlgeschlagen: ${result.message}` : `**${one.shown}** failed: ${result.message}`,
      );
    } else if (result.kind === "text") {
      const text = result.text.length > MAX_TEXT ? `${result.text.slice(0, MAX_TEXT)} …` : result.text;
      parts.push(
        text ? (de ? `${one.shown} antwortet:\n\n${text}` : `${one.shown} answered:\n\n${text}`) : nothing(one, de),
      );
    } else {
      const tables = result.tables.filter((table) => table.rows.length > 0).slice(0, MAX_TABLES);
      if (tables.length === 0)
        parts.push([nothing(one, de), ...result.tables.map((table) => table.summary)].filter(Boolean).join(" "));
      for (const table of tables) {
        const { text, rows } = phraseTable(table, one, question, now);
        parts.push(text);
        data.push({ source: one.shown, rows });
      }
    }
  }
  const sources = [...new Set(answered.map((one) => one.shown))].map((name) => `\`${name}\``).join(", ");
  parts.push(
    `${de ? (sources.includes(", ") ? "Quellen" : "Quelle") : sources.includes(", ") ? "Sources" : "Source"}: ${sources}`,
  );
  return { markdown: parts.join("\n\n"), rows: data, failed: failures === answered.length };
}

function nothing({ shown, args }: Answered, de: boolean): string {
  const asked = Object.entries(args).map(
    ([name, value]) =>
      `${name.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
  );
  const by = asked.length > 0 ? ` (${asked.join(", ")})` : "";
  return de
    ? `${shown} hat nichts geliefert${by}: Es gibt dazu keine Einträge.`
    : `${shown} returned nothing${by}: there are no entries for this.`;
}

/** Several calls of one tool that each gave one object are one table: an order and its cause a row. */
function mergeRepeated(answered: Answered[]): (Answered & { merged?: { kind: "data"; tables: Table[] } })[] {
  const merged: (Answered & { merged?: { kind: "data"; tables: Table[] } })[] = [];
  for (const shown of new Set(answered.map((one) => one.shown))) {
    const calls = answered.filter((one) => one.shown === shown);
    const rows: Row[] = [];
    for (const call of calls) {
      const result = readResult(call.content);
      const table = result.kind === "data" ? result.tables[0] : undefined;
      const told = Object.fromEntries(
        Object.entries(call.args).filter(([, value]) => typeof value === "string" || typeof value === "number"),
      ) as Row; // filtered to cells
      if (table?.single) for (const row of table.rows) rows.push({ ...told, ...row });
      else if (result.kind === "text") rows.push({ ...told, answer: result.text });
    }
    const [first] = calls;
    if (first && calls.length > 1 && rows.length === calls.length)
      merged.push({
        ...first,
        args: {},
        merged: {
          kind: "data",
          tables: [{ key: "", rows, total: undefined, whole: undefined, single: false, summary: "" }],
        },
      });
    else merged.push(...calls);
  }
  return merged;
}

function phraseTable(table: Table, call: Answered, question: Question, now: Date): { text: string; rows: Row[] } {
  const columns = columnsOf(table.rows, `${call.tool?.description ?? ""} ${question.texts.join(" ")}`);
  if (table.single) return { text: phraseObject(table, call, question), rows: table.rows };
  const selection = selectRows(table, columns, question, call.tool);
  const bounds = new Set<unknown>(question.comparisons.map(({ bound }) => bound));
  const filtered = Object.values(call.args).some((value) => bounds.has(value));
  const timing = timingOf(call, question, now);
  const { sentence, columns: said } = summarise(table, columns, selection, question, { filtered, ...timing });
  const shown = selection.rows.length > 0 ? selection.rows : [];
  const parts = [
    withSummary(sentence, table, selection, question, (call.tool?.changes.size ?? 0) > 0),
    shown.length > 1 || columns.length > 2 ? renderTable(shown, columns, said, question.language) : "",
    ...caveats(table, selection, timing.caveat, question),
  ];
  return { text: parts.filter(Boolean).join("\n\n"), rows: selection.rows };
}

/** What the tool says itself is added where the rows are told as they came; of a change it says enough. */
function withSummary(
  sentence: string,
  table: Table,
  selection: Selection,
  question: Question,
  changed: boolean,
): string {
  if (!table.summary || !untouched(selection) || (question.aggregate !== undefined && question.aggregate !== "count"))
    return sentence;
  return table.rows.length === 1 && changed ? table.summary : `${sentence} ${table.summary}`;
}

const untouched = ({ applied, wordFilters, ranking }: Selection) =>
  applied.length + wordFilters.length === 0 && !ranking;

/** An object alone: its first facts in a sentence, all of them in a table. */
function phraseObject(table: Table, call: Answered, question: Question): string {
  const row = table.rows[0] ?? {};
  const columns = columnsOf(table.rows, `${call.tool?.description ?? ""} ${question.texts.join(" ")}`);
  const label = labelColumn(columns, table.rows);
  const points = (key: number) => columns[key]?.concepts.intersection(question.topic).size ?? 0;
  const order = columns.map((_, i) => i).toSorted((a, b) => points(b) - points(a) || a - b);
  const facts = order
    .map((i) => columns[i])
    .filter((column) => column !== undefined)
    .filter((column) => column !== label && row[column.key] !== null && row[column.key] !== "");
  const list = facts
    .slice(0, 4)
    .map((column) => `${column.label} ${withUnit(row[column.key], column, question.language)}`);
  const head = label ? `${withUnit(row[label.key], label, question.language)}: ` : "";
  const field = question.language === "de" ? "| Feld | Wert |" : "| Field | Value |";
  const cell = (text: string) => text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
  const lines = facts
    .slice(0, 20)
    .map((column) => `| ${cell(column.label)} | ${cell(withUnit(row[column.key], column, question.language))} |`);
  return `${head}${list.join(", ")}.${facts.length > 4 ? `\n\n${[field, "| --- | --- |", ...lines].join("\n")}` : ""}`;
}

/** The time that is asked about is repeated only where the call carried it, or where "today" means the present state. */
function timingOf(
  call: Answered,
  { period, language }: Question,
  now: Date,
): { when: string; past: boolean; caveat: string } {
  if (!period) return { when: "", past: false, caveat: "" };
  const args = Object.values(call.args).map(String);
  const today = /^(?:today|heute)$/.test(period.words);
  const passed = args.some(
    (value) =>
      value.startsWith(period.from) ||
      value.startsWith(period.to) ||
      value === period.words ||
      (period.amount !== undefined && value === String(period.amount)),
  );
  const asked = args.some((value) => /^(?:today|yesterday|tomorrow|this_?week|last_?week|week|month)$/.test(value));
  const day = /^(?:today|heute|yesterday|gestern|tomorrow|morgen)$/.test(period.words);
  const when = day ? period.words : `(${period.words.replaceAll("ae", "ä").replaceAll("oe", "ö")})`;
  if (passed || asked || today) return { when, past: period.to < isoDay(now), caveat: "" };
  return {
    when: "",
    past: false,
    caveat:
      language === "de"
        ? `Hinweis: „${period.words}“ konnte ich ${call.shown} nicht mitgeben; das sind die Daten, die es von sich aus liefert.`
        : `Note: I could not pass “${period.words}” to ${call.shown}; these are the data that it returns by itself.`,
  };
}

function caveats(table: Table, selection: Selection, timing: string, { language }: Question) {
  const words = selection.unapplied
    .map(({ operator, bound, unit }) => `${operator} ${String(bound)}${unit ? ` ${unit}` : ""}`)
    .join(", ");
  const unapplied =
    words &&
    (language === "de"
      ? `Hinweis: „${words}“ konnte ich keiner Spalte zuordnen und habe danach nicht gefiltert.`
      : `Note: no column fits “${words}”, so I did not filter by it.`);
  const cut =
    table.total !== undefined &&
    (language === "de"
      ? `Hinweis: Geliefert wurden ${table.rows.length} von ${table.total} Zeilen.`
      : `Note: ${table.rows.length} of ${table.total} rows were returned.`);
  return [unapplied, cut, timing].filter((text) => typeof text === "string" && text !== "");
}
