import http from "node:http";
import type { AddressInfo } from "node:net";
import { createMcp } from "#server/edge/mcp.ts";
import { createApiKey } from "#server/features/accounts/index.ts";
import type { Deps } from "#server/features/deps.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Permission } from "#server/kernel/permissions.ts";
import type { OwnToolSource } from "#server/mcp/serve/own-tools.ts";

export interface TestEndpoint {
  /** `http://127.0.0.1:<port>`, without a path. */
  url: string;
  stop(): Promise<void>;
}

const NO_OWN_TOOLS: OwnToolSource = { for: async () => [], onChange: () => () => undefined };

/** The MCP endpoints as the web process mounts them, on a port of their own. */
export async function startEndpoint(deps: Deps, ownTools: OwnToolSource = NO_OWN_TOOLS): Promise<TestEndpoint> {
  const closing = new AbortController();
  const mcp = createMcp(deps, { ownTools, closing: closing.signal });
  const server = http.createServer((request, response) => {
    if (!mcp.handle(request, response)) response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a listening TCP server has one
    async stop() {
      closing.abort();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await mcp.close();
    },
  };
}

/** An API key of the person, good as a bearer token. */
export const keyFor = async (deps: Deps, actor: Actor, scopes: Permission[] = []): Promise<string> =>
  (await createApiKey(deps, actor, { name: "test", scopes })).key;
