import type { Actor } from "../../kernel/actor.ts";
import type { Exchange, Json } from "../exchange.ts";
import { RpcError } from "../exchange.ts";
import type { Offer, ToolGateway } from "../gateway.ts";
import { AppError } from "../../kernel/errors.ts";
import { demand, permissionFor } from "./access.ts";
import { agreeOnParams } from "./inbound.ts";
import { CODE, invalidParams, objectAt, toolFailure } from "./rpc.ts";
import type { SurfaceCall } from "./surface.ts";
import { TASKS_EXTENSION, withTaskIds, type TaskIds } from "./tasks.ts";

export interface UpstreamCalls {
  /** `tools/call` with the upstream's own name of the tool. What failed foreseeably is a result with `isError`. */
  tool(offer: Offer, name: string, call: SurfaceCall): Promise<Json>;
  /** Every other request, with the upstream's own names in `params`. */
  request(offer: Offer, call: SurfaceCall, params: Json): Promise<Json>;
  /** `tasks/*`: of whichever upstream the id names; `only`: of that one alone. */
  task(call: SurfaceCall, only?: string): Promise<Json>;
}

/** Requests to upstreams, as both endpoints make them. */
export function upstreamCalls(gateway: ToolGateway, tasks: TaskIds): UpstreamCalls {
  const exchange = async (upstream: string, offer: Offer | undefined, call: SurfaceCall, params: Json) => {
    const { actor, era, headers: _headers, method, params: _params, ...rest } = call;
    const sameEra = offer === undefined || offer.era === era;
    const known = new Map<string, string>();
    const replace = (taskId: string) => {
      const sealed = known.get(taskId) ?? tasks.seal(actor, upstream, taskId);
      known.set(taskId, sealed);
      return sealed;
    };
    const result = await gateway.exchange(upstream, {
      ...rest,
      method,
      params: sameEra ? params : withoutTasks(params),
      capabilities: sameEra ? rest.capabilities : withoutTasksExtension(rest.capabilities),
      notify: rest.notify && ((said) => rest.notify?.({ ...said, params: withTaskIds(said.params, replace) })),
    } satisfies Exchange);
    return withTaskIds(result, replace);
  };

  return {
    async tool(offer, name, call) {
      const { actor, params } = call;
      if (params["arguments"] !== undefined && typeof params["arguments"] !== "object")
        throw invalidParams("The arguments of a tool are an object");
      const upstream = offer.definition.name;
      const tool = offer.tools.find(({ listed }) => listed.name === name);
      try {
        demand(actor, permissionFor(tool?.class));
        if (tool && call.headers) agreeOnParams(tool.inputSchema, objectAt(params, "arguments"), call.headers);
        return await exchange(upstream, offer, call, { ...params, name });
      } catch (error) {
        if (call.signal?.aborted || error instanceof RpcError) throw error;
        if (error instanceof AppError && error.code === "tool.missing") throw unknownTool(String(params["name"]));
        if (error instanceof AppError && error.code === "auth.scope") throw error;
        const failed = toolFailure(error);
        if (!failed) throw error;
        return failed;
      }
    },
    async request(offer, call, params) {
      demand(call.actor, "plant.read");
      return exchange(offer.definition.name, offer, call, params);
    },
    async task(call, only) {
      const { upstream, taskId } = tasks.open(call.actor, call.params["taskId"]);
      if (only !== undefined && upstream !== only) throw invalidParams("This task does not exist");
      demand(call.actor, call.method === "tasks/get" || call.method === "tasks/result" ? "plant.read" : "tool.write");
      return exchange(upstream, undefined, call, { ...call.params, taskId });
    },
  };
}

export const unknownTool = (name: string) => new RpcError(CODE.params, `Unknown tool: ${name}`);

/** A task of 2025-11-25 is asked for by a parameter of the call. */
function withoutTasks({ task: _, ...params }: Json): Json {
  return params;
}

function withoutTasksExtension(capabilities: Json): Json {
  const { tasks: _, ...rest } = capabilities;
  if (!rest["extensions"]) return rest;
  const { [TASKS_EXTENSION]: _tasks, ...extensions } = objectAt(rest, "extensions");
  return { ...rest, extensions };
}

/** Who the actor is towards the gateway. */
export const viewerOf = ({ workspaceId, userId, role }: Actor) => ({ workspaceId, userId, role });
