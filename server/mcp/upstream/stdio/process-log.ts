/** A line that a server's process wrote, for people. */
export interface LogLine {
  at: Date;
  text: string;
}

const LINES = 200;
const CHARACTERS = 2_000;
const SHORTEST_SECRET = 4;

export interface ProcessLog {
  /** Values that never appear in it; of many lines, each. */
  hide(values: readonly string[]): void;
  write(text: string): void;
  lines(): LogLine[];
}

/** The last two hundred lines of a process, each of two thousand characters at most, without its secrets. */
export function processLog(now: () => Date): ProcessLog {
  const kept: LogLine[] = [];
  const hidden = new Set<string>();
  return {
    hide(values) {
      for (const value of values)
        for (const line of [value, ...value.split(/\r?\n/), encodeURIComponent(value)])
          if (line.length >= SHORTEST_SECRET) hidden.add(line);
    },
    write(text) {
      // Longest first: one may be part of another.
      const parts = [...hidden].toSorted((a, b) => b.length - a.length);
      const clean = parts.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
      // oxlint-disable-next-line no-control-regex -- colours and other commands of terminals are what is taken out
      const plain = clean
        .replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, "")
        .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F]/g, "");
      kept.push({ at: now(), text: plain.slice(0, CHARACTERS) });
      if (kept.length > LINES) kept.shift();
    },
    lines: () => [...kept],
  };
}
