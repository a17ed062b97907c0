/** A value in a table. What was nested is flattened or counted before. */
export type Cell = string | number | boolean | null;
export type Row = Record<string, Cell>;

export interface Table {
  /** The member that held the rows ("machines"), empty for an array at the top. */
  key: string;
  rows: Row[];
  /** How many there are in all, where the tool says more than it returned. */
  total: number | undefined;
  /** One object, not a list. */
  single: boolean;
  /** How many the tool looked at before it filtered, where its summary says so ("4 of 12 machines"). */
  whole: number | undefined;
  /** The tool's own sentence about the rows. */
  summary: string;
}

export type Result =
  { kind: "failed"; message: string } | { kind: "text"; text: string } | { kind: "data"; tables: Table[] };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCell = (value: unknown): value is Cell =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

/** Reads what a tool message says: JSON (an MCP result or plain), failure, or text. */
export function readResult(content: string): Result {
  const text = content.trim();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return /^(?:error|fehler|failed|exception|tool .* failed)\b/i.test(text)
      ? { kind: "failed", message: text.replace(/^(?:error|fehler):\s*/i, "") }
      : { kind: "text", text };
  }
  return readValue(value, 0);
}

function readValue(value: unknown, depth: number): Result {
  if (isObject(value) && depth < 4) {
    const failure = failureOf(value);
    if (failure !== undefined) return { kind: "failed", message: failure };
    if (isObject(value.structuredContent)) return readValue(value.structuredContent, depth + 1);
    if (Array.isArray(value.content) && value.content.every((part) => isObject(part) && typeof part.type === "string"))
      return readParts(value.content);
    if ((value.type === "json" || value.type === "text") && "value" in value) return readValue(value.value, depth + 1);
  }
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((part) => isObject(part) && part.type === "text" && typeof part.text === "string")
  )
    return readParts(value);
  if (typeof value === "string")
    return depth < 4 && /^\s*[[{]/.test(value) ? readResult(value) : { kind: "text", text: value };
  if (isCell(value)) return { kind: "text", text: String(value) };
  return { kind: "data", tables: tablesOf(value) };
}

const readParts = (parts: unknown[]) =>
  readResult(parts.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : "")).join("\n"));

function failureOf(value: Record<string, unknown>): string | undefined {
  if (value.isError === true) {
    const parts = Array.isArray(value.content) ? value.content : [];
    return (
      parts
        .map((part) => (isObject(part) && typeof part.text === "string" ? part.text : ""))
        .join(" ")
        .trim() || "no message"
    );
  }
  const { error } = value;
  if (typeof error === "string" && error) return error;
  if (isObject(error)) return typeof error.message === "string" ? error.message : JSON.stringify(error);
  return undefined;
}

const COUNTS = /^(?:total|count|total_?(?:count|rows|items|results)|totalCount|matches)$/;
const FRAME =
  /^(?:total.*|count|page.*|limit|offset|cursor|next.*|has_?more|as_?of|date|day|from|to|generated.*|timestamp|time|unit|currency|ok|success|note|source|version|summary|message|period)$/i;

function tablesOf(value: unknown): Table[] {
  if (Array.isArray(value)) return [tableOf("", value, undefined)];
  if (!isObject(value)) return [];
  const lists: Table[] = [];
  const count = Object.entries(value).find(([key, each]) => COUNTS.test(key) && typeof each === "number")?.[1];
  const walk = (object: Record<string, unknown>, depth: number) => {
    for (const [key, each] of Object.entries(object)) {
      if (Array.isArray(each) && (each.length === 0 || each.some(isObject) || depth === 0))
        lists.push(tableOf(key, each, depth === 0 && typeof count === "number" ? count : undefined));
      else if (
        isObject(each) &&
        depth < 3 &&
        Object.values(each).some((inner) => Array.isArray(inner) || isObject(inner))
      )
        walk(each, depth + 1);
    }
  };
  walk(value, 0);
  const single = flatten(value);
  const facts = Object.keys(single).filter((key) => !FRAME.test(key) && isCell(value[key.split(".")[0] ?? key]));
  const own: Table = { key: "", rows: [single], total: undefined, whole: undefined, single: true, summary: "" };
  if (lists.length === 0) return Object.keys(single).length > 0 ? [own] : [];
  const summary = Object.entries(value).find(
    ([key, each]) => /^(?:summary|message|zusammenfassung)$/i.test(key) && typeof each === "string",
  )?.[1];
  if (typeof summary === "string" && lists[0]) lists[0] = withSummary(lists[0], summary);
  return facts.length >= 3 ? [own, ...lists.filter((list) => list.rows.length > 0)] : lists;
}

/** A summary such as "4 of 12 machines" tells the whole where the rows do not. */
function withSummary(table: Table, summary: string): Table {
  const [, part, whole] = /\b(\d{1,6}) (?:of|von) (\d{1,6})\b/.exec(summary) ?? [];
  return { ...table, summary, whole: Number(part) === table.rows.length ? Number(whole) : undefined };
}

function tableOf(key: string, values: unknown[], count: number | undefined): Table {
  const rows = values.map((value) =>
    isObject(value) ? flatten(value) : { [key || "value"]: isCell(value) ? value : JSON.stringify(value) },
  );
  return {
    key,
    rows,
    total: count !== undefined && count > rows.length ? count : undefined,
    whole: undefined,
    single: false,
    summary: "",
  };
}

/** One level of nesting becomes `outer.inner`; lists become their values or their number. */
function flatten(object: Record<string, unknown>, prefix = ""): Row {
  const row: Row = {};
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + key;
    if (isCell(value)) row[name] = value;
    else if (Array.isArray(value)) {
      if (value.every(isCell)) row[name] = value.join(", ");
      else if (prefix === "") row[name] = value.length;
    } else if (isObject(value) && prefix === "") Object.assign(row, flatten(value, `${key}.`));
  }
  return row;
}
