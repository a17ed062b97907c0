import { SandboxError } from "#server/engine/isolate/sandbox.ts";

/** Frames of our own inside: the person's code is what an error is about. */
const OURS = /\n\s*at [^\n]*(\(isolate:inside:|<isolated-vm boundary>|file:\/\/)[^\n]*/g;

/** Takes out of an error's stack what is not the person's code. */
export function trimStack(error: Error): void {
  const stack = typeof error.stack === "string" ? error.stack.replaceAll(OURS, "") : undefined;
  Object.defineProperty(error, "stack", { value: stack, enumerable: false, writable: true, configurable: true });
}

/** Line and column of the first frame in the person's code, which is compiled under `filename`. */
export function placeOf(error: Error, filename: string): { line: number; column: number } | undefined {
  for (const line of (error.stack ?? "").split("\n")) {
    const at = line.lastIndexOf(`${filename}:`);
    const found = at < 0 ? null : /^(\d+):(\d+)/.exec(line.slice(at + filename.length + 1));
    if (found) return { line: Number(found[1]), column: Number(found[2]) };
  }
  return undefined;
}

/**
 * Node-RED's own way with what function code throws: the line into the message of a ReferenceError, text for what is no
 * error. What comes out is for `done`.
 */
export function thrownByCode(thrown: unknown, filename: string): unknown {
  if (thrown instanceof Error) {
    const place = thrown.name === "ReferenceError" ? placeOf(thrown, filename) : undefined;
    if (place) thrown.message = `ReferenceError: ${thrown.message} (line ${place.line}, col ${place.column})`;
    trimStack(thrown);
    return thrown;
  }
  return typeof thrown === "string" ? thrown : (JSON.stringify(thrown) ?? String(thrown));
}

/** The SyntaxError of code that does not compile, with the line in its message. */
export function notCompiled(error: unknown, filename: string, part: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const place = placeOf(error, filename);
  const said = error.message.replace(` [${filename}:${place?.line}:${place?.column}]`, "");
  const result = new SyntaxError(place ? `${said} (${part}:line ${place.line})` : said);
  result.stack = `SyntaxError: ${result.message}`;
  return result;
}

/** An error of ours for `done`: with a code, without a stack, which would be the host's. */
export function codedError(code: string, message: string): Error {
  const error = Object.assign(new Error(message), { code });
  error.stack = `Error: ${message}`;
  return error;
}

/** What stopped code from outside it, in words for people. `ownTimeout`: the node's own bound, said as Node-RED says it. */
export function stopped(error: unknown, label: string, filename: string, ownTimeout: boolean): Error {
  // V8 says it when the code has been left, of a promise that was rejected and that nothing waits for
  if (!(error instanceof SandboxError))
    return codedError("function.rejected", error instanceof Error ? error.message : String(error));
  if (error.code === "function.memory") return codedError(error.code, `"${label}" was stopped. ${error.message}`);
  if (ownTimeout) return codedError(error.code, error.message);
  const place = placeOf(error, filename);
  const where = place ? ` (line ${place.line})` : "";
  return codedError(
    error.code,
    `"${label}" was stopped: its code kept the processor for ${error.timeoutMs} ms${where}`,
  );
}
