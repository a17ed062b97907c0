import type { Actor } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import { RpcError, type Json } from "../../exchange.ts";
import type { Offer, ToolGateway } from "../../gateway.ts";
import { byName, splitToolName, toolName } from "../../names.ts";
import { demand, isShown, permissionFor } from "./access.ts";
import { asToolFailure, unknownTool, viewerOf, type UpstreamCalls } from "./call-upstream.ts";
import { callOwnTool, type OwnToolDeps } from "./call-own-tool.ts";
import { connectFirst } from "./connect-first.ts";
import { pageOf } from "./pages.ts";
import { resourceNames, withOutwardLinks, type ResourceNames } from "./resource-names.ts";
import { CODE, invalidParams, isObject, objectAt, unknownMethod } from "../wire/rpc.ts";
import type { Surface, SurfaceCall } from "./surface.ts";
import { TASK_METHODS, TASKS_EXTENSION } from "./tasks.ts";

const INSTRUCTIONS =
  "Tools of the plant's servers are named <server>.<tool>; those without a dot are the gateway's own. " +
  "Calls that change something may need the consent of a person and then take until somebody has decided.";

/**
 * `/mcp`: everything that the caller's workspace and role may use. Tools and prompts are named `<server>.<name>`: a
 * server's name has no dot, so the first one separates. Resources: see `ResourceNames`.
 */
export function wholeGateway(deps: {
  gateway: ToolGateway;
  calls: UpstreamCalls;
  ownTools: OwnToolDeps;
  version: string;
  publicUrl: string;
}): Surface {
  const { gateway, calls, ownTools, version, publicUrl } = deps;

  const offersFor = (actor: Actor) => gateway.offers(viewerOf(actor));
  /** The upstream of a tool or prompt; undefined where there is none of that name, or it is down. */
  const offerOf = async (actor: Actor, server: string): Promise<Offer> => gateway.offer(viewerOf(actor), server);
  const splitted = (name: unknown, what: string) => {
    if (typeof name !== "string") throw invalidParams(`The name of the ${what} is missing`);
    return splitToolName(name);
  };

  const callTool = async (call: SurfaceCall) => {
    const { actor, params } = call;
    const parts = splitted(params["name"], "tool");
    if (!parts) return callOwnTool(ownTools, call);
    const offer = await offerOf(actor, parts.server).catch((error: unknown) => ({ why: error }));
    if ("why" in offer) {
      if (isMissing(offer.why)) throw unknownTool(String(params["name"]));
      return calls.unoffered(offer.why, parts.server, parts.tool, call);
    }
    const result = await calls.tool(offer, parts.tool, call);
    if (!hasLinks(result)) return result;
    const names = namesOf(await offersFor(actor));
    return withOutwardLinks(result, (uri) => names.outward(parts.server, uri));
  };

  /** A prompt's upstream, and its own name there. */
  const findPrompt = async (actor: Actor, prefixed: unknown) => {
    const parts = splitted(prefixed, "prompt");
    const unknown = () => invalidParams(`Unknown prompt: ${String(prefixed)}`);
    if (!parts) throw unknown();
    const offer = await offerOf(actor, parts.server).catch((error: unknown) => {
      throw isMissing(error) ? unknown() : error;
    });
    return { offer, name: parts.tool };
  };

  const getPrompt = async (call: SurfaceCall) => {
    const { offer, name } = await findPrompt(call.actor, call.params["name"]);
    return calls.request(offer, call, { ...call.params, name });
  };

  const findResource = async (actor: Actor, uri: unknown) => {
    if (typeof uri !== "string") throw invalidParams("The URI of the resource is missing");
    const offers = await offersFor(actor);
    const found = namesOf(offers).find(uri);
    const offer = found && offers.find(({ definition }) => definition.name === found.server);
    if (!found || !offer) throw new RpcError(CODE.params, `Resource not found: ${uri}`, { uri });
    return { offer, uri: found.uri };
  };

  const readResource = async (call: SurfaceCall) => {
    const asked = call.params["uri"];
    const { offer, uri } = await findResource(call.actor, asked);
    const result = await calls.request(offer, call, { ...call.params, uri });
    const contents = result["contents"];
    if (uri === asked || !Array.isArray(contents)) return result;
    return {
      ...result,
      contents: contents.map((one: unknown) => (isObject(one) && one["uri"] === uri ? { ...one, uri: asked } : one)),
    };
  };

  const complete = async (call: SurfaceCall) => {
    const ref = objectAt(call.params, "ref");
    const { offer, ...own } =
      ref["type"] === "ref/prompt"
        ? await findPrompt(call.actor, ref["name"])
        : await findResource(call.actor, ref["uri"]);
    if (offer.capabilities["completions"] === undefined) return { completion: { values: [] } };
    return calls.request(offer, call, { ...call.params, ref: { ...ref, ...own } });
  };

  const list = async ({ actor, method, params }: SurfaceCall) => {
    demand(actor, method === "tools/list" ? "tool.read" : "plant.read");
    const offers = await offersFor(actor);
    switch (method) {
      case "tools/list": {
        const may = { read: isShown(actor, permissionFor("read")), write: isShown(actor, permissionFor("write")) };
        const own = await ownTools.source.for(actor);
        const tools = [
          ...own.filter(({ permission }) => isShown(actor, permission)).map(({ definition }) => definition),
          ...offers.flatMap((offer) => prefixedTools(offer, may)),
        ];
        return pageOf("tools", tools.toSorted(byName), params);
      }
      case "prompts/list":
        return pageOf("prompts", offers.flatMap(prefixedPrompts), params);
      case "resources/list":
        return pageOf("resources", outwardList(offers, "resources", "uri"), params);
      default:
        return pageOf("resourceTemplates", outwardList(offers, "templates", "uriTemplate"), params);
    }
  };

  const answer = async (call: SurfaceCall): Promise<Json> => {
    switch (call.method) {
      case "tools/list":
      case "prompts/list":
      case "resources/list":
      case "resources/templates/list":
        return list(call);
      case "tools/call":
        return callTool(call);
      case "prompts/get":
        return getPrompt(call);
      case "resources/read":
        return readResource(call);
      case "completion/complete":
        return complete(call);
      default:
        if (TASK_METHODS.has(call.method)) return calls.task(call);
        throw unknownMethod(call.method);
    }
  };

  return {
    path: "/mcp",
    hasOwnTools: true,
    concerns: () => true,
    about: async (_actor, era) => ({
      serverInfo: { name: "osf-gateway", title: "OSF Gateway", version },
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        prompts: { listChanged: true },
        completions: {},
        logging: {},
        ...(era === "modern" && { extensions: { [TASKS_EXTENSION]: {} } }),
      },
      instructions: INSTRUCTIONS,
    }),
    request: (call) => asToolFailure(call, () => connectFirst(call, publicUrl, () => answer(call))),
    async watch(actor, uri) {
      demand(actor, "plant.read");
      const found = await findResource(actor, uri);
      const upstream = found.offer.definition.name;
      return { upstream, uri: found.uri, stop: await gateway.watch(viewerOf(actor), upstream, found.uri) };
    },
  };
}

const isMissing = (error: unknown) => error instanceof AppError && error.code === "upstream.missing";

const hasLinks = ({ content }: Json) =>
  Array.isArray(content) && content.some((part: unknown) => isObject(part) && part["type"] === "resource_link");

/** Offers are the same objects until something changes, and so is what was made of them. */
const prefixed = new WeakMap<Offer, { tools: { read: Json & { name: string }; write: boolean }[]; prompts: Json[] }>();
function ofOffer(offer: Offer) {
  let made = prefixed.get(offer);
  if (!made) {
    const server = offer.definition.name;
    made = {
      tools: offer.tools.map(({ listed, name, class: toolClass }) => ({
        read: { ...listed, name },
        write: toolClass !== "read",
      })),
      prompts: offer.prompts.map((prompt) => ({ ...prompt, name: toolName(server, String(prompt["name"])) })),
    };
    prefixed.set(offer, made);
  }
  return made;
}
const prefixedTools = (offer: Offer, may: { read: boolean; write: boolean }) =>
  ofOffer(offer).tools.flatMap(({ read, write }) => ((write ? may.write : may.read) ? [read] : []));
const prefixedPrompts = (offer: Offer) => ofOffer(offer).prompts;

/** The same offers have the same names: kept with the first of them. */
const names = new WeakMap<Offer, { of: readonly Offer[]; made: ResourceNames }>();
function namesOf(offers: readonly Offer[]): ResourceNames {
  const [first] = offers;
  const known = first && names.get(first);
  if (known?.of.length === offers.length && known.of.every((offer, at) => offer === offers[at])) return known.made;
  const made = resourceNames(offers);
  if (first) names.set(first, { of: offers, made });
  return made;
}

function outwardList(offers: readonly Offer[], key: "resources" | "templates", member: "uri" | "uriTemplate"): Json[] {
  const { outward } = namesOf(offers);
  return offers.flatMap((offer) =>
    offer[key].map((one) => ({ ...one, [member]: outward(offer.definition.name, String(one[member])) })),
  );
}
