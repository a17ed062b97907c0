import { createHash } from "node:crypto";
import type { CallOp } from "#server/engine/contract.ts";
import type { CodeRunner, EngineKit } from "#server/engine/engine-types.ts";
import type { Frame } from "#server/engine/frame.ts";
import type { FlowNode } from "#server/engine/node.ts";
import { codedError, placeOf, stopped, trimStack } from "#server/engine/isolate/errors.ts";
import { answerWith, formatted, PURE_OPERATIONS } from "#server/engine/isolate/function-ops.ts";
import { hostCodec } from "#server/engine/isolate/host-codec.ts";
import type { SandboxContext } from "#server/engine/isolate/sandbox.ts";
import { sharedIsolate, type Active, type SharedIsolate } from "#server/engine/isolate/shared.ts";
import { countHandedOut } from "#server/engine/isolate/handed-out.ts";
import { wrapCode } from "#server/engine/isolate/sources.ts";
import { stripTypes } from "#server/engine/isolate/strip-types.ts";

type Request = Parameters<CodeRunner>[1];

/** One execution. */
interface Job extends Active {
  readonly id: number;
  /** Characters given to the host since the code was entered last, and calls that are not answered yet. */
  handedOut: number;
  asked: number;
  settle(text: string): void;
  fail(error: Error): void;
  /** Answers a function inside that waits. */
  back(callback: number, args: unknown[]): void;
}

/** Contexts of a plan, one per node and code, and what is at work in them. */
interface Shelf {
  isolate: SharedIsolate;
  contexts: Map<string, { context: SandboxContext; filename: string }>;
  jobs: Map<number, Job>;
  last: number;
}

const SHELF = Symbol("code");
const MOST_ASKED = 1_000;
/** What `ctx` offers, and how its arguments become those of the host's operation (see execute/call-args.ts). */
const REMOTE: Record<string, { op: CallOp; args: (...given: unknown[]) => unknown }> = {
  "tool.call": { op: "tool.call", args: (name, args) => ({ name, args: args ?? {} }) },
  "tool.list": { op: "tool.list", args: (filter) => filter ?? {} },
  "llm.complete": {
    op: "llm.complete",
    args: (request) => (typeof request === "string" ? { prompt: request } : request),
  },
  "agent.run": { op: "agent.run", args: (request) => request },
  "flow.run": { op: "flow.run", args: (request) => request },
};

/**
 * `osf.code.run` of the engine: TypeScript in the isolate of the plan. Rejects with `code.syntax` and `code.failed` (the
 * message names line and column of the code), `code.timeout` (wall time), `function.timeout` (processor), `function.memory`,
 * and what the host's operations reject with. The code may await what it asks the host for; while it waits nothing is held.
 */
export function createCodeRunner(): CodeRunner {
  return async (node, request, frame, kit) => {
    const shelf = shelfOf(kit, node);
    const { context, filename } = await contextFor(shelf, kit, node, request.code);
    if (frame.run?.ended) return new Promise(() => undefined);
    return await kit.inFrame(frame, () => execute(shelf, kit, { node, request, frame, context, filename }));
  };
}

function shelfOf(kit: EngineKit, node: FlowNode): Shelf {
  const plan = kit.planOf(node);
  const known = plan.resources.get(SHELF) as Shelf | undefined; // set below only
  if (known) return known;
  const shelf: Shelf = { isolate: sharedIsolate(kit, node), contexts: new Map(), jobs: new Map(), last: 0 };
  plan.resources.set(SHELF, shelf);
  shelf.isolate.sandbox.onLost(() => lose(shelf, kit));
  return shelf;
}

function lose(shelf: Shelf, kit: EngineKit): void {
  shelf.contexts.clear();
  const guilty = shelf.isolate.stack.at(-1)?.frame.run;
  for (const job of shelf.jobs.values()) {
    const { run } = job.frame;
    if (shelf.isolate.stack.includes(job)) continue; // it fails by what it throws
    if (!run || run.ended) shelf.jobs.delete(job.id);
    else if (run === guilty)
      job.fail(
        codedError(
          "function.memory",
          "The code was stopped while it waited: other code of this run used up the memory",
        ),
      );
    else kit.interrupt(run.id, "The memory of its functions was used up by another run of this flow");
  }
}

async function contextFor(shelf: Shelf, kit: EngineKit, node: FlowNode, code: string) {
  const key = `${node.id} ${createHash("sha256").update(code).digest("base64")}`;
  const known = shelf.contexts.get(key);
  if (known?.context.alive) return known;
  const stripped = await stripTypes(code);
  const raced = shelf.contexts.get(key);
  if (raced?.context.alive) return raced;
  const filename = `Code:${node.id}${node.name ? ` [${node.name}]` : ""}`;
  try {
    const context = shelf.isolate.sandbox.open(
      { kind: "code", id: node.id, texts: {}, ...(node.name && { name: node.name }) },
      createCodeDoor(shelf, kit, node),
    );
    context.define("main", wrapCode(stripped, filename));
    const made = { context, filename };
    shelf.contexts.set(key, made);
    return made;
  } catch (error) {
    const place = error instanceof SyntaxError ? placeOf(error, filename) : undefined;
    if (!place) throw stopped(error, node.name || "osf-ts", filename, false);
    const said = (error as Error).message.replace(/ \[Code:.*\]$/, "");
    throw codedError("code.syntax", `${said} (line ${place.line}, column ${place.column})`);
  }
}

interface Execution {
  node: FlowNode;
  request: Request;
  frame: Frame;
  context: SandboxContext;
  filename: string;
}

function execute(
  shelf: Shelf,
  kit: EngineKit,
  { node, request, frame, context, filename }: Execution,
): Promise<unknown> {
  const label = node.name || "osf-ts";
  return new Promise((resolve, reject) => {
    const end = (tell: () => void) => {
      if (!shelf.jobs.delete(job.id)) return;
      kit.timers.clearTimeout(patience);
      tell();
    };
    const job: Job = {
      id: ++shelf.last,
      handedOut: 0,
      asked: 0,
      frame,
      fail: (error) => end(() => reject(error)),
      settle: (text) =>
        end(() => {
          const value = hostCodec.decode(text.slice(1));
          if (text[0] === "v") resolve(value);
          else reject(failure(value, filename) as Error);
        }),
      back: (callback, args) => {
        if (!shelf.jobs.has(job.id) || !context.alive || frame.run?.ended) return;
        const text = hostCodec.encode(args);
        kit.inFrame(frame, () => inside(() => context.back(callback, text, kit.limits.cpuMs)));
      },
    };
    const inside = <T>(fn: () => T) => within(shelf, job, label, filename, fn);
    const patience = kit.timers.setTimeout(
      () => job.fail(codedError("code.timeout", `"${label}" was stopped: it took longer than ${request.timeoutMs} ms`)),
      request.timeoutMs,
    );
    shelf.jobs.set(job.id, job);
    const answer = inside(() => context.call("main", job.id, [hostCodec.encode(request.msg)], kit.limits.cpuMs));
    if (answer !== undefined) job.settle(answer);
  });
}

/** Executes inside for a job; what stops it from outside ends it. */
function within<T>(shelf: Shelf, job: Job, label: string, filename: string, fn: () => T): T | undefined {
  shelf.isolate.stack.push(job);
  job.handedOut = 0;
  try {
    return fn();
  } catch (error) {
    job.fail(stopped(error, label, filename, false));
    return undefined;
  } finally {
    shelf.isolate.stack.pop();
  }
}

/** What the code threw; errors of the host keep their code. */
function failure(thrown: unknown, filename: string): unknown {
  if (!(thrown instanceof Error)) return codedError("code.failed", `The code threw ${JSON.stringify(thrown)}`);
  const place = placeOf(thrown, filename);
  trimStack(thrown);
  if (place && !Object.hasOwn(thrown, "code"))
    thrown.message = `${thrown.name === "Error" ? "" : `${thrown.name}: `}${thrown.message} (line ${place.line}, column ${place.column})`;
  if (!Object.hasOwn(thrown, "code")) Object.assign(thrown, { code: "code.failed" });
  return thrown;
}

function createCodeDoor(shelf: Shelf, kit: EngineKit, node: FlowNode) {
  const { util } = node._flow.plan;
  const contextOf = (scope: string) => node.context()[scope === "global" ? "global" : "flow"];
  type Operation = (job: Job, ...args: never[]) => unknown;
  const operations: Record<string, Operation> = {
    env: (_job, name: string) => util.getSetting(node, name),
    "context.get": (_job, scope: string, key: unknown, store?: unknown) => contextOf(scope).get(key, store),
    "context.set": (_job, scope: string, key: unknown, value: unknown, store?: unknown) =>
      contextOf(scope).set(key, value, store),
    "context.keys": (_job, scope: string, store?: unknown) => contextOf(scope).keys(store),
    say: (_job, level: string, message: unknown, data?: unknown) => {
      const text = typeof message === "string" ? message : JSON.stringify(message);
      const said = data === undefined ? text : `${text} ${JSON.stringify(data)}`;
      if (level === "info") node.log(said);
      else node.warn(level === "error" ? `Error: ${said}` : said);
    },
    console: (_job, level: string, ...args: unknown[]) => node[level === "warn" ? "warn" : "log"](formatted(args)),
    remote: (job, answer: number, name: string, args: unknown[]) => {
      const remote = Object.hasOwn(REMOTE, name) ? REMOTE[name] : undefined;
      if (!remote) throw new Error(`There is no operation ${name}`);
      if (job.asked >= MOST_ASKED)
        throw codedError("code.calls", `The code asks for more than ${MOST_ASKED} things at once; await some of them`);
      job.asked++;
      kit
        .call(job.frame, remote.op, remote.args(...args))
        .finally(() => job.asked--)
        .then(
          (value) => job.back(answer, [null, value]),
          (error: unknown) => job.back(answer, [bare(error), undefined]),
        );
    },
  };
  return (operation: string, id: number, text: string): string | undefined => {
    const pure = PURE_OPERATIONS[operation];
    if (pure) return answerWith(pure(...(hostCodec.decode(text) as never[])));
    const job = shelf.jobs.get(id);
    if (operation === "settle") {
      job?.settle(text);
      return undefined;
    }
    if (!job || job.frame.run?.ended) throw codedError("run.ended", "The run has ended");
    countHandedOut(job, text, kit.limits);
    const fn = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (!fn) throw new Error(`There is no operation ${operation}`);
    return answerWith(kit.inFrame(job.frame, () => fn(job, ...(hostCodec.decode(text) as never[]))));
  };
}

/** An error of the host as the code may see it: message and code. */
function bare(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const code = typeof error === "object" && error !== null ? (error as { code?: unknown }).code : undefined;
  return codedError(typeof code === "string" ? code : "code.call", message);
}
