import { sha256 } from "../kernel/crypto.ts";
import { AppError } from "../kernel/errors.ts";
import type { Live } from "../kernel/live.ts";
import type { Log } from "../kernel/log.ts";
import type { AuditWriter } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";
import { RpcError, type Exchange, type ExchangeResult } from "./exchange.ts";
import type { Tool } from "./gateway.ts";
import type { ToolMetrics } from "./metrics.ts";
import { toolName } from "./names.ts";

interface Options {
  audit: AuditWriter;
  metrics: ToolMetrics;
  live?: Pick<Live, "publish">;
  log: Log;
}

/** What comes to be known on the way. */
export interface Note {
  tool?: Tool;
  /** Who agreed to this very call. */
  approverId?: string | undefined;
}
type Ending = "ok" | "failed" | "refused";
type Recorded = (
  upstream: string,
  exchange: Exchange,
  work: (note: Note) => Promise<ExchangeResult>,
) => Promise<ExchangeResult>;

/** What leaves a row in the audit: what a server does or tells; lists are no deeds. And what names its subject. */
const AUDITED: Record<string, { action: string; subject: (upstream: string, exchange: Exchange) => string }> = {
  "tools/call": {
    action: "tool.call",
    subject: (upstream, { params: { name } }) => (typeof name === "string" ? toolName(upstream, name) : upstream),
  },
  "resources/read": {
    action: "resource.read",
    subject: (upstream, { params }) => `${upstream}: ${String(params["uri"])}`,
  },
  "prompts/get": {
    action: "prompt.get",
    subject: (upstream, { params }) => toolName(upstream, String(params["name"])),
  },
};

/** Live events of one workspace in a second: they are there to be seen, the audit has all. */
const EVENTS_PER_SECOND = 20;

/** Exactly one audit row for each exchange that is a deed, metrics and a live event for each call of a tool. */
export function recordExchange({ audit, metrics, live, log }: Options): Recorded {
  const mayTell = fewPerSecond();

  const record = (
    upstream: string,
    exchange: Exchange,
    { tool, approverId }: Note,
    { outcome, code, durationMs }: { outcome: Ending; code: string | undefined; durationMs: number },
  ) => {
    const { caller, method, params } = exchange;
    const { actor, runId, through } = caller;
    const known = AUDITED[method];
    if (!known) return;
    const subject = known.subject(upstream, exchange);
    const detail = {
      argsHash: argsHash(params["arguments"] ?? {}),
      through: through.id ? `${through.kind} ${through.id}` : through.kind,
      ...(approverId && { approverId }),
      ...(code && { code }),
    };
    audit.record({ actor, action: known.action, subject, runId, outcome, durationMs, detail });
    if (method !== "tools/call") return;
    const [server, name] = [tool?.server ?? "unknown", tool?.name ?? "unknown"];
    metrics.called({ server, tool: name, outcome, seconds: durationMs / 1_000 });
    if (!live || !mayTell(actor.workspaceId)) return;
    const event = JSON.stringify({ type: "tool.called", tool: subject.slice(0, 200), outcome, durationMs, runId });
    live
      .publish(`workspace:${actor.workspaceId}`, event)
      .catch((err: unknown) => log.debug({ err }, "live event of a tool call could not be sent"));
  };

  return async (upstream, exchange, work) => {
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began);
    const note: Note = { approverId: exchange.caller.approverId };
    try {
      const result = await work(note);
      const failed = result["isError"] === true;
      const code = failed ? "tool.failed" : result["resultType"] === "input_required" ? "input.required" : undefined;
      record(upstream, exchange, note, { outcome: failed ? "failed" : "ok", code, durationMs: elapsed() });
      return result;
    } catch (error) {
      record(upstream, exchange, note, { ...endingOf(error, exchange.signal), durationMs: elapsed() });
      throw error;
    }
  };
}

const REFUSED = new Set(["missing", "invalid", "forbidden", "limited"]);

/** How a call that threw is told in the audit. */
export function endingOf(error: unknown, signal: AbortSignal | undefined): { outcome: Ending; code: string } {
  if (signal?.aborted) return { outcome: "failed", code: "aborted" };
  if (error instanceof RpcError) return { outcome: "failed", code: `rpc.${error.code}` };
  if (!(error instanceof AppError)) return { outcome: "failed", code: "bug" };
  return { outcome: REFUSED.has(error.kind) ? "refused" : "failed", code: error.code };
}

/** Arguments that are not JSON have no hash; they cannot have been sent either. */
export function argsHash(args: unknown): string {
  try {
    return sha256(canonicalJson(args));
  } catch {
    return "";
  }
}

function fewPerSecond(): (workspaceId: string) => boolean {
  let second = 0;
  const told = new Map<string, number>();
  return (workspaceId) => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) told.clear();
    second = now;
    const count = (told.get(workspaceId) ?? 0) + 1;
    told.set(workspaceId, count);
    return count <= EVENTS_PER_SECOND;
  };
}
