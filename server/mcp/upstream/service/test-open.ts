import { definition, operator, silent } from "#tests/support/tool-gateway.ts";
import type { UpstreamDefinition } from "../../definition.ts";
import type { Exchange, Json } from "../../exchange.ts";
import type { PeerOpener } from "../open-peer.ts";
import type { Peer } from "../peer.ts";

/** Opens an upstream as the gateway would, with private addresses admitted unless `policy` says otherwise. */
export const openWith = (
  open: PeerOpener,
  url: string,
  transport: UpstreamDefinition["transport"],
  more: Partial<UpstreamDefinition> = {},
  headers: Record<string, string> = {},
): Promise<Peer> =>
  open(definition("plant", url, { transport, ...more }), {
    clientInfo: { name: "test", title: "Test", version: "1" },
    headers: async () => headers,
    connectMs: 2_000,
    signal: new AbortController().signal,
    dial: { allow: [] },
    log: silent,
  });

export const callTool = (
  peer: Peer,
  name: string,
  args: Json,
  headers: Record<string, string> = {},
  more: Partial<Exchange> = {},
): Promise<Json> =>
  peer.request(
    {
      caller: { actor: operator, through: { kind: "page" }, requestId: "req_1" },
      method: "tools/call",
      params: { name, arguments: args },
      capabilities: {},
      timeoutMs: 2_000,
      ...more,
    },
    headers,
  );

export async function listTools(peer: Peer): Promise<Json[]> {
  const { tools } = await peer.request(
    {
      caller: { actor: operator, through: { kind: "page" } },
      method: "tools/list",
      params: {},
      capabilities: {},
      timeoutMs: 2_000,
    },
    {},
  );
  return tools as Json[]; // as the protocol has it
}
