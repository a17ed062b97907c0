import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { definition, startTestGateway } from "#tests/support/tool-gateway.ts";
import type { Actor } from "../../kernel/actor.ts";
import { upstreamOffer } from "./upstream-offer.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const viewer = (workspaceId: string): Actor => ({
  userId: "usr_1",
  name: "Vera",
  email: "vera@example.com",
  workspaceId,
  role: "viewer",
  owner: false,
  via: "session",
  credentialId: "ses_1",
  scopes: null,
});

/** A server that has one of each but tools. */
async function startDocuments(): Promise<string> {
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: "documents", version: "1" }, { instructions: "Ask for drawings by number" });
      const text = async () => ({ contents: [{ uri: "doc://manual", text: "…" }] });
      server.registerResource("manual", "doc://manual", { title: "Manual", mimeType: "text/plain" }, text);
      server.registerPrompt("explain", { description: "Explains", argsSchema: z.object({ part: z.string() }) }, () => ({
        messages: [],
      }));
      return server;
    },
    { legacy: "reject" },
  );
  const node = toNodeHandler(handler);
  const server = createServer(
    // Node's own classes carry `undefined` where the adapter's structural types do not.
    (request, response) => void node(request as Parameters<typeof node>[0], response as Parameters<typeof node>[1]),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  ends.push(async () => {
    server.closeAllConnections();
    await Promise.all([new Promise((closed) => server.close(closed)), handler.close()]);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`; // a listening TCP server has one
}

it("tells what a server has besides tools, and nothing to those whose workspace it is not of", async () => {
  const gateway = await startTestGateway([definition("docs", await startDocuments(), { workspaceId: "wsp_1" })]);
  ends.push(() => gateway.stop());
  expect(await upstreamOffer(gateway, viewer("wsp_1"), { id: "docs" })).toEqual({
    instructions: "Ask for drawings by number",
    resources: [{ uri: "doc://manual", name: "manual", title: "Manual", mimeType: "text/plain" }],
    templates: [],
    prompts: [{ name: "explain", description: "Explains", arguments: [{ name: "part", required: true }] }],
  });
  await expect(upstreamOffer(gateway, viewer("wsp_2"), { id: "docs" })).rejects.toMatchObject({ kind: "missing" });
});
