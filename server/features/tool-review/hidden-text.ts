import type { HiddenText } from "./schema.ts";

/** What people do not see, or see in another order than models read it, of one kind each. */
const HIDDEN: [kind: HiddenText["kind"], characters: RegExp][] = [
  ["control", /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/u],
  ["bidi", /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u],
  ["tag", /[\u{E0000}-\u{E007F}\u{E0100}-\u{E01EF}]/u],
  [
    "invisible",
    /[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200D\u2028\u2029\u2060-\u2065\u206A-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]/u,
  ],
];
const AROUND = 40;
const MOST = 100;

const nameOf = (character: string) =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
const kindOf = (character: string) => HIDDEN.find(([, characters]) => characters.test(character))?.[0];
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
    if (kind && !joinsEmoji(characters, at)) found.set(kind, [...(found.get(kind) ?? []), at]);
  });
  return [...found].map(([kind, places]) => {
    const first = places[0] ?? 0;
    return {
      path,
      kind,
      characters: [...new Set(places.map((at) => nameOf(characters[at] ?? "")))].slice(0, 20),
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
