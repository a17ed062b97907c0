const MOST = 24;
const LONGEST = 120;

/**
 * An object of few plain values as pairs that a person reads, without those that are empty; null: it is something else.
 * Names as programs write them become words: `batch_id` → "batch id".
 */
export function plainPairs(value: unknown): [label: string, value: string | boolean][] | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined && one !== "");
  if (entries.length === 0 || entries.length > MOST) return null;
  const pairs: [string, string | boolean][] = [];
  for (const [key, one] of entries) {
    if (typeof one === "boolean") pairs.push([words(key), one]);
    else if (typeof one === "number" || (typeof one === "string" && one.length <= LONGEST))
      pairs.push([words(key), String(one)]);
    else return null;
  }
  return pairs;
}

function words(key: string): string {
  const spaced = key
    .replaceAll(/[_-]+/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** Whether a text is a point in time, as programs write it. */
export const isMoment = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
