import { parse } from "acorn";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
let jsonata: ((expression: string) => unknown) | undefined;

const line = (text: string) => text.split("\n")[0] ?? text;

/** Why an expression is no JSONata, by Node-RED's own version of it; null: it is. */
export function jsonataProblem(expression: string): string | null {
  jsonata ??= require("@node-red/util/lib/jsonata.js") as (expression: string) => unknown; // has no types
  try {
    jsonata(expression);
    return null;
  } catch (error) {
    // JSONata throws plain objects
    const { message, position } = error as { message?: string; position?: number };
    return `${line(message ?? "is not valid")}${position === undefined ? "" : ` (at character ${position})`}`;
  }
}

export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return line((error as Error).message);
  }
}

export function regexProblem(source: string): string | null {
  try {
    new RegExp(source);
    return null;
  } catch (error) {
    return line((error as Error).message).replace(/^Invalid regular expression: /, "");
  }
}

/** Why the body of an async function is no JavaScript; null: it is. */
export function codeProblem(code: string): string | null {
  try {
    // By itself, not wrapped: a brace too many must not end the wrapping.
    parse(code, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      locations: true,
    });
    return null;
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number; column: number } }; // acorn's
    const what = message.replace(/ \(\d+:\d+\)$/, "");
    return loc ? `${what} (line ${loc.line}, column ${loc.column + 1})` : what;
  }
}
