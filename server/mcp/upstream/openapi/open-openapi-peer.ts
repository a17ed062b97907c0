import type { UpstreamDefinition } from "../../definition.ts";
import type { Json } from "../../exchange.ts";
import type { GuardedFetch } from "../guarded-fetch.ts";
import type { Peer } from "../peer.ts";
import { callService, openFetch, protocolError, readDocument, resultOf, together } from "../service/http-call.ts";
import { toolPeer, type OpenService, type ServiceTool } from "../service/tool-peer.ts";
import { checked, isObject, NoDocument, parseDocument } from "./document.ts";
import { operationsOf, type Operation } from "./operations.ts";
import { BadArgument, requestOf, type HttpRequest } from "./request.ts";

/**
 * A plain HTTP service with an OpenAPI document (3.0, 3.1; JSON or YAML; its address or the document itself): each
 * operation is a tool. What it refers to elsewhere is never fetched. Calls go to the upstream's address; where that is
 * the document's own, to the first of its `servers`, which must be of the same origin, since credentials go there.
 * Throws AppError as `request` does.
 */
export async function openOpenApiPeer(definition: UpstreamDefinition, open: OpenService): Promise<Peer> {
  const { transport } = definition;
  if (transport.kind !== "openapi") throw new Error(`${definition.name} has no OpenAPI document`);
  const fetch = openFetch(definition, open);
  const given = transport.document;
  const address = typeof given === "string" && /^https?:\/\//i.test(given.trim()) ? given.trim() : undefined;
  try {
    const read = async () => {
      const document = await readGiven(given, address, fetch, definition, open);
      const base = baseOf(document, definition, address);
      return { document, tools: operationsOf(document).map((one) => toolOf(one, base, definition, fetch)) };
    };
    const { document, tools } = await read();
    const info = isObject(document["info"]) ? document["info"] : {};
    return toolPeer({
      name: definition.name,
      version: typeof info["version"] === "string" ? info["version"] : undefined,
      title: typeof info["title"] === "string" ? info["title"] : definition.title,
      instructions: typeof info["description"] === "string" ? info["description"].slice(0, 4_000) : undefined,
      tools,
      reload: address === undefined ? undefined : async () => (await read()).tools,
      close: () => fetch.close(),
    });
  } catch (error) {
    await fetch.close();
    throw error instanceof NoDocument ? protocolError(definition, error.message, error) : error;
  }
}

async function readGiven(
  given: string | Json,
  address: string | undefined,
  fetch: GuardedFetch,
  definition: UpstreamDefinition,
  open: OpenService,
): Promise<Json> {
  if (typeof given !== "string") return checked(given);
  if (address === undefined) return parseDocument(given);
  try {
    return parseDocument((await readDocument(fetch, definition, "document", address, open)).text);
  } catch (error) {
    throw error instanceof NoDocument ? protocolError(definition, error.message, error) : error;
  }
}

function baseOf({ servers }: Json, definition: UpstreamDefinition, address: string | undefined): string {
  if (address === undefined || definition.url !== address) return definition.url;
  const [first] = Array.isArray(servers) ? servers : [];
  const template = isObject(first) && typeof first["url"] === "string" ? first["url"] : "/";
  const variables = isObject(first) && isObject(first["variables"]) ? first["variables"] : {};
  const filled = template.replaceAll(/\{([^}]+)\}/g, (_all, name: string) => {
    const variable = variables[name];
    return isObject(variable) ? String(variable["default"] ?? "") : "";
  });
  const base = URL.parse(filled, address);
  if (!base || base.origin !== new URL(address).origin)
    throw new NoDocument(
      `its document names another host (${base?.host ?? "none"}); register the service with the address that is called`,
    );
  return base.href;
}

function toolOf(operation: Operation, base: string, definition: UpstreamDefinition, fetch: GuardedFetch): ServiceTool {
  const { listed, structured } = operation;
  return {
    listed,
    async call(args, exchange, headers) {
      let request: HttpRequest;
      try {
        request = requestOf(base, operation, args);
      } catch (error) {
        if (!(error instanceof BadArgument)) throw error;
        return { content: [{ type: "text", text: error.message }], isError: true };
      }
      const key = exchange.caller.idempotencyKey;
      const answer = await callService(fetch, definition, listed.name, exchange, {
        ...request,
        // Credentials come last: no argument stands in for them.
        headers: together(request.headers, key !== undefined && { "idempotency-key": key }, headers),
      });
      const result = resultOf(answer);
      // Clients that know a shape of the answer want one that has it; in these nothing is required.
      if (structured && answer.status < 400 && result["structuredContent"] === undefined)
        return { ...result, structuredContent: { text: answer.bytes.toString("utf8").slice(0, 100_000) } };
      return result;
    },
  };
}
