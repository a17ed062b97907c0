import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { McpServer as LegacyServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/** A call as it arrived at the upstream. */
export interface RecordedCall {
  name: string;
  args: Record<string, unknown>;
  idempotencyKey: string | undefined;
  correlationId: string | undefined;
}

export interface TestUpstream {
  url: string;
  port: number;
  /** Calls that reached a tool, in order. */
  calls(): RecordedCall[];
  /** Names of the tools whose call was cancelled while it ran. */
  cancelled(): string[];
  /** Offers one more tool and announces that the list changed. */
  addTool(name: string): void;
  /** What a restart does to clients of the 2025 revisions, while connections stay: 404 to every session. */
  forgetSessions(): void;
  stop(): Promise<void>;
}

export interface UpstreamOptions {
  /** 0 or none: a free one. */
  port?: number;
  /** How long the tool `slow` takes where its arguments do not say. */
  delayMs?: number;
  /** `modern`: revision 2026-07-28 only. `legacy`: SDK 1.x with sessions, as servers of 2025 are. */
  era?: "modern" | "legacy";
}

interface Running {
  signal: AbortSignal;
  progress(done: number, total: number, message: string): Promise<void>;
}
interface Answer {
  [member: string]: unknown;
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}
interface ToolDefinition {
  description: string;
  annotations?: { readOnlyHint?: boolean; destructiveHint?: boolean; idempotentHint?: boolean };
  input: z.ZodObject;
  run(args: Record<string, unknown>, running: Running): Promise<Answer>;
}

const say = (text: string): Answer => ({ content: [{ type: "text", text }] });
const tell = (value: Record<string, unknown>): Answer => ({ ...say(JSON.stringify(value)), structuredContent: value });

/** Resolves after `ms`, or at once when the call is cancelled. */
const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });

const toolsOf = (delayMs: number): Record<string, ToolDefinition> => ({
  read_stock: {
    description: "Stock of a material",
    annotations: { readOnlyHint: true },
    input: z.object({ material: z.string() }),
    run: async ({ material }) => tell({ material, stock: 42 }),
  },
  book: {
    description: "Books an amount: each call books again",
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
    input: z.object({ material: z.string(), amount: z.number().int().min(1), bins: z.array(z.string()).optional() }),
    run: async ({ material, amount }) => tell({ material, booked: amount }),
  },
  set_level: {
    description: "Sets a level: the same call twice changes nothing more",
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
    input: z.object({ level: z.number() }),
    run: async ({ level }) => tell({ level }),
  },
  erase: {
    description: "Erases a record",
    annotations: { readOnlyHint: false, destructiveHint: true },
    input: z.object({ id: z.string() }),
    run: async ({ id }) => tell({ erased: id }),
  },
  plain: {
    description: "Has no annotations",
    input: z.object({}),
    run: async () => say("plain text"),
  },
  refuse: {
    description: "Says that it failed",
    annotations: { readOnlyHint: true },
    input: z.object({}),
    run: async () => ({ ...say("The bin is locked"), isError: true }),
  },
  slow: {
    description: "Takes its time and reports progress; each call counts",
    annotations: { readOnlyHint: false, idempotentHint: false },
    input: z.object({ ms: z.number().optional(), steps: z.number().int().optional() }),
    async run({ ms = delayMs, steps = 1 }, { signal, progress }) {
      for (let step = 1; step <= Number(steps) && !signal.aborted; step++) {
        await pause(Number(ms) / Number(steps), signal);
        if (!signal.aborted && step < Number(steps)) await progress(step, Number(steps), `step ${step}`);
      }
      return tell({ done: true });
    },
  },
});

/** A real MCP server over HTTP whose calls can be counted. Tools: see `toolsOf` above. */
export async function startCountingUpstream(options: UpstreamOptions = {}): Promise<TestUpstream> {
  const { port = 0, delayMs = 500, era = "modern" } = options;
  const tools = toolsOf(delayMs);
  const recorded: RecordedCall[] = [];
  const cancelled: string[] = [];

  const invoke = async (
    name: string,
    args: Record<string, unknown>,
    call: Running & { meta: Record<string, unknown> | undefined; correlationId: string | null | undefined },
  ) => {
    recorded.push({
      name,
      args,
      idempotencyKey: call.meta?.["osf/idempotency-key"] as string | undefined, // ours, a string when it is there
      correlationId: call.correlationId ?? undefined,
    });
    const noted = () => cancelled.push(name);
    call.signal.addEventListener("abort", noted, { once: true });
    try {
      return await tools[name]!.run(args, call);
    } finally {
      call.signal.removeEventListener("abort", noted);
    }
  };
  const { handle, changed, forget, close } = (era === "modern" ? modern : legacy)(tools, invoke);
  const server = createServer((request, response) => void handle(request, response));
  await listen(server, port);
  const at = (server.address() as AddressInfo).port; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${at}/mcp`,
    port: at,
    calls: () => [...recorded],
    cancelled: () => [...cancelled],
    addTool(name) {
      tools[name] = { description: "Added later", input: z.object({}), run: async () => say(name) };
      changed();
    },
    forgetSessions: forget,
    async stop() {
      server.closeAllConnections();
      await Promise.all([new Promise((done) => server.close(done)), close()]);
    },
  };
}

type Invoke = (
  name: string,
  args: Record<string, unknown>,
  call: Running & { meta: Record<string, unknown> | undefined; correlationId: string | null | undefined },
) => Promise<Answer>;
interface Face {
  handle(request: IncomingMessage, response: ServerResponse): Promise<unknown>;
  changed(): void;
  forget(): void;
  close(): Promise<void>;
}

/** Revision 2026-07-28: stateless, one server instance a request. */
function modern(tools: Record<string, ToolDefinition>, invoke: Invoke): Face {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer(
        { name: "counting", version: "2.0.0" },
        { capabilities: { tools: { listChanged: true } } },
      );
      for (const [name, { description, annotations = undefined, input }] of Object.entries(tools))
        server.registerTool(
          name,
          { description, inputSchema: input, ...(annotations && { annotations }) },
          (args, { mcpReq, http }) =>
            invoke(name, args, {
              signal: mcpReq.signal,
              meta: mcpReq._meta,
              correlationId: http?.req?.headers.get("x-correlation-id"),
              async progress(progress, total, message) {
                const progressToken = mcpReq._meta?.progressToken;
                if (progressToken === undefined) return;
                await mcpReq.notify({
                  method: "notifications/progress",
                  params: { progressToken, progress, total, message },
                });
              },
            }),
        );
      return server;
    },
    { legacy: "reject" },
  );
  const node = toNodeHandler(handler);
  return {
    // Node's own classes carry `undefined` where the adapter's structural types do not.
    handle: (request, response) => node(request as Parameters<typeof node>[0], response as Parameters<typeof node>[1]),
    changed: () => handler.notify.toolsChanged(),
    forget: () => undefined,
    close: () => handler.close(),
  };
}

/** Revision 2025-11-25 and before: `initialize`, then a session with one server instance. */
function legacy(tools: Record<string, ToolDefinition>, invoke: Invoke): Face {
  const sessions = new Map<string, { transport: StreamableHTTPServerTransport; server: LegacyServer }>();
  const register = (server: LegacyServer, name: string, { description, annotations, input }: ToolDefinition) =>
    server.registerTool(
      name,
      { description, inputSchema: input.shape, ...(annotations && { annotations }) },
      (args: Record<string, unknown>, extra) =>
        invoke(name, args, {
          signal: extra.signal,
          meta: extra._meta,
          correlationId: extra.requestInfo?.headers["x-correlation-id"] as string | undefined, // sent once
          async progress(progress, total, message) {
            const progressToken = extra._meta?.progressToken;
            if (progressToken === undefined) return;
            await extra.sendNotification({
              method: "notifications/progress",
              params: { progressToken, progress, total, message },
            });
          },
        }),
    );
  const open = async () => {
    const server = new LegacyServer({ name: "counting", version: "1.0.0" });
    for (const [name, tool] of Object.entries(tools)) register(server, name, tool);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { transport, server }),
    });
    await server.connect(transport as Parameters<LegacyServer["connect"]>[0]); // its own class misses exactOptionalPropertyTypes
    return transport;
  };
  return {
    async handle(request, response) {
      const id = request.headers["mcp-session-id"];
      if (typeof id !== "string") return (await open()).handleRequest(request, response);
      const session = sessions.get(id);
      if (session) return session.transport.handleRequest(request, response);
      response.writeHead(404, { "content-type": "application/json" });
      return response.end(
        JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32001, message: "Session not found" } }),
      );
    },
    changed() {
      // Registering is what makes a 1.x server announce the change.
      const [name, tool] = Object.entries(tools).at(-1)!;
      for (const { server } of sessions.values()) register(server, name, tool);
    },
    forget: () => sessions.clear(),
    async close() {
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
    },
  };
}

/** What a broken server does with every request. */
export type Misbehaviour = "hang" | "500" | "garbage" | "close" | "redirect";

/** A raw HTTP server that accepts connections and answers nothing of use. `become` changes how. */
export async function startMisbehavingUpstream(how: Misbehaviour, { port = 0, redirectTo = "" } = {}) {
  let now = how;
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    request.resume();
    if (now === "hang") return;
    if (now === "500") return void response.writeHead(500, { "content-type": "text/plain" }).end("stack trace at /srv");
    if (now === "redirect") return void response.writeHead(307, { location: redirectTo }).end();
    if (now === "garbage") return void response.writeHead(200, { "content-type": "application/json" }).end("{not json");
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("event: message\ndata: {");
    setImmediate(() => response.destroy());
  });
  await listen(server, port);
  const at = (server.address() as AddressInfo).port; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${at}/mcp`,
    requests: () => requests,
    become: (next: Misbehaviour) => void (now = next),
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", done);
  });
}
