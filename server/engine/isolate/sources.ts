import { readFileSync } from "node:fs";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { SCOPE_NAMES, type Kind } from "./inside/function-api.ts";

/** The files that make up the inside, in the order in which they need each other. */
const INSIDE = [
  "primordials",
  "codec",
  "inside/door",
  "inside/callbacks",
  "inside/messages",
  "inside/modules",
  "inside/context-api",
  "inside/function-api",
  "inside/code-api",
  "inside/url",
  "inside/globals",
  "inside/node-util",
  "inside/boot",
];

let inside: string | undefined;

/**
 * Our own sources as one script whose value is `boot`. They import nothing but each other, so types, imports and the word
 * `export` are taken out and the rest is joined.
 */
export function insideText(): string {
  inside ??= `(function () { "use strict";\n${INSIDE.map(read).join("\n")}\nreturn boot;\n})()`;
  return inside;
}

function read(file: string): string {
  const source = readFileSync(new URL(`./${file}.ts`, import.meta.url), "utf8");
  return stripTypeScriptTypes(source)
    .replaceAll(/^import\s[^;]*;/gm, "")
    .replaceAll(/^export\s+/gm, "");
}

const require = createRequire(import.meta.url);
const bufferPackage = require.resolve("buffer/"); // with the slash: the package, not Node's module
const ofBuffer = createRequire(bufferPackage);
const ofNodeRed = createRequire(require.resolve("@node-red/util"));

/** The packages that an isolate may load. `@node-red/util` is the module with RED.util alone. */
const MODULES: Record<string, () => string> = {
  buffer: () => bufferPackage,
  "base64-js": () => ofBuffer.resolve("base64-js"),
  ieee754: () => ofBuffer.resolve("ieee754"),
  "@node-red/util": () => ofNodeRed.resolve("./lib/util.js"),
  "./jsonata": () => ofNodeRed.resolve("./lib/jsonata.js"),
  "lodash.clonedeep": () => ofNodeRed.resolve("lodash.clonedeep"),
  "json-stringify-safe": () => ofNodeRed.resolve("json-stringify-safe"),
  moment: () => ofNodeRed.resolve("moment"),
  "moment-timezone": () => ofNodeRed.resolve("moment-timezone/builds/moment-timezone-with-data.js"),
};
const texts = new Map<string, string>();

export function moduleText(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const find = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
  if (!find) throw new Error(`Cannot find module '${name}'`);
  const text = readFileSync(find(), "utf8");
  texts.set(name, text);
  return text;
}

/** User code as an expression whose value is a function of its scope that returns the function to call. */
export interface Wrapped {
  text: string;
  filename: string;
  /** Lines that come before the user's first, negative: the first line of the user's is line 1 of what errors name. */
  lineOffset: number;
}

/**
 * As in Node-RED, `msg` and `node` are in the same scope as the code, the rest around it, so that code may declare a
 * `context` or `flow` of its own.
 */
export function wrapFunction(kind: Kind, code: string, isAsync: boolean, filename: string): Wrapped {
  const parameters = kind === "main" ? "msg, node" : "__setup__, node";
  const head = `(function (${SCOPE_NAMES.join(", ")}) { return ${isAsync ? "async " : ""}function (${parameters}) {`;
  return { text: `${head}\n${code}\n}})`, filename, lineOffset: -1 };
}

/** The body of `async (msg, ctx) => …`, types already taken out. */
export function wrapCode(code: string, filename: string): Wrapped {
  return { text: `(function () { return async function (msg, ctx) {\n${code}\n}})`, filename, lineOffset: -1 };
}
