import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { codedError } from "#server/engine/isolate/errors.ts";

/** Characters of code; more is no program that a person wrote into a node. */
const LONGEST = 200_000;
const TAKES_MS = 10_000;
const KEPT = 200;

const HEAD = "async function code(msg, ctx) {\n";
const TAIL = "\n}";

/**
 * Node's own stripping in a thread of its own. Code that is nested deeply enough breaks the parser (compiled Rust) for as
 * long as its thread lives, and one that a person is made to write could keep it busy for minutes.
 */
const PROGRAM = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { stripTypeScriptTypes } = require("node:module");
  process.removeAllListeners("warning");
  try {
    parentPort.postMessage({ text: stripTypeScriptTypes(workerData) });
  } catch (error) {
    parentPort.postMessage({ code: error.code, message: error.message, stack: error.stack });
  }`;

/** `passing`: it says nothing about the code, and may be otherwise at the next try. */
type Answer = { text: string } | { code?: string; message: string; stack: string; passing?: true };
const passing = new WeakSet<Error>();

const known = new Map<string, Promise<string>>();

/**
 * The body of an async function of `msg` and `ctx` without its types; every line and column stays where it was. Rejects
 * with code `code.syntax` and a message that names line and column.
 */
export function stripTypes(code: string): Promise<string> {
  const key = createHash("sha256").update(code).digest("base64");
  let stripped = known.get(key);
  if (!stripped) {
    known.set(key, (stripped = strip(code)));
    stripped.catch((error: Error) => passing.has(error) && known.delete(key));
    const [oldest] = known.keys();
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
  }
  return stripped;
}

async function strip(code: string): Promise<string> {
  if (code.length > LONGEST)
    throw codedError("code.syntax", `The code has ${code.length} characters; at most ${LONGEST} are possible`);
  const answer = await inThread(HEAD + code + TAIL);
  if ("text" in answer) return answer.text.slice(HEAD.length, -TAIL.length);
  if (answer.code === "ERR_INTERNAL_ASSERTION")
    throw codedError("code.syntax", "The code cannot be read: its expressions are nested too deeply");
  const error = codedError("code.syntax", `${answer.message}${placeIn(answer.stack)}`);
  if (answer.passing) passing.add(error);
  throw error;
}

/** Node puts the place before the stack: `:<line>`, the line, and a line of carets below what is wrong. */
function placeIn(stack: string): string {
  const line = /^[^\n]*:(\d+)\n/.exec(stack)?.[1];
  const carets = stack.split("\n").find((one) => /^\s*\^+\s*$/.test(one));
  if (line === undefined || carets === undefined) return "";
  return ` (line ${Number(line) - 1}, column ${carets.indexOf("^") + 1})`; // the head is one line
}

function inThread(text: string): Promise<Answer> {
  const thread = new Worker(PROGRAM, {
    eval: true,
    workerData: text,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 },
  });
  return new Promise<Answer>((resolve) => {
    const failed = (message: string) => resolve({ message, stack: "", passing: true });
    const patience = setTimeout(() => failed("The code takes too long to read"), TAKES_MS);
    patience.unref();
    thread.once("message", (answer: Answer) => {
      clearTimeout(patience);
      resolve(answer);
    });
    thread.once("error", (error) => failed(`The code cannot be read: ${(error as Error).message}`));
    thread.once("exit", () => failed("The code cannot be read"));
  }).finally(() => thread.terminate());
}
