import type { HiddenText } from "./schema.ts";

/** What people do not see, or see in another order than models read it, of one kind each. */
const HIDDEN: [kind: HiddenText["kind"], ranges: [first: number, last: number][]][] = [
  // line feed, tab and carriage return are text
  ["control", [[0x00, 0x08], [0x0b, 0x0c], [0x0e, 0x1f], [0x7f, 0x9f]]],
  ["bidi", [[0x061c, 0x061c], [0x200e, 0x200f], [0x202a, 0x202e], [0x2066, 0x2069]]],
  ["tag", [[0xe0000, 0xe007f], [0xe0100, 0xe01ef]]],
  [
    "invisible",
    [
      [0xad, 0xad], [0x034f, 0x034f], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f], [0x200b, 0x200d],
      [0x2028, 0x2029], [0x2060, 0x2065], [0x206a, 0x206f], [0x3164, 0x3164], [0xfeff, 0xfeff], [0xffa0, 0xffa0],
      [0xfff9, 0xfffb],
    ],
  ],
]; // prettier-ignore
const AROUND = 40;
const MOST = 100;

const nameOf = (character: string) =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
const kindOf = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  return HIDDEN.find(([, ranges]) => ranges.some(([first, last]) => first <= code && code <= last))?.[0];
};
const written = (characters: readonly string[]) =>
  characters.map((one) => (kindOf(one) ? `[${nameOf(one)}]` : one)).join("");

/** Joins two emoji into one, which people do see. */
function joinsEmoji(characters: readonly string[], at: number): boolean {
  const picture = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F/u;
  return (
    characters[at] === "\u200D" && picture.test(characters[at - 1] ?? "") && picture.test(characters[at + 1] ?? "")
  );
}

function inText(path: string, text: string): HiddenText[] {
  const characters = [...text];
  const found = new Map<HiddenText["kind"], number[]>();
  characters.forEach((character, at) => {
    const kind = kindOf(character);
    if (!kind || joinsEmoji(characters, at)) return;
    const places = found.get(kind);
    if (places) places.push(at);
    else found.set(kind, [at]);
  });
  return [...found].map(([kind, places]) => {
    const first = places[0] ?? 0;
    return {
      path,
      kind,
      characters: [...new Set(places.map((at) => characters[at] ?? ""))].slice(0, 20).map(nameOf),
      count: places.length,
      shown: written(characters.slice(Math.max(0, first - AROUND), first + AROUND)),
    };
  });
}

/**
 * Texts in a definition, names of its members included, that hold characters which a person who reads it does not see:
 * control characters, such as turn the direction of writing, tags, and those without width. A hundred at most.
 */
export function hiddenTexts(value: unknown, path = ""): HiddenText[] {
  if (typeof value === "string") return inText(path, value);
  if (typeof value !== "object" || value === null) return [];
  const found: HiddenText[] = [];
  for (const [name, member] of Object.entries(value)) {
    const at = path ? `${path}.${name}` : name;
    found.push(...inText(written([...at]), name), ...hiddenTexts(member, written([...at])));
    if (found.length >= MOST) return found.slice(0, MOST);
  }
  return found;
}
