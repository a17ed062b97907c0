import type { Json } from "../exchange.ts";
import type { Offer, ToolGateway } from "../gateway.ts";
import { demand, isShown, permissionFor } from "./access.ts";
import { viewerOf, type UpstreamCalls } from "./call-upstream.ts";
import { pageOf } from "./pages.ts";
import { invalidParams, objectAt, unknownMethod } from "./rpc.ts";
import type { About, Era, Surface } from "./surface.ts";
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
export function oneUpstream(name: string, { gateway, calls }: { gateway: ToolGateway; calls: UpstreamCalls }): Surface {
  return {
    path: `/mcp/servers/${name}`,
    hasOwnTools: false,
    concerns: (change) => change.upstream === name,
    async about(actor, era): Promise<About> {
      const offer = await gateway.offer(viewerOf(actor), name);
      const { version, ...serverInfo } = offer.serverInfo;
      return {
        serverInfo: { ...serverInfo, version: version ?? "unknown" },
        capabilities: capabilitiesFor(offer, era),
        instructions: offer.instructions,
      };
    },
    async request(call) {
      const { actor, method, params } = call;
      if (TASK_METHODS.has(method)) return calls.task(call, name);
      const offer = await gateway.offer(viewerOf(actor), name);
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
    },
    async watch(actor, uri) {
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
