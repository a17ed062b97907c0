/** Code points that a person who reads a text does not see, or that change the order in which it is shown. */
const HIDDEN: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x08],
  [0x0b, 0x0c],
  [0x0e, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff9, 0xfffb],
  [0xe0000, 0xe007f],
  [0xe0100, 0xe01ef],
];
const isHidden = (point: number) => HIDDEN.some(([from, to]) => point >= from && point <= to);

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
    const point = character.codePointAt(0) ?? 0;
    const hidden = isHidden(point) && !joins(characters, at);
    const shown = hidden ? `U+${point.toString(16).toUpperCase().padStart(4, "0")}` : character;
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
