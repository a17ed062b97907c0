import type { Graph } from "#server/engine/contract.ts";
import { authorise, type Actor } from "#server/kernel/actor.ts";
import { sha256 } from "#server/kernel/crypto.ts";
import type { Deps } from "../deps.ts";
import { startRunNow } from "../runs/index.ts";
import type { FlowRunInput } from "./flow-input.ts";

/** Code that a model wrote, to be executed like a flow of one node: durable, in the sandbox, with its starter's rights. */
export interface CodeToRun {
  /** Body of an async function in TypeScript. */
  code: string;
  /** Flows that are tools: name → id. */
  flows: Record<string, string>;
  /** Seconds, of the whole, waiting for people included. */
  timeoutSeconds: number;
  /** chat | mcp | api … */
  trigger: string;
  parentRunId?: string | undefined;
  idempotencyKey?: string | undefined;
  requestId?: string | undefined;
}

const NODE = "code-node"; // no text of the node may be equal to its id
/** More than the node takes is cut off by it. */
const MAX_SECONDS = 600;

/**
 * What the code finds: `console`, `tools.<server>.<tool>(args)`, which answers the tool's value or throws what it says failed, and
 * `flows.<name>(args)`. On the line of the code's first, so that errors name its own lines.
 */
const entries = (flows: Record<string, string>) =>
  [
    // All that the node's `ctx` could do besides is for flows, which editors write: the workspace's contexts, models, agents.
    // The code could find it through `arguments`, so it is emptied, by nothing that an earlier
    // run of the same code could have replaced.
    `const { tool: { call: __call }, flow: { run: __run }, log: __log } = ctx; for (const __name in ctx) delete ctx[__name];`,
    `const __member = (make) => new Proxy({}, { get: (_, name) => typeof name === "string" && name !== "then" ? make(name) : undefined });`,
    // The isolate's own console belongs to the code as it was entered, not to what follows an await.
    `const __say = (level) => (...parts) => __log[level](parts.map((part) => typeof part === "string" ? part : part instanceof Error ? String(part) : JSON.stringify(part) ?? "undefined").join(" "));`,
    `const console = { log: __say("info"), info: __say("info"), debug: __say("info"), warn: __say("warn"), error: __say("error") };`,
    `const __flows = ${JSON.stringify(flows)};`,
    `const tools = __member((server) => __member((tool) => async (args) => { const answer = await __call(server + "." + tool, args ?? {}); if (answer.failed) throw new Error(server + "." + tool + ": " + answer.text); return answer.value; }));`,
    `const flows = __member((name) => async (args) => { if (!Object.hasOwn(__flows, name)) throw new Error("There is no flow " + name + " that is a tool"); const run = await __run({ flow: __flows[name], payload: args ?? {}, wait: true }); return run.output?.payload; });`,
  ].join(" ");

const whole = ({ code, flows }: Pick<CodeToRun, "code" | "flows">) =>
  `${entries(flows)} return await (async (ctx, msg) => { ${code}\n})();`;

/**
 * Begins a run of code. Whoever may read the plant may: each call of a tool that the code makes is held to its starter's
 * rights, to consent and limits, and is audited, like one of a flow.
 */
export async function startCodeRun(
  deps: Pick<Deps, "db" | "sql" | "log">,
  actor: Actor,
  { code, flows, timeoutSeconds, trigger, parentRunId, idempotencyKey, requestId }: CodeToRun,
): Promise<{ runId: string }> {
  authorise(actor, "plant.read");
  const input: FlowRunInput = {
    start: { node: NODE, kind: "first" },
    payload: null,
    code: { text: whole({ code, flows }), seconds: Math.min(timeoutSeconds, MAX_SECONDS) },
  };
  const { run } = await startRunNow(deps, actor, {
    kind: "flow",
    title: "Code",
    trigger,
    input: { ...input },
    idempotencyKey,
    ...(parentRunId === undefined ? {} : { parentRunId }),
    ...(requestId === undefined ? {} : { requestId }),
  });
  return { runId: run.id };
}

/** The one node as a graph. */
export function codeGraph({ text: code, seconds: timeout }: NonNullable<FlowRunInput["code"]>): Graph {
  const tab = "code-tab";
  return {
    key: `code/${timeout}/${sha256(code)}`,
    nodes: [
      { id: tab, type: "tab", label: "Code" },
      { id: NODE, type: "osf-ts", z: tab, x: 0, y: 0, name: "code", code, outputs: 1, timeout, wires: [[]] },
    ],
    credentials: {},
  };
}
