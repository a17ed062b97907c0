import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { QUESTIONS } from "./questions.ts";
import { PICTURE, registerTools, type ChangeHooks } from "./tools.ts";

/** The revision(s) that the fixture speaks. */
export type FixtureEra = "modern" | "legacy";

export interface Fixture {
  url: string;
  stop(): Promise<void>;
}

/** What comes and goes. */
interface Extras {
  tool: boolean;
  prompt: boolean;
}
interface Everything {
  server: McpServer;
  /** Brings an instance in line with what is there now; announces it where it is connected. */
  show(): void;
}

const states = createRequestStateCodec({ key: randomUUID() + randomUUID() });

/** An MCP server with everything that the official suite asks a server for; the same handlers for both eras. */
function everything(changes: ChangeHooks, there: Extras): Everything {
  const server = new McpServer(
    { name: "everything", version: "1.0.0" },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true, listChanged: true },
        prompts: { listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: states.verify },
    },
  );
  registerTools(server, states, changes);
  registerResources(server);
  registerPrompts(server);
  server.server.setRequestHandler("completion/complete", async () => ({
    completion: { values: ["paris", "park", "party"], total: 3, hasMore: false },
  }));
  const tool = server.registerTool("test_added_tool", { description: "Comes and goes" }, async () => ({ content: [] }));
  const prompt = server.registerPrompt("test_added_prompt", { description: "Comes and goes" }, async () => ({
    messages: [],
  }));
  const show = () => {
    if (tool.enabled !== there.tool) tool.update({ enabled: there.tool });
    if (prompt.enabled !== there.prompt) prompt.update({ enabled: there.prompt });
  };
  show();
  return { server, show };
}

function registerResources(server: McpServer): void {
  server.registerResource("text", "test://static-text", { mimeType: "text/plain" }, async () => ({
    contents: [
      { uri: "test://static-text", mimeType: "text/plain", text: "This is the content of the static text resource." },
    ],
  }));
  server.registerResource("binary", "test://static-binary", { mimeType: "image/png" }, async () => ({
    contents: [{ uri: "test://static-binary", mimeType: "image/png", blob: PICTURE }],
  }));
  server.registerResource("watched", "test://watched-resource", { mimeType: "text/plain" }, async () => ({
    contents: [{ uri: "test://watched-resource", mimeType: "text/plain", text: "Watched resource content" }],
  }));
  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  server.registerResource("template", template, { mimeType: "application/json" }, async (uri, { id }) => {
    if (typeof id !== "string") throw new ResourceNotFoundError(uri.href);
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
    return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
  });
}

function registerPrompts(server: McpServer): void {
  const user = <C>(content: C) => ({ role: "user" as const, content });
  const text = (words: string) => user({ type: "text" as const, text: words });
  server.registerPrompt("test_simple_prompt", { description: "Simple" }, async () => ({
    messages: [text("This is a simple prompt for testing.")],
  }));
  server.registerPrompt(
    "test_prompt_with_arguments",
    { description: "With arguments", argsSchema: z.object({ arg1: z.string(), arg2: z.string() }) },
    async ({ arg1, arg2 }) => ({ messages: [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  );
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    { description: "With a resource", argsSchema: z.object({ resourceUri: z.string() }) },
    async ({ resourceUri: uri }) => ({
      messages: [
        user({
          type: "resource" as const,
          resource: { uri, mimeType: "text/plain", text: "Embedded resource content for testing." },
        }),
        text("Please process the embedded resource above."),
      ],
    }),
  );
  server.registerPrompt("test_prompt_with_image", { description: "With a picture" }, async () => ({
    messages: [
      user({ type: "image" as const, data: PICTURE, mimeType: "image/png" }),
      text("Please analyze the image above."),
    ],
  }));
  server.registerPrompt("test_input_required_result_prompt", { description: "Asks back" }, async (ctx) => {
    const answer = (ctx.mcpReq.inputResponses as Record<string, unknown> | undefined)?.["user_context"];
    if (!answer) return inputRequired({ inputRequests: { user_context: QUESTIONS.context() } });
    return { messages: [text(`In the context ${JSON.stringify(answer)}`)] };
  });
}

/** The fixture over HTTP: `modern` refuses what is not 2026-07-28, `legacy` has sessions and knows nothing newer. */
export async function startEverything(era: FixtureEra): Promise<Fixture> {
  const { handle, close } = era === "modern" ? modern() : legacy();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async stop() {
      await close();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function modern() {
  const there: Extras = { tool: false, prompt: false };
  const changes: ChangeHooks = {
    changeTools() {
      there.tool = !there.tool;
      handler.notify.toolsChanged();
    },
    changePrompts() {
      there.prompt = !there.prompt;
      handler.notify.promptsChanged();
    },
    resourceUpdated: (uri) => handler.notify.resourceUpdated(uri),
  };
  const handler = createMcpHandler(() => everything(changes, there).server, { legacy: "reject" });
  const answer = toNodeHandler(handler);
  // Node's own request leaves undefined out of its types where the package's spells it out
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    answer(request as Parameters<typeof answer>[0], response);
  return { handle, close: () => handler.close() };
}

function legacy() {
  const sessions = new Map<string, Everything & { transport: NodeStreamableHTTPServerTransport }>();
  const there: Extras = { tool: false, prompt: false };
  const changed = () => sessions.forEach(({ show }) => show());
  const changes: ChangeHooks = {
    changeTools: () => ((there.tool = !there.tool), changed()),
    changePrompts: () => ((there.prompt = !there.prompt), changed()),
    resourceUpdated: (uri) => sessions.forEach(({ server }) => void server.server.sendResourceUpdated({ uri })),
  };
  const open = async () => {
    const one = everything(changes, there);
    one.server.server.setRequestHandler("resources/subscribe", async () => ({}));
    one.server.server.setRequestHandler("resources/unsubscribe", async () => ({}));
    const transport: NodeStreamableHTTPServerTransport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { ...one, transport }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await one.server.connect(transport);
    return transport;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? sessions.get(id) : undefined;
    if (id !== undefined && !known) {
      response.writeHead(404).end();
      return;
    }
    // what is no `initialize` and names no session is refused by the transport
    await (known?.transport ?? (await open())).handleRequest(request, response);
  };
  const close = async () => {
    for (const { server } of sessions.values()) await server.close();
  };
  return { handle, close };
}
