/** What can be found: names weigh most, then titles and tags, then names of tools, then descriptions. */
export interface Searchable {
  name: string;
  title: string;
  description: string;
  tags: readonly string[];
  tools: readonly { name: string; title?: string; description: string }[];
}

const WEIGHT = { name: 8, title: 6, tag: 5, tool: 4, description: 2, toolDescription: 1 };
/** Words that say nothing about what is wanted. */
const STOP = new Set(
  "a an and are can do for from i in is it me my of on or please server servers that the this to tool tools use want with der die das den dem ein eine einen für im in ist mit und von wie zu".split(
    " ",
  ),
);

const wordsOf = (text: string): string[] =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

/**
 * Those that fit, best first; of equal ones by name. Each word of the query counts where it fits best; whole words count
 * more than beginnings, and those more than one slip of the finger (two in words of eight letters and more). What fits
 * more of the query's words comes before what fits fewer. An empty query finds all.
 */
export function rank<T extends Searchable>(all: readonly T[], query: string): { item: T; score: number }[] {
  const asked = [...new Set(wordsOf(query))];
  const wanted = asked.filter((word) => !STOP.has(word));
  const words = wanted.length ? wanted : asked;
  const scored = all.map((item) => {
    const index = indexOf(item);
    const each = words.map((word) => best(word, index));
    const hits = each.filter((score) => score > 0).length;
    const sum = each.reduce((total, score) => total + score, 0);
    return { item, score: words.length ? (sum * hits) / words.length : 1 };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.item.name < b.item.name ? -1 : a.item.name > b.item.name ? 1 : 0));
}

/** The tools of one that fit the query, best first. */
export function rankTools<T extends { name: string; title?: string; description: string }>(
  tools: readonly T[],
  query: string,
): T[] {
  return rank(
    tools.map((tool) => ({
      name: tool.name,
      title: tool.title ?? "",
      description: tool.description,
      tags: [],
      tools: [],
      tool,
    })),
    query,
  ).map(({ item }) => item.tool);
}

type Index = Map<string, number>;

const known = new WeakMap<object, Index>();
/** The words of an item with the greatest weight of where they stand. */
function indexOf(item: Searchable): Index {
  const made = known.get(item);
  if (made) return made;
  const index: Index = new Map();
  const put = (text: string, weight: number) => {
    for (const word of wordsOf(text)) if ((index.get(word) ?? 0) < weight) index.set(word, weight);
  };
  put(item.name, WEIGHT.name);
  put(item.title, WEIGHT.title);
  for (const tag of item.tags) put(tag, WEIGHT.tag);
  put(item.description, WEIGHT.description);
  for (const tool of item.tools) {
    put(tool.name, WEIGHT.tool);
    if (tool.title) put(tool.title, WEIGHT.tool);
    put(tool.description.slice(0, 500), WEIGHT.toolDescription);
  }
  known.set(item, index);
  return index;
}

function best(word: string, index: Index): number {
  const exact = index.get(word);
  if (exact !== undefined) return exact;
  let found = 0;
  for (const [candidate, weight] of index) {
    const fit =
      (word.length >= 3 && candidate.startsWith(word)) || (candidate.length >= 4 && word.startsWith(candidate))
        ? 0.7
        : word.length >= 4 && isSlip(word, candidate)
          ? 0.4
          : 0;
    found = Math.max(found, weight * fit);
  }
  return found;
}

/** Whether two words differ by at most one letter (two where they are long): changed, left out, added or swapped. */
function isSlip(a: string, b: string): boolean {
  const most = Math.min(a.length, b.length) >= 8 ? 2 : 1;
  if (Math.abs(a.length - b.length) > most) return false;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return (row[b.length] ?? most + 1) <= most;
}
