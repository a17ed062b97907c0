/** Characters that a person who reads a text does not see, or that change the order in which it is shown. */
const HIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}\u{E0100}-\u{E01EF}]/u;

export interface TextRun {
  text: string;
  /** Stands for characters that nobody sees. */
  hidden: boolean;
}

/** A text in runs, hidden characters written out as `U+202E`. Those that join emoji are none. */
export function reveal(text: string): TextRun[] {
  const runs: TextRun[] = [];
  const characters = [...text];
  characters.forEach((character, at) => {
    const hidden = HIDDEN.test(character) && !joins(characters, at);
    const shown = hidden
      ? `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
      : character;
    const last = runs.at(-1);
    if (last && last.hidden === hidden) last.text += hidden ? ` ${shown}` : shown;
    else runs.push({ text: shown, hidden });
  });
  return runs;
}

function joins(characters: readonly string[], at: number): boolean {
  const picture = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F/u;
  return (
    characters[at] === "\u200D" && picture.test(characters[at - 1] ?? "") && picture.test(characters[at + 1] ?? "")
  );
}
