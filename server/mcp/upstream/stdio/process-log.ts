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
      // Colours and other commands to a terminal, then whatever else cannot be seen.
      const plain = clean.replaceAll(/\p{Cc}\[[0-9;?]*[A-Za-z]/gu, "").replaceAll(/(?!\t)\p{Cc}/gu, "");
      kept.push({ at: now(), text: plain.slice(0, CHARACTERS) });
      if (kept.length > LINES) kept.shift();
    },
    lines: () => [...kept],
  };
}
