import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** What the person who started the program sees: one line for each part, and nothing while all is well. */
export interface Terminal {
  heading(text: string): void;
  /** A part that is well. `since`: when its start began, from `performance.now()`. */
  done(part: string, text: string, since?: number): void;
  note(text: string): void;
  attention(part: string, text: string): void;
  fault(part: string, text: string): void;
  /** Shows work in progress on a line that the next output replaces. Only on a terminal. */
  progress(part: string, text: string): void;
}

const NAME_WIDTH = 14;

export function openTerminal(out: NodeJS.WriteStream = process.stdout): Terminal {
  const paint = (style: Style, text: string) => styleText(style, text, { stream: out });
  let transient = false;
  const say = (line: string) => {
    out.write(`${transient ? "\r\u001B[2K" : ""}${line}\n`);
    transient = false;
  };
  const row = (style: Style, mark: string, part: string, text: string) =>
    `  ${paint(style, mark)} ${part.padEnd(NAME_WIDTH)} ${text}`;
  return {
    heading: (text) => say(`\n${paint("bold", text)}`),
    done(part, text, since) {
      const time = since === undefined ? "" : ` ${paint("dim", elapsed(since))}`;
      say(`${row("green", "✓", part, text)}${time}`);
    },
    note: (text) => say(text),
    attention: (part, text) => say(row("yellow", "!", part, text)),
    fault: (part, text) => say(row("red", "✗", part, text)),
    progress(part, text) {
      if (!out.isTTY) return;
      const width = Math.max(20, (out.columns || 80) - NAME_WIDTH - 6);
      out.write(`\r\u001B[2K${row("cyan", "…", part, text.slice(0, width))}`);
      transient = true;
    },
  };
}

function elapsed(since: number): string {
  const ms = performance.now() - since;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
