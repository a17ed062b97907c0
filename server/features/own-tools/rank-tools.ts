/** What is looked at to find a tool. */
export interface Findable {
  name: string;
  title?: string;
  description: string;
  inputSchema: Record<string, unknown>;
}

const WEIGHT = { name: 4, title: 3, summary: 2, description: 1, argument: 0.7 };
/** How much a word that only begins alike counts. */
const ALIKE = 0.6;
const MIN_STEM = 4;
/** A word that this share of the tools has tells none of them apart. */
const COMMON = 0.5;
const MANY = 20;
const STOP = new Set(
  "a all an and are as at be by can do does for from give has have how i in is it me my no not of on or our please show tell than that the there this to us was we were what when where which who why will with you your der die das den dem ein eine einen und oder ist sind war wie was wer wo warum welche welcher welches mir uns wir ich im in am an auf aus bei mit von vom zu zum zur fur bitte nicht kein keine zeige zeig gib".split(
    " ",
  ),
);

/** Words as they are compared: folded, without plural endings; of `fertigung.list_oee` each part. */
export function stemsOf(text: string): string[] {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1)
    .map((word) => (word.length > MIN_STEM ? word.replace(/(?:ies|es|en|s|e)$/, "") : word));
}

const indexed = new WeakMap<object, Map<string, number>>();

/** Stem → the weight of the most telling place where it stands. */
function indexOf(tool: Findable): Map<string, number> {
  const known = indexed.get(tool);
  if (known) return known;
  const index = new Map<string, number>();
  const put = (text: string, weight: number) => {
    for (const stem of stemsOf(text)) if ((index.get(stem) ?? 0) < weight) index.set(stem, weight);
  };
  const [summary = "", ...rest] = tool.description.split(/(?<=[.!?])\s+|\n/);
  put(tool.name, WEIGHT.name);
  put(tool.title ?? "", WEIGHT.title);
  put(summary, WEIGHT.summary);
  put(rest.join(" ").slice(0, 2_000), WEIGHT.description);
  const { properties } = tool.inputSchema;
  if (typeof properties === "object" && properties !== null) put(Object.keys(properties).join(" "), WEIGHT.argument);
  indexed.set(tool, index);
  return index;
}

/**
 * Tools that fit a query, best first, equal ones by name. A word counts by where it stands in the tool and by how few
 * tools have it, so that the words of a whole question may be given. Tools are indexed once each: give the same objects.
 */
export function rankTools<T extends Findable>(tools: readonly T[], query: string): { tool: T; score: number }[] {
  const words = stemsOf(query);
  const telling = words.filter((word) => !STOP.has(word));
  const asked = [...new Set(telling.length > 0 ? telling : words)];
  const hits = tools.map((tool) => {
    const index = indexOf(tool);
    return asked.map((stem) => index.get(stem) ?? alike(stem, index));
  });
  const rarity = asked.map((_, i) => {
    const having = hits.filter((each) => (each[i] ?? 0) > 0).length;
    return having > tools.length * COMMON && tools.length > MANY ? 0 : Math.log(1 + tools.length / (having + 0.5));
  });
  return tools
    .map((tool, t) => ({
      tool,
      score: (hits[t] ?? []).reduce((sum, weight, i) => sum + weight * (rarity[i] ?? 0), 0),
    }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (a.tool.name < b.tool.name ? -1 : 1));
}

function alike(stem: string, index: Map<string, number>): number {
  if (stem.length < MIN_STEM) return 0;
  let best = 0;
  for (const [candidate, weight] of index)
    if (candidate.length >= MIN_STEM && (candidate.startsWith(stem) || stem.startsWith(candidate)))
      best = Math.max(best, weight * ALIKE);
  return best;
}
