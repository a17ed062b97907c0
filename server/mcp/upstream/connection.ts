import type { CallToolResult } from "@modelcontextprotocol/client";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { Tool, UpstreamDefinition, UpstreamState } from "../gateway.ts";
import { toolSet, type ToolSet } from "../tool-set.ts";
import { orAborted } from "../waiting.ts";
import { shownUrl, upstreamUrl } from "./address.ts";
import { openUpstreamClient, type UpstreamCall, type UpstreamClient } from "./client.ts";
import { explain, sentence, toAppError, type Failure } from "./failure.ts";

/** Times in milliseconds. */
export interface Pace {
  /** For connecting, agreeing on a revision and the first list of tools. */
  connectMs: number;
  /** How long a list waits for one upstream. */
  listMs: number;
  /** Age at which the tools are asked for again, which also notices a server that died in silence. */
  refreshMs: number;
  /** First and longest wait before a dead upstream is tried again. */
  retryMs: [first: number, longest: number];
}
export const PACE: Pace = { connectMs: 5_000, listMs: 2_000, refreshMs: 30_000, retryMs: [250, 5_000] };

/**
 * The kept connection to one upstream. It is opened when it is first wanted and from then on opened again by itself,
 * with growing waits. While it is known to be dead, everything fails at once, with the reason.
 */
export interface UpstreamConnection {
  readonly definition: UpstreamDefinition;
  /** Opens the connection if nothing else has; does not wait. */
  wake(): void;
  /** The tools as last listed; waits only for the first connection. Throws `upstream`. */
  tools(): Promise<ToolSet>;
  /** Lists the tools anew, unless they are younger than `olderThanMs`. Throws `upstream`. */
  refresh(olderThanMs?: number): Promise<ToolSet>;
  /**
   * Calls a tool. Goes to the upstream once; twice at most where the first try provably never reached it, or broke off
   * and the tool is repeatable. Throws `upstream`; an abort rejects with the signal's reason.
   */
  call(tool: Tool, call: UpstreamCall): Promise<CallToolResult>;
  state(): UpstreamState;
  close(): Promise<void>;
}

interface Up {
  client: UpstreamClient;
  set: ToolSet;
  /** performance.now() of the list. */
  listedAt: number;
}

interface Options {
  definition: UpstreamDefinition;
  version: string;
  pace: Pace;
  log: Log;
  clock: Clock;
}

export function keepConnection({ definition, version, pace, log, clock }: Options): UpstreamConnection {
  let up: Up | undefined;
  let attempt: Promise<Up> | undefined;
  let listing: Promise<ToolSet> | undefined;
  let listAgain = false;
  let failed: Failure | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  const stopping = new AbortController();
  let closed = false;
  let latencyMs: number | undefined;
  let checkedAt: Date | undefined;

  const seen = (since: number) => {
    latencyMs = Math.round(performance.now() - since);
    checkedAt = clock.now();
  };
  const schedule = (run: () => void, ms: number) => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(run, ms).unref();
  };
  const gone = (reason = "the gateway is stopping, or the upstream was removed") =>
    new AppError(
      "upstream",
      "tool.unreachable",
      sentence(definition, { code: "tool.unreachable", reason } as Failure),
      {
        extra: { mayHaveRun: false },
      },
    );

  const open = async (): Promise<Up> => {
    const began = performance.now();
    let client: UpstreamClient | undefined;
    try {
      const url = upstreamUrl(definition.url);
      if (!url) throw new AppError("invalid", "upstream.address", "not an http:// or https:// address");
      client = await openUpstreamClient({
        url,
        version,
        connectMs: pace.connectMs,
        signal: stopping.signal,
        toolsChanged: () => void refreshNow().catch(() => undefined), // its failure is kept as the state
      });
      const { tools, ttlMs } = await client.listTools(pace.connectMs);
      if (closed) throw gone();
      up = { client, set: toolSet(definition.name, tools), listedAt: performance.now() };
      if (failed) log.info({ upstream: definition.name }, "upstream is back");
      failed = undefined;
      failures = 0;
      seen(began);
      schedule(() => void refreshNow().catch(() => undefined), nextRefresh(ttlMs));
      return up;
    } catch (error) {
      await client?.close();
      if (closed) throw error;
      const why: Failure =
        error instanceof AppError
          ? { code: "tool.protocol", reason: error.message, mayHaveRun: false, gone: true, cause: error }
          : { ...explain(error, { timeoutMs: pace.connectMs }), mayHaveRun: false };
      if (failed?.reason !== why.reason)
        log.warn({ upstream: definition.name, reason: why.reason }, "upstream is down, trying again");
      failed = why;
      checkedAt = clock.now();
      const [first, longest] = pace.retryMs;
      schedule(() => void connect().catch(() => undefined), Math.min(longest, first * 2 ** failures++));
      throw toAppError(definition, "", why);
    }
  };
  const connect = (): Promise<Up> => (attempt ??= open().finally(() => (attempt = undefined)));
  const nextRefresh = (ttlMs: number | undefined) => Math.min(Math.max(ttlMs ?? Infinity, 1_000), pace.refreshMs);

  /** The connection, where there is one or may soon be; the known reason at once, where there is none. */
  const acquire = async (): Promise<Up> => {
    if (closed) throw gone();
    if (up) return up;
    if (failed) throw toAppError(definition, "", failed);
    return connect();
  };
  /** Gives up a connection that is of no use and opens another at once; whoever comes meanwhile waits for that one. */
  const renew = (old: Up) => {
    if (up !== old || closed) return;
    up = undefined;
    void old.client.close();
    void connect().catch(() => undefined);
  };

  const refreshNow = (): Promise<ToolSet> => {
    listAgain = listing !== undefined;
    return (listing ??= (async () => {
      try {
        for (;;) {
          const current = await acquire();
          listAgain = false;
          const began = performance.now();
          try {
            const { tools, ttlMs } = await current.client.listTools(pace.connectMs);
            const next = toolSet(definition.name, tools);
            // An unchanged list keeps its compiled schemas.
            if (JSON.stringify(next.tools) !== JSON.stringify(current.set.tools)) current.set = next;
            current.listedAt = performance.now();
            seen(began);
            schedule(() => void refreshNow().catch(() => undefined), nextRefresh(ttlMs));
          } catch (error) {
            if (closed) throw gone();
            const why = explain(error, { session: current.client.session, timeoutMs: pace.connectMs });
            log.debug({ upstream: definition.name, reason: why.reason }, "tools could not be listed, connecting anew");
            renew(current);
            return (await connect()).set;
          }
          if (!listAgain) return current.set;
        }
      } finally {
        listing = undefined;
      }
    })());
  };

  return {
    definition,
    wake() {
      if (!closed && !up && !failed) void connect().catch(() => undefined);
    },
    tools: async () => (await acquire()).set,
    async refresh(olderThanMs = 0) {
      if (up && performance.now() - up.listedAt < olderThanMs) return up.set;
      return up ? refreshNow() : (await connect()).set;
    },
    async call(tool, call) {
      for (let first = true; ; first = false) {
        const current = await orAborted(first ? acquire() : connectOr(() => up, connect), call.signal);
        const began = performance.now();
        try {
          const result = await current.client.callTool(call);
          seen(began);
          return result;
        } catch (error) {
          call.signal?.throwIfAborted();
          const why = explain(error, { session: current.client.session, timeoutMs: call.timeoutMs });
          if (why.gone) renew(current);
          const again = why.gone && (!why.mayHaveRun || tool.repeatable);
          if (!first || !again || closed) throw toAppError(definition, tool.name, why);
        }
      }
    },
    state() {
      const { id, name, title, url, source, workspaceId, enabled } = definition;
      return {
        id,
        name,
        title,
        url: shownUrl(url),
        source,
        transport: definition.transport.kind,
        workspaceId,
        enabled,
        state: up ? "ok" : failed ? "down" : "connecting",
        ...(!up && failed && { problem: sentence(definition, failed) }),
        ...(up && { protocol: up.client.protocol }),
        ...(up?.client.serverVersion && { serverVersion: up.client.serverVersion }),
        tools: up?.set.tools.length ?? 0,
        ...(latencyMs !== undefined && { latencyMs }),
        ...(checkedAt && { checkedAt }),
      };
    },
    async close() {
      closed = true;
      stopping.abort();
      clearTimeout(timer);
      const last = up;
      up = undefined;
      await Promise.all([last?.client.close(), attempt?.catch(() => undefined)]);
    },
  };
}

const connectOr = async (current: () => Up | undefined, connect: () => Promise<Up>) => current() ?? connect();
