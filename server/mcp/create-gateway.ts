import type { CallToolResult } from "@modelcontextprotocol/client";
import type { Registry as MetricsRegistry } from "prom-client";
import type { Clock } from "../kernel/clock.ts";
import { sha256 } from "../kernel/crypto.ts";
import { AppError, missing } from "../kernel/errors.ts";
import type { Live } from "../kernel/live.ts";
import type { Log } from "../kernel/log.ts";
import type { AuditWriter } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Tool, ToolCall, ToolGateway, ToolOutcome, UpstreamSource } from "./gateway.ts";
import { noMetrics, toolMetrics } from "./metrics.ts";
import { byName, splitToolName } from "./names.ts";
import { createRegistry } from "./registry.ts";
import { orAborted, within } from "./waiting.ts";
import { keepConnection, PACE, type Pace, type UpstreamConnection } from "./upstream/connection.ts";

export interface GatewayOptions {
  upstreams: UpstreamSource;
  /** The gateway's own from here on: it closes it. */
  audit: AuditWriter;
  /** For the live event of each call; none are sent without it. */
  live?: Pick<Live, "publish">;
  log: Log;
  clock: Clock;
  /** Milliseconds, where a call does not say. */
  defaultTimeoutMs: number;
  /** The product's own, which upstreams are told. */
  version: string;
  /** Where `osf_tool_calls_total` and `osf_tool_call_seconds` are registered. */
  metrics?: MetricsRegistry;
  pace?: Partial<Pace>;
}

/** How young a list must be for an unknown name to be believed unknown without asking again. */
const BELIEVE_MS = 1_000;

/** The gateway of one process. Connects to an upstream when it is first wanted. */
export function createToolGateway(options: GatewayOptions): ToolGateway {
  const { audit, live, log, clock, defaultTimeoutMs, version } = options;
  const pace = { ...PACE, ...options.pace };
  const metrics = options.metrics ? toolMetrics(options.metrics) : noMetrics;
  const registry = createRegistry({
    source: options.upstreams,
    open: (definition) => keepConnection({ definition, version, pace, log, clock }),
    log,
  });

  const find = async ({ name, actor }: ToolCall): Promise<{ connection: UpstreamConnection; tool: Tool }> => {
    const parts = splitToolName(name);
    const connection =
      parts && (await registry.visible(actor.workspaceId)).find(({ definition: { name } }) => name === parts.server);
    if (!parts || !connection?.definition.enabled) throw missing("tool");
    const known = (await connection.tools()).byOwnName.get(parts.tool);
    const tool = known ?? (await connection.refresh(BELIEVE_MS)).byOwnName.get(parts.tool);
    if (!tool) throw missing("tool");
    return { connection, tool };
  };

  /** Everything that decides, in order; what it throws is audited by `call`. */
  const perform = async (call: ToolCall, note: (found: Tool) => void): Promise<CallToolResult> => {
    const timeoutMs = call.timeoutMs ?? defaultTimeoutMs;
    const { connection, tool } = await inTime(find(call), timeoutMs, call);
    note(tool);
    const wrong = (await connection.tools()).check(tool, call.args);
    if (wrong.length)
      throw new AppError("invalid", "tool.arguments", `The arguments do not fit the tool ${tool.name}`, {
        fields: wrong,
      });
    return connection.call(tool, {
      name: tool.name.slice(tool.server.length + 1),
      args: call.args,
      meta: call.idempotencyKey ? { "osf/idempotency-key": call.idempotencyKey } : {},
      headers: call.requestId ? { "X-Correlation-ID": call.requestId } : {},
      timeoutMs,
      signal: call.signal,
      onProgress: call.onProgress,
    });
  };

  const record = (
    call: ToolCall,
    tool: Tool | undefined,
    outcome: Ending,
    code: string | undefined,
    durationMs: number,
  ) => {
    const { actor, name, runId } = call;
    const detail = { argsHash: argsHash(call.args), ...(code && { code }) };
    audit.record({ actor, action: "tool.call", subject: name, runId, outcome, durationMs, detail });
    metrics.called({
      server: tool?.server ?? "unknown",
      tool: tool?.name ?? "unknown",
      outcome,
      seconds: durationMs / 1_000,
    });
    const event = JSON.stringify({ type: "tool.called", tool: name.slice(0, 200), outcome, durationMs, runId });
    live
      ?.publish(`workspace:${actor.workspaceId}`, event)
      .catch((err: unknown) => log.debug({ err }, "live event of a tool call could not be sent"));
  };

  return {
    async list({ workspaceId }) {
      const connections = (await registry.visible(workspaceId)).filter(({ definition }) => definition.enabled);
      const lists = await Promise.all(connections.map((connection) => within(pace.listMs, connection.tools())));
      return lists.flatMap((set) => set?.tools ?? []).sort(byName);
    },

    async call(call) {
      const began = performance.now();
      const elapsed = () => Math.round(performance.now() - began);
      let tool: Tool | undefined;
      let outcome: ToolOutcome;
      try {
        outcome = { ...outcomeOf(await perform(call, (found) => (tool = found))), durationMs: elapsed() };
      } catch (error) {
        const { ending, code } = endingOf(error, call.signal);
        record(call, tool, ending, code, elapsed());
        throw error;
      }
      record(
        call,
        tool,
        outcome.failed ? "failed" : "ok",
        outcome.failed ? "tool.failed" : undefined,
        outcome.durationMs,
      );
      return outcome;
    },

    async upstreams(workspaceId) {
      return (await registry.visible(workspaceId)).map((connection) => {
        if (connection.definition.enabled) connection.wake();
        return stateOf(connection);
      });
    },

    async check(name, workspaceId) {
      const connection = (await registry.visible(workspaceId)).find(({ definition }) => definition.name === name);
      if (!connection) throw missing("MCP server", "upstream.missing");
      // What is wrong with it is part of the state.
      if (connection.definition.enabled) await connection.refresh().catch(() => undefined);
      return stateOf(connection);
    },

    reload: () => registry.reload(),

    async close() {
      await registry.close();
      await audit.close();
    },
  };
}

const LATE = Symbol("late");
/** The first connection to an upstream must not take longer than the call that wants it. */
async function inTime<T>(wanted: Promise<T>, timeoutMs: number, { name, signal }: ToolCall): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(LATE), timeoutMs);
  try {
    return await orAborted(wanted, signal ? AbortSignal.any([signal, late.signal]) : late.signal);
  } catch (error) {
    if (error !== LATE) throw error;
    const message = `The server of the tool ${name} could not be reached within ${timeoutMs / 1_000} s`;
    throw new AppError("upstream", "tool.timeout", message, { extra: { mayHaveRun: false } });
  } finally {
    clearTimeout(timer);
  }
}

type Ending = "ok" | "failed" | "refused";

function endingOf(error: unknown, signal: AbortSignal | undefined): { ending: Ending; code: string } {
  if (signal?.aborted) return { ending: "failed", code: "aborted" };
  if (!(error instanceof AppError)) return { ending: "failed", code: "bug" };
  const refused = error.kind === "missing" || error.kind === "invalid";
  return { ending: refused ? "refused" : "failed", code: error.code };
}

function outcomeOf({ content, structuredContent, isError }: CallToolResult): Omit<ToolOutcome, "durationMs"> {
  const text = content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return { failed: isError === true, value: structuredContent === undefined ? parsed(text) : structuredContent, text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Arguments that are not JSON have no hash; they cannot have been sent either. */
function argsHash(args: Record<string, unknown>): string {
  try {
    return sha256(canonicalJson(args));
  } catch {
    return "";
  }
}

const stateOf = (connection: UpstreamConnection) =>
  connection.definition.enabled ? connection.state() : { ...connection.state(), state: "disabled" as const };
