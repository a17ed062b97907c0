const MAX_PARAMETERS = 1_000;
const MAX_DEPTH = 5;
const MAX_INDEX = 100;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

type Node = Map<string, string | string[] | Node>;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
};

/** `a[b][]` → a, b, "". Null: a name that must not become a property. */
function keysOf(name: string): string[] | null {
  const open = name.indexOf("[");
  const keys = open <= 0 ? [name] : [name.slice(0, open), ...bracketed(name.slice(open))];
  return keys.some((key) => FORBIDDEN.has(key)) ? null : keys;
}

function bracketed(text: string): string[] {
  const keys = [...text.matchAll(/\[([^[\]]*)\]/g)].map(([, key = ""]) => key);
  if (keys.length <= MAX_DEPTH) return keys;
  // What lies deeper stays one name, as qs does it.
  return [
    ...keys.slice(0, MAX_DEPTH),
    keys
      .slice(MAX_DEPTH)
      .map((key) => `[${key}]`)
      .join(""),
  ];
}

function put(into: Node, keys: string[], value: string): void {
  const [key = "", ...rest] = keys;
  const there = into.get(key);
  if (rest.length === 0 || (rest.length === 1 && rest[0] === "")) {
    if (there instanceof Map) there.set(String(there.size), value);
    else if (there === undefined) into.set(key, rest.length === 0 ? value : [value]);
    else into.set(key, [...[there].flat(), value]);
    return;
  }
  const below: Node =
    there instanceof Map
      ? there
      : new Map(there === undefined ? [] : [there].flat().map((item, i) => [String(i), item]));
  into.set(key, below);
  put(below, rest, value);
}

/** Objects whose keys count from 0 are lists. */
function plain(node: Node): unknown {
  const entries = [...node].map(([key, value]) => [key, value instanceof Map ? plain(value) : value] as const);
  const isList = entries.length > 0 && entries.length <= MAX_INDEX && entries.every(([key], i) => key === String(i));
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** `a=1&b[c]=2&d[]=3` as Express 4 reads queries and forms (`qs`): repeated names become lists, brackets nest. */
export function parseForm(text: string): Record<string, unknown> {
  const root: Node = new Map();
  for (const pair of text.split("&", MAX_PARAMETERS)) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const keys = keysOf(decoded(at < 0 ? pair : pair.slice(0, at)));
    if (keys) put(root, keys, at < 0 ? "" : decoded(pair.slice(at + 1)));
  }
  return Object.fromEntries([...root].map(([key, value]) => [key, value instanceof Map ? plain(value) : value]));
}
