import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { AppError } from "#server/kernel/errors.ts";
import { patched } from "#server/engine/patches.ts";
import type { InjectedGlobals } from "#server/engine/injected.ts";

/** What of @node-red/util's `util` the engine itself uses. */
export interface NodeRedUtil {
  generateId: () => string;
  cloneMessage: (value: unknown) => unknown;
  getObjectProperty: (target: object, path: string) => unknown;
  setObjectProperty: (target: object, path: string, value: unknown, create?: boolean) => boolean;
  setMessageProperty: (target: object, path: string, value: unknown, create?: boolean) => boolean;
  normalisePropertyExpression: (path: string) => (string | number)[];
  parseContextStore: (key: string) => { key: string; store?: string };
  getSetting: (node: unknown, name: string, scope?: unknown) => unknown;
  evaluateNodeProperty: (
    value: unknown,
    type: string,
    node: unknown,
    msg: unknown,
    callback?: (error: unknown, value: unknown) => void,
  ) => unknown;
  encodeObject: (value: object, options: { maxLength?: number }) => { msg?: unknown; format?: string };
  [name: string]: unknown;
}

/** A module of nodes, before it is called with RED. */
export type NodeModule = (RED: unknown) => unknown;

/**
 * The versions that table, patches and recovery were made for. Another one may keep state that is not rebuilt, so it is
 * refused until somebody has looked.
 */
const PINS = { "@node-red/nodes": "5.0.7", "@node-red/util": "5.0.7" } as const;

const here = createRequire(import.meta.url);

function folderOf(name: keyof typeof PINS): string {
  const file = here.resolve(`${name}/package.json`);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  if (version !== PINS[name])
    throw new AppError(
      "unavailable",
      "flow.package",
      `The engine executes ${name} ${PINS[name]}, but ${version} is installed. Install the version that the lockfile names`,
    );
  return path.dirname(file);
}

export interface Loader {
  /** Folder of @node-red/nodes. */
  readonly core: string;
  readonly util: NodeRedUtil;
  load(file: string): unknown;
}

/**
 * Loads CommonJS files of node packages with injected globals: timers that the run knows, its time and its chance. Only
 * a package's own files are compiled here; what they require from other packages is ordinary (their timers are not seen).
 */
export function createLoader(globals: InjectedGlobals, randomBytes: (size: number) => Buffer): Loader {
  const names = Object.keys(globals) as (keyof InjectedGlobals)[]; // an object literal's own keys
  const values = names.map((name) => globals[name]);
  const loaded = new Map<string, { exports: unknown }>();
  const crypto = deterministicCrypto(randomBytes);

  function load(given: string): unknown {
    const file = realpathSync(given);
    const known = loaded.get(file);
    if (known) return known.exports;
    const source = readFileSync(file, "utf8");
    if (file.endsWith(".json")) return JSON.parse(source);
    const own = createRequire(file);
    const made = { exports: {} as unknown, filename: file, id: file, loaded: false };
    loaded.set(file, made);
    const require = (name: string): unknown => {
      if (/^\.\.?\//.test(name)) return ofUtil(file) && !KEPT.test(name) ? own(name) : load(own.resolve(name));
      if (name === "crypto" || name === "node:crypto") return crypto;
      return own(name);
    };
    Object.assign(require, { resolve: own.resolve, cache: {} });
    const fn = vm.compileFunction(
      patched(file, source),
      ["exports", "require", "module", "__filename", "__dirname", ...names],
      // 21-httprequest imports got, which is an ES module
      { filename: file, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
    );
    fn.call(made.exports, made.exports, require, made, file, path.dirname(file), ...values);
    made.loaded = true;
    return made.exports;
  }

  const core = folderOf("@node-red/nodes");
  return {
    core,
    // its Date, Math.random and JSONata become the run's
    util: load(path.join(folderOf("@node-red/util"), "lib/util.js")) as NodeRedUtil,
    load,
  };
}

/** Of @node-red/util these files are compiled with injected globals; its log and translations are left as they are. */
const KEPT = /^\.\/(util|jsonata)$/;
const ofUtil = (file: string) => file.includes(path.join("@node-red", "util", "lib"));

/** link call makes its ids by randomBytes: they must come out the same when the step is repeated. */
function deterministicCrypto(randomBytes: (size: number) => Buffer): unknown {
  const real = here("node:crypto") as object;
  return Object.create(real, {
    randomBytes: {
      value: (size: number, callback?: (error: null, bytes: Buffer) => void) => {
        const bytes = randomBytes(size);
        if (!callback) return bytes;
        callback(null, bytes);
        return undefined;
      },
    },
    randomUUID: {
      value: () => {
        const hex = randomBytes(16).toString("hex");
        return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
      },
    },
  });
}
