import type { Tool } from "#server/mcp/gateway.ts";
import type { Json } from "#server/mcp/exchange.ts";
import type { OwnTool } from "#server/mcp/serve/own-tools.ts";
import { AppError } from "#server/kernel/errors.ts";
import { addServer, configureServer } from "../catalogue/index.ts";
import { Discovery, valueOf } from "../own-tools/index.ts";
import { callWithConsent } from "./call-consent.ts";
import { callWithForms, wrongArguments } from "./call-forms.ts";
import { callRun } from "./call-run.ts";
import { done, type Calling, type CallOutcome, type CallState } from "./calling.ts";
import { keptResult } from "./tool-results.ts";
import { named, starterOf } from "./turn-tools.ts";
import type { ToolPart } from "./turn.schema.ts";

/** Calls those tools of a step that have no result yet, side by side, until each has its result or waits. */
export async function callTools(calling: Calling, calls: ToolPart[]): Promise<CallState> {
  const open = calls.filter(({ state }) => state === "running");
  const states = await Promise.all(open.map((call) => callTool(calling, call)));
  return states.includes("waiting") ? "waiting" : "done";
}

/** What a call means: which tool, with which arguments, and how it is made. */
interface Meant {
  title: string;
  /** The tool behind `mcp-exec`. */
  called?: { name: string; arguments: Json };
  make(left: boolean): Promise<CallOutcome>;
}

async function callTool(calling: Calling, call: ToolPart): Promise<CallState> {
  const { execution, emit } = calling;
  const { signal, commit } = execution;
  const { callId, name } = call;
  const left = call.startedAt !== undefined; // by an attempt that died, or was suspended, before the result was written
  const meant = meaningOf(calling, call, name, call.arguments);
  if (!left) {
    const { title, called } = meant;
    emit("tool_start", { callId, name, title, arguments: call.arguments, ...(called ? { called } : {}) });
    await commit();
  }
  const started = performance.now();
  let outcome: CallOutcome;
  try {
    outcome = await meant.make(left);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    outcome = done(explain(error), true, Math.round(performance.now() - started));
  }
  if (outcome.state === "done") {
    const { result, failed, durationMs } = outcome;
    emit("tool_result", { callId, name, result, failed, durationMs });
  }
  await commit();
  return outcome.state;
}

/** Finds the tool that the model means: one of an upstream, a flow, code, or one of discovery. */
function meaningOf(calling: Calling, call: ToolPart, name: string, args: Json): Meant {
  const { tools } = calling;
  const [, upstream] = named(tools.upstream, name) ?? [];
  const through = name === call.name ? {} : { called: { name: upstream?.name ?? name, arguments: args } };
  if (upstream)
    return { title: upstream.title, ...through, make: (left) => callUpstream(calling, call, upstream, args, left) };
  const [, run] = named(tools.runs, name) ?? [];
  if (run) {
    const title = String(run.definition["title"] ?? name);
    return { title, ...through, make: () => callRun(calling, call, run, args) };
  }
  const own = tools.discovery.get(name);
  if (own && name === "mcp-exec" && name === call.name) {
    const parsed = Discovery["mcp-exec"].safeParse(args);
    if (parsed.success) return meaningOf(calling, call, parsed.data.name, parsed.data.arguments);
    return { title: name, make: () => Promise.reject(wrongArguments(name, parsed.error.issues)) };
  }
  if (own && name === call.name)
    return { title: String(own.definition["title"] ?? name), make: () => callDiscovery(calling, call, own, args) };
  return { title: name, make: async () => done(`There is no tool ${name} that you may use`, true) };
}

async function callUpstream(
  calling: Calling,
  call: ToolPart,
  tool: Tool,
  args: Json,
  left: boolean,
): Promise<CallOutcome> {
  const { deps, execution, usage } = calling;
  const { run, actor, requestId, signal } = execution;
  const part = { ...call, name: tool.name, arguments: args };
  const made = await callWithConsent(calling, part, { left, repeatable: tool.repeatable }, () =>
    deps.tools.call({
      actor,
      through: { kind: "chat", id: run.subjectId ?? run.id },
      name: tool.name,
      args,
      runId: run.id,
      ...(requestId ? { requestId } : {}),
      idempotencyKey: `${run.id}/${call.callId}`,
      signal,
    }),
  );
  if (made.state === "waiting") return made;
  if (made.state === "refused") return done(made.why, true);
  if (made.state === "lost")
    return done(
      "The gateway was interrupted while this call was under way. Whether it took effect is not known; it was not repeated. Check in the system itself",
      true,
    );
  usage.toolCalls++;
  const { outcome } = made;
  return done(keptResult(outcome), outcome.failed, Math.round(outcome.durationMs));
}

/** Finding and removing as for every client; what adds or configures a server may ask the person for more. */
async function callDiscovery(calling: Calling, call: ToolPart, own: OwnTool, args: Json): Promise<CallOutcome> {
  const { deps, execution } = calling;
  const { run, requestId, signal } = execution;
  const { name } = own.definition;
  const actor = starterOf(execution);
  if (name === "mcp-add" || name === "mcp-config-set") {
    const parsed = Discovery[name].safeParse(args);
    if (!parsed.success) throw wrongArguments(name, parsed.error.issues);
    const { name: server, config = {} } = parsed.data;
    return callWithForms(calling, call, { name: server, config }, (config) =>
      name === "mcp-add"
        ? addServer(deps, actor, { name: server, activate: true, config })
        : configureServer(deps, actor, { name: server, config }),
    );
  }
  const caller = { actor, through: { kind: "chat" as const, id: run.subjectId ?? run.id }, runId: run.id, requestId };
  const started = performance.now();
  const result = valueOf(await own.call(caller, args, quiet(signal)));
  if (name === "mcp-remove") calling.changed();
  return done(keptResult(result), result.failed, Math.round(performance.now() - started));
}

/** Chat has neither progress of these to show nor a client to ask. */
const quiet = (signal: AbortSignal): Parameters<OwnTool["call"]>[2] => ({
  signal,
  progress: () => undefined,
  notify: () => undefined,
  capabilities: {},
  ask: () => Promise.reject(new AppError("unprocessable", "tool.ask", "Nobody can be asked here")),
});

/** The failure in words that help the model to do better: which argument is wrong, and how. */
const explain = ({ message, hints: { fields = [] } }: AppError) =>
  [message, ...fields.map((field) => `${field.path}: ${field.message}`)].join("\n");
