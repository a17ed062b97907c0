import type { EngineKit } from "#server/engine/engine-types.ts";
import type { Red } from "#server/engine/facade.ts";
import type { FlowNode, NodeConfig } from "#server/engine/node.ts";
import { analyse } from "#server/engine/isolate/analyse.ts";
import { codedError, notCompiled } from "#server/engine/isolate/errors.ts";
import type { Door } from "#server/engine/isolate/inside/door.ts";
import type { Kind } from "#server/engine/isolate/inside/function-api.ts";
import type { Sandbox, SandboxContext } from "#server/engine/isolate/sandbox.ts";
import { wrapFunction } from "#server/engine/isolate/sources.ts";

/** The parts of a function node's configuration, as its editor writes them. */
export interface FunctionConfig extends NodeConfig {
  func?: string;
  outputs?: number;
  /** Seconds; 0: the engine's bound. */
  timeout?: number | string;
  initialize?: string;
  finalize?: string;
  libs?: unknown[];
}

/** What a function node says it executes. */
export interface FunctionCode {
  /** The node's name, for people. */
  label: string;
  has(kind: Kind): boolean;
  /** It calls `node.done()` itself. */
  callsDone: boolean;
  /** What stacks name the code. */
  fileOf(kind: Kind): string;
  /** The node's own time, the settings', or the engine's, whichever is least. Milliseconds. */
  bound(): { ms: number; own: boolean };
  /** Makes a context and compiles into it. Throws SandboxError, and the SyntaxError of V8 (see `syntaxError`). */
  open(sandbox: Sandbox, door: Door): SandboxContext;
  /** What `open` threw, in words with part and line. */
  syntaxError(error: unknown): Error;
}

const KINDS = ["main", "setup", "cleanup"] as const;
const PARTS = { main: "", setup: " setup", cleanup: " cleanup" };

/** Throws `function.libs`. */
export function functionCode(red: Red, kit: EngineKit, node: FlowNode, config: FunctionConfig): FunctionCode {
  const label = node.name || "function";
  if (Array.isArray(config.libs) && config.libs.length > 0)
    throw codedError(
      "function.libs",
      `"${label}" loads modules (${moduleNames(config.libs)}). The engine executes functions without them; run this flow in the pod, or remove them`,
    );
  const code = {
    main: config.func ?? "",
    setup: config.initialize?.trim() ?? "",
    cleanup: config.finalize?.trim() ?? "",
  };
  const analysis = { main: analyse(code.main), setup: analyse(code.setup), cleanup: analyse(code.cleanup) };
  const fileOf = (kind: Kind) => `Function node${PARTS[kind]}:${node.id}${node.name ? ` [${node.name}]` : ""}`;
  const has = (kind: Kind) => kind === "main" || code[kind] !== "";
  return {
    label,
    has,
    callsDone: analysis.main.callsDone,
    fileOf,
    bound() {
      const own =
        Number(config.timeout) > 0 ? Number(config.timeout) : Number(red.settings["globalFunctionTimeout"] ?? 0);
      const wanted = Math.max(1, Math.round(own * 1000));
      return own > 0 && wanted < kit.limits.cpuMs ? { ms: wanted, own: true } : { ms: kit.limits.cpuMs, own: false };
    },
    open(sandbox, door) {
      const context = sandbox.open(
        {
          kind: "function",
          id: node.id,
          path: node._path,
          outputs: config.outputs ?? 1,
          texts: { inputListener: red._("function.error.inputListener") },
          ...(node.name && { name: node.name }),
        },
        door,
      );
      for (const kind of KINDS)
        if (has(kind)) context.define(kind, wrapFunction(kind, code[kind], analysis[kind].awaits, fileOf(kind)));
      return context;
    },
    syntaxError(error) {
      const stack = error instanceof Error ? String(error.stack) : "";
      const kind = KINDS.find((one) => stack.includes(`${fileOf(one)}:`)) ?? "main";
      return notCompiled(error, fileOf(kind), kind === "main" ? "body" : kind);
    },
  };
}

function moduleNames(libs: unknown[]): string {
  return libs.map((lib) => String((lib as { module?: unknown } | null)?.module ?? lib)).join(", ");
}
