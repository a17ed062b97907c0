import {
  Client,
  type CallToolResult,
  type McpSubscription,
  type Tool as ProtocolTool,
} from "@modelcontextprotocol/client";
import type { ToolProgress } from "../gateway.ts";
import { upstreamTransport } from "./transport.ts";

/** One connection to one MCP server, whatever revision it speaks. */
export interface UpstreamClient {
  /** For example `2026-07-28`. */
  readonly protocol: string;
  readonly serverVersion: string | undefined;
  /** Whether requests belong to a session of the 2025 revisions. */
  readonly session: boolean;
  /** `ttlMs`: how long the server says that the list holds. */
  listTools(timeoutMs: number): Promise<{ tools: ProtocolTool[]; ttlMs: number | undefined }>;
  callTool(call: UpstreamCall): Promise<CallToolResult>;
  close(): Promise<void>;
}

export interface UpstreamCall {
  name: string;
  args: Record<string, unknown>;
  meta: Record<string, unknown>;
  headers: Record<string, string>;
  /** Milliseconds of silence; progress starts them anew. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: ToolProgress) => void) | undefined;
}

interface Options {
  url: URL;
  /** The gateway's own version, which upstreams are told. */
  version: string;
  /** Milliseconds for the whole of connecting and agreeing on a revision. */
  connectMs: number;
  /** Gives up connecting. */
  signal: AbortSignal;
  toolsChanged(): void;
}

/** However much progress a tool reports, one call ends after this many times its timeout. */
const LONGEST = 20;
const LISTEN_AGAIN_MS = 5_000;

/**
 * Connects. The client package asks `server/discover` first and speaks 2026-07-28 where that is understood; else it
 * goes on with `initialize`, as servers of 2025 want it: one adapter serves both eras. Rejects with what the package
 * or the network said; `explain` puts it into words.
 */
export async function openUpstreamClient(options: Options): Promise<UpstreamClient> {
  const { url, version, connectMs, signal, toolsChanged } = options;
  const client = new Client(
    { name: "osf-gateway", title: "OSF Gateway", version },
    {
      versionNegotiation: { mode: "auto", probe: { timeoutMs: connectMs } },
      listChanged: { tools: { autoRefresh: false, debounceMs: 50, onChanged: toolsChanged } },
      // The gateway declares no way to ask back, so a server that does so anyway is in error.
      inputRequired: { autoFulfill: false },
    },
  );
  const transport = upstreamTransport(url, { connectMs: Math.min(connectMs, 3_000) });
  const close = async () => {
    closed = true;
    clearTimeout(again);
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
  };
  let closed = false;
  let again: NodeJS.Timeout | undefined;
  const stop = () => void close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect(transport, { timeout: connectMs });
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }

  /** A change stream that ends is opened again; what changed meanwhile is asked for then. */
  const follow = (subscription: McpSubscription) =>
    void subscription.closed.then((how) => {
      if (!closed && how !== "local") again = setTimeout(() => void listenAgain(), LISTEN_AGAIN_MS).unref();
    });
  const listenAgain = async () => {
    try {
      follow(await client.listen({ toolsListChanged: true }, { timeout: connectMs }));
      toolsChanged();
    } catch {
      if (!closed) again = setTimeout(() => void listenAgain(), LISTEN_AGAIN_MS).unref();
    }
  };
  if (client.autoOpenedSubscription) follow(client.autoOpenedSubscription);

  return {
    protocol: client.getNegotiatedProtocolVersion() ?? "unknown",
    serverVersion: client.getServerVersion()?.version,
    get session() {
      return transport.sessionId !== undefined;
    },
    async listTools(timeoutMs) {
      const { tools, ttlMs } = await client.listTools(undefined, { timeout: timeoutMs, cacheMode: "refresh" });
      return { tools, ttlMs: typeof ttlMs === "number" && ttlMs > 0 ? ttlMs : undefined };
    },
    callTool: ({ name, args, meta, headers, timeoutMs, signal, onProgress }) =>
      client.callTool(
        { name, arguments: args, _meta: meta },
        {
          headers,
          timeout: timeoutMs,
          resetTimeoutOnProgress: true,
          maxTotalTimeout: timeoutMs * LONGEST,
          ...(signal && { signal }),
          // Always asked for, since it is progress that keeps a long call alive.
          onprogress: ({ progress, total, message }) =>
            onProgress?.({
              progress,
              ...(total !== undefined && { total }),
              ...(message !== undefined && { message }),
            }),
        },
      ),
    close,
  };
}
