import { randomUUID } from "node:crypto";
import type { ServiceOperation, UpstreamDefinition } from "../../definition.ts";
import type { Exchange, Json } from "../../exchange.ts";
import type { ListedTool } from "../../review.ts";
import type { GuardedFetch } from "../guarded-fetch.ts";
import type { Peer } from "../peer.ts";
import { callService, openFetch, protocolError, readDocument, resultOf, together } from "./http-call.ts";
import { readDefinition, type ServiceDefinition } from "./read-definition.ts";
import { toolPeer, type OpenService, type ServiceTool } from "./tool-peer.ts";

/** Where `metadata` of `/mcp/request` comes along: in `params._meta`. */
export const METADATA_KEY = "osf/metadata";

/**
 * A service of the kind `POST {url}/api/{operation}`: each operation is a tool. Where the registration names none, it is
 * asked for its definition at `GET {url}/api/definition`. A call sends `{id, timestamp, operation, parameters,
 * metadata}` with the headers `X-Correlation-ID` and `X-Agent-ID`; what it answers is the result, 4xx a failed one.
 * Throws AppError as `request` does.
 */
export async function openServicePeer(definition: UpstreamDefinition, open: OpenService): Promise<Peer> {
  const { transport } = definition;
  if (transport.kind !== "service") throw new Error(`${definition.name} is no service`);
  const fetch = openFetch(definition, open);
  try {
    const ask = () => askDefinition(fetch, definition, open);
    const toolsOf = ({ operations }: ServiceDefinition) => operations.map((one) => toolOf(one, definition, fetch));
    const fixed = transport.operations.length > 0;
    const about: ServiceDefinition = fixed ? { operations: transport.operations } : await ask();
    return toolPeer({
      name: about.name ?? definition.name,
      version: about.version,
      title: definition.title,
      instructions: about.description,
      tools: toolsOf(about),
      reload: fixed ? undefined : async () => toolsOf(await ask()),
      close: () => fetch.close(),
    });
  } catch (error) {
    await fetch.close();
    throw error;
  }
}

async function askDefinition(
  fetch: GuardedFetch,
  definition: UpstreamDefinition,
  open: OpenService,
): Promise<ServiceDefinition> {
  const { text } = await readDocument(fetch, definition, "definition", addressOf(definition, "definition"), open);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw protocolError(definition, "its definition is not JSON", error);
  }
  const about = readDefinition(value);
  if (!about) throw protocolError(definition, "its definition names no operations");
  return about;
}

function toolOf(operation: ServiceOperation, definition: UpstreamDefinition, fetch: GuardedFetch): ServiceTool {
  const { name, title, description, inputSchema, outputSchema, annotations } = operation;
  const listed: ListedTool = {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema: { ...inputSchema, type: "object" },
    ...(outputSchema && { outputSchema }),
    ...(annotations && { annotations }),
  };
  return {
    listed,
    async call(args, exchange, headers) {
      const answer = await callService(fetch, definition, name, exchange, {
        url: addressOf(definition, name),
        method: "POST",
        headers: together(
          { "x-correlation-id": exchange.caller.requestId ?? randomUUID(), "x-agent-id": agentOf(exchange) },
          headers,
          { "content-type": "application/json" },
        ),
        body: JSON.stringify(requestOf(name, args, exchange)),
      });
      return resultOf(answer);
    },
  };
}

/** An agent or flow where one calls, else the person. */
const agentOf = ({ caller: { through, actor } }: Exchange): string => encodeURIComponent(through.id ?? actor.userId);

function requestOf(operation: string, parameters: Json, { caller, params }: Exchange): Json {
  const meta = params["_meta"] as Json | undefined; // an object by the protocol
  const key = caller.idempotencyKey ?? meta?.["osf/idempotency-key"];
  return {
    id: caller.requestId ?? randomUUID(),
    timestamp: new Date().toISOString(),
    operation,
    parameters,
    metadata: {
      ...(meta?.[METADATA_KEY] as Json | undefined), // checked by whoever put it there
      ...(typeof key === "string" && { idempotencyKey: key }),
      ...(caller.runId !== undefined && { runId: caller.runId }),
      through: caller.through.kind,
    },
  };
}

function addressOf({ url }: UpstreamDefinition, operation: string): string {
  const base = new URL(url);
  const path = operation.split("/").map(encodeURIComponent).join("/");
  base.pathname = `${base.pathname.replace(/\/+$/, "")}/api/${path}`;
  return base.href;
}
