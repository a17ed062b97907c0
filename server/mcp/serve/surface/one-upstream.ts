import { AppError } from "../../../kernel/errors.ts";
import type { Json } from "../../exchange.ts";
import type { Offer, ToolGateway } from "../../gateway.ts";
import { demand, isShown, permissionFor } from "./access.ts";
import { asToolFailure, viewerOf, type UpstreamCalls } from "./call-upstream.ts";
import { connectFirst } from "./connect-first.ts";
import { pageOf } from "./pages.ts";
import { invalidParams, objectAt, unknownMethod } from "../wire/rpc.ts";
import type { About, Era, Surface, SurfaceCall } from "./surface.ts";
import { TASK_METHODS, TASKS_EXTENSION } from "./tasks.ts";

/** Which capability of the upstream a method belongs to: without it the method does not exist. */
const CAPABILITY: Partial<Record<string, string>> = {
  "tools/list": "tools",
  "tools/call": "tools",
  "resources/list": "resources",
  "resources/templates/list": "resources",
  "resources/read": "resources",
  "prompts/list": "prompts",
  "prompts/get": "prompts",
  "completion/complete": "completions",
};

/**
 * `/mcp/servers/{name}`: one upstream as if it were reached directly – its names, capabilities, instructions, unknown
 * members of results – but for what the caller may not see, and for what review holds back.
 */
export function oneUpstream(
  name: string,
  { gateway, calls, publicUrl }: { gateway: ToolGateway; calls: UpstreamCalls; publicUrl: string },
): Surface {
  const answer = async (call: SurfaceCall): Promise<Json> => {
    const { actor, method, params } = call;
    if (TASK_METHODS.has(method)) return calls.task(call, name);
    const offer = await gateway.offer(viewerOf(actor), name).catch((error: unknown) => ({ why: error }));
    if ("why" in offer) {
      if (method !== "tools/call") throw offer.why;
      return calls.unoffered(offer.why, name, String(params["name"]), call);
    }
    const capability = Object.hasOwn(CAPABILITY, method) ? CAPABILITY[method] : undefined;
    if (!capability || offer.capabilities[capability] === undefined) throw unknownMethod(method);
    switch (method) {
      case "tools/list":
        demand(actor, "tool.read");
        return pageOf(
          "tools",
          shownTools(offer, (permission) => isShown(actor, permission)),
          params,
        );
      case "resources/list":
        demand(actor, "plant.read");
        return pageOf("resources", offer.resources, params);
      case "resources/templates/list":
        demand(actor, "plant.read");
        return pageOf("resourceTemplates", offer.templates, params);
      case "prompts/list":
        demand(actor, "plant.read");
        return pageOf("prompts", offer.prompts, params);
      case "tools/call":
        if (typeof params["name"] !== "string") throw invalidParams("The name of the tool is missing");
        return calls.tool(offer, params["name"], call);
      default:
        return calls.request(offer, call, params);
    }
  };

  return {
    path: `/mcp/servers/${name}`,
    hasOwnTools: false,
    concerns: (change) => change.upstream === name,
    async about(actor, era): Promise<About> {
      const offer = await gateway.offer(viewerOf(actor), name).catch((error: unknown) => {
        // Who has to consent first must be able to connect, to be told so.
        if (error instanceof AppError && error.hints.extra?.["connect"] !== undefined) return undefined;
        throw error;
      });
      if (!offer) return { serverInfo: { name, version: "unknown" }, capabilities: { tools: { listChanged: true } } };
      const { version, ...serverInfo } = offer.serverInfo;
      return {
        serverInfo: { ...serverInfo, version: version ?? "unknown" },
        capabilities: capabilitiesFor(offer, era),
        instructions: offer.instructions,
      };
    },
    request: (call) => asToolFailure(call, () => connectFirst(call, publicUrl, () => answer(call))),
    async watch(actor, uri) {
      demand(actor, "plant.read");
      const stop = await gateway.watch(viewerOf(actor), name, uri);
      return { upstream: name, uri, stop };
    },
  };
}

const shownTools = (offer: Offer, may: (permission: ReturnType<typeof permissionFor>) => boolean): Json[] => {
  const shown = { read: may(permissionFor("read")), write: may(permissionFor("write")) };
  return offer.tools.filter((tool) => (tool.class === "read" ? shown.read : shown.write)).map(({ listed }) => listed);
};

function capabilitiesFor({ capabilities, era: upstreams }: Offer, era: Era): Json {
  if (era === upstreams) {
    if (era === "modern") return capabilities;
    // Lists of tasks would show those of everybody who shares the connection.
    const { tasks, ...rest } = capabilities;
    if (tasks === undefined) return rest;
    const { list: _, ...own } = objectAt(capabilities, "tasks");
    return { ...rest, tasks: own };
  }
  const { tasks: _tasks, extensions: _extensions, ...rest } = capabilities;
  const { [TASKS_EXTENSION]: _tasksExtension, ...extensions } = objectAt(capabilities, "extensions");
  return { ...rest, ...(Object.keys(extensions).length > 0 && { extensions }) };
}
