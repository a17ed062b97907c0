import { createWriteStream, existsSync, renameSync, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";

/** The file that takes what one part says. */
export interface PartLog {
  file: string;
  /** Writes every line to the file, and shows those of a warning or worse. */
  follow(stream: Readable): void;
  /** The last line that was no log record, mostly the error a process died of. */
  lastWords(): string;
  close(): Promise<void>;
}

/** What pino writes; anything else in the stream is text. */
const LogRecord = z.object({
  level: z.number(),
  msg: z.string().default(""),
  err: z.object({ message: z.string() }).optional(),
});
const WARN = 40;
const LARGEST_BYTES = 20_000_000;
const SHOWN_IN_WINDOW = 10;
const SHOW_WINDOW_MS = 10_000;

/**
 * Opens the log of a part; that of the start before is kept as `.1`. `show` gets the lines for the person; `all` shows
 * every line (development).
 */
export function openPartLog(file: string, show: (line: string) => void, { all = false } = {}): PartLog {
  let words = "";
  let bytes = 0;
  let stream = rotate(file);
  const shown = limited(show);
  const take = (line: string) => {
    bytes += line.length + 1;
    if (bytes > LARGEST_BYTES) {
      stream.end();
      stream = rotate(file);
      bytes = line.length;
    }
    stream.write(`${line}\n`);
    const record = asRecord(line);
    if (!record && isError(line)) words = line.trim();
    if (all) show(record ? inWords(record) : line);
    else if (record && record.level >= WARN) shown(inWords(record));
  };
  return {
    file,
    follow: (source) => void createInterface({ input: source, crlfDelay: Infinity }).on("line", take),
    lastWords: () => words,
    close: () => new Promise((done) => stream.end(() => done())),
  };
}

function rotate(file: string): WriteStream {
  if (existsSync(file)) renameSync(file, `${file}.1`);
  const stream = createWriteStream(file, { mode: 0o600 });
  stream.on("error", () => undefined); // a full disk must not end the product
  return stream;
}

function asRecord(line: string) {
  if (!line.startsWith("{")) return undefined;
  try {
    return LogRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

const isError = (line: string) => /error|fatal|cannot|failed|out of memory/i.test(line) && !/^\s+at /.test(line);
const inWords = ({ msg, err }: z.infer<typeof LogRecord>) =>
  [msg, err && err.message !== msg ? err.message : ""].filter(Boolean).join(": ");

/** A part in trouble repeats itself: ten different lines in ten seconds, then how many more the file holds. */
function limited(show: (line: string) => void): (line: string) => void {
  const lines = new Set<string>();
  let from = 0;
  let kept = 0;
  return (line) => {
    if (performance.now() - from > SHOW_WINDOW_MS) {
      if (kept) show(`… and ${kept} more lines in the log`);
      from = performance.now();
      kept = 0;
      lines.clear();
    }
    if (lines.has(line) || lines.size >= SHOWN_IN_WINDOW) kept += 1;
    else show(line);
    lines.add(line);
  };
}
