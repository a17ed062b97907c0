import { isDeepStrictEqual } from "node:util";
import type { FieldChange, TextPiece } from "./schema.ts";

/**
 * The comparison of two texts costs the product of their words: so much one definition may cost, some tenths of a second.
 * Above it texts are shown as replaced as a whole. Servers write them, and whoever looks waits.
 */
const MOST_WORK = 1_500 * 1_500 * 2;
const MOST_WORDS = 1_500;
const MOST_CHANGES = 500;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** What differs between two definitions, by path; members of objects one by one, everything else as a whole. */
export const definitionDiff = (before: unknown, after: unknown): FieldChange[] =>
  changesOf(before, after, "", { work: MOST_WORK }).slice(0, MOST_CHANGES);

function changesOf(before: unknown, after: unknown, path: string, left: { work: number }): FieldChange[] {
  if (isObject(before) && isObject(after))
    return namesOf(before, after).flatMap((name) =>
      changesOf(before[name], after[name], path ? `${path}.${name}` : name, left),
    );
  if (same(before, after)) return [];
  if (before === undefined) return [{ path, kind: "added", before: null, after }];
  if (after === undefined) return [{ path, kind: "removed", before, after: null }];
  const pieces = typeof before === "string" && typeof after === "string" ? textDiff(before, after, left) : null;
  return [{ path, kind: "changed", before, after, ...(pieces ? { pieces } : {}) }];
}

/** Names of the top members that differ. */
export const changedMembers = (before: unknown, after: unknown): string[] =>
  isObject(before) && isObject(after)
    ? namesOf(before, after).filter((name) => !isDeepStrictEqual(before[name], after[name]))
    : [];

const namesOf = (before: object, after: object) => [...new Set([...Object.keys(before), ...Object.keys(after)])];

const wordsOf = (text: string) => text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** Two texts word by word, by their longest common subsequence. */
export function textDiff(before: string, after: string, left = { work: MOST_WORK }): TextPiece[] {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  const work = a.length * b.length;
  if (a.length > MOST_WORDS || b.length > MOST_WORDS || work > left.work)
    return joined([
      { kind: "removed", text: before },
      { kind: "added", text: after },
    ]);
  left.work -= work;
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width); // length of what a[i…] and b[j…] have in common
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pieces: TextPiece[] = [];
  for (let [i, j] = [0, 0]; i < a.length || j < b.length;) {
    const [gone, come] = [a[i], b[j]];
    if (gone !== undefined && gone === come) {
      pieces.push({ kind: "same", text: gone });
      i++;
      j++;
    } else if (gone !== undefined && (come === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pieces.push({ kind: "removed", text: gone });
      i++;
    } else {
      pieces.push({ kind: "added", text: come ?? "" });
      j++;
    }
  }
  return joined(pieces);
}

const joined = (pieces: readonly TextPiece[]): TextPiece[] => {
  const whole: TextPiece[] = [];
  for (const { kind, text } of pieces) {
    const last = whole.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text) whole.push({ kind, text });
  }
  return whole;
};
