import type { Actor } from "../../../kernel/actor.ts";
import { RpcError, type Exchange, type Json } from "../../exchange.ts";
import type { Offer, ToolGateway } from "../../gateway.ts";
import { anticipated, AppError } from "../../../kernel/errors.ts";
import { allows } from "../../../kernel/permissions.ts";
import { demand, permissionFor } from "./access.ts";
import { agreeOnParams } from "../wire/inbound.ts";
import { CODE, invalidParams, objectAt, toolFailure } from "../wire/rpc.ts";
import type { SurfaceCall } from "./surface.ts";
import { TASKS_EXTENSION, withTaskIds, type TaskIds } from "./tasks.ts";

export interface UpstreamCalls {
  /** `tools/call` with the upstream's own name of the tool. */
  tool(offer: Offer, name: string, call: SurfaceCall): Promise<Json>;
  /**
   * A call to an upstream whose offer could not be had: it fails for the same reason, but on the way of all calls, and so
   * is in the audit. Only for who may call whatever tool it is; for others it fails here.
   */
  unoffered(why: unknown, upstream: string, name: string, call: SurfaceCall): Promise<Json>;
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
    const asked: Exchange = {
      ...rest,
      method,
      params: sameEra ? params : withoutTasks(params),
      capabilities: sameEra ? rest.capabilities : withoutTasksExtension(rest.capabilities),
      notify: rest.notify && ((said) => rest.notify?.({ ...said, params: withTaskIds(said.params, replace) })),
      ask:
        rest.ask &&
        (async (question, withdrawn) => {
          if (!rest.ask) throw new RpcError(CODE.method, "The client cannot be asked");
          const asking = withTaskIds(withoutToken(question.params), replace);
          return rest.ask({ ...question, params: asking }, withdrawn);
        }),
    };
    const result = await gateway.exchange(upstream, asked).catch((error: unknown) => {
      throw era === "modern" && error instanceof RpcError && error.code === OLD_RESOURCE_MISSING
        ? new RpcError(CODE.params, error.message, { uri: params["uri"] })
        : error;
    });
    return withTaskIds(result, replace);
  };

  return {
    async tool(offer, name, call) {
      const { actor, params } = call;
      if (params["arguments"] !== undefined && typeof params["arguments"] !== "object")
        throw invalidParams("The arguments of a tool are an object");
      const upstream = offer.definition.name;
      const tool = offer.tools.find(({ listed }) => listed.name === name);
      demand(actor, permissionFor(tool?.class));
      if (tool && call.headers) agreeOnParams(tool.inputSchema, objectAt(params, "arguments"), call.headers);
      return exchange(upstream, offer, call, { ...params, name });
    },
    async unoffered(why, upstream, name, call) {
      const known = anticipated(why);
      if (known?.kind !== "upstream" || known.hints.extra?.["connect"] !== undefined) throw why;
      if (!allows(call.actor, permissionFor(undefined))) throw why;
      return exchange(upstream, undefined, call, { ...call.params, name });
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

/** What fails foreseeably in `tools/call` becomes the tool's own failure, which a model can read and act on. */
export async function asToolFailure(call: SurfaceCall, run: () => Promise<Json>): Promise<Json> {
  if (call.method !== "tools/call") return run();
  try {
    return await run();
  } catch (error) {
    if (call.signal?.aborted || error instanceof RpcError) throw error;
    const code = error instanceof AppError ? error.code : undefined;
    if (code === "tool.missing") throw unknownTool(String(call.params["name"]));
    if (code === "auth.scope") throw error; // told by HTTP, so that a client can ask for more
    const failed = toolFailure(error);
    if (!failed) throw error;
    return failed;
  }
}

export const unknownTool = (name: string) => new RpcError(CODE.params, `Unknown tool: ${name}`);

/** What 2025-11-25 and before say of a resource that is not there; later it is −32602. */
const OLD_RESOURCE_MISSING = -32002;

/** A question's progress token is one of the upstream's connection: nobody would hear the progress. */
function withoutToken(params: Json): Json {
  const { progressToken, ...meta } = objectAt(params, "_meta");
  if (progressToken === undefined) return params;
  const { _meta, ...rest } = params;
  return Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest;
}

/** A task of 2025-11-25 is asked for by a parameter of the call. */
function withoutTasks(params: Json): Json {
  const { task: _, ...rest } = params;
  return rest;
}

function withoutTasksExtension(capabilities: Json): Json {
  const { tasks: _, ...rest } = capabilities;
  if (!rest["extensions"]) return rest;
  const { [TASKS_EXTENSION]: _tasks, ...extensions } = objectAt(rest, "extensions");
  return { ...rest, extensions };
}

/** Who the actor is towards the gateway. */
export const viewerOf = ({ workspaceId, userId, role }: Actor) => ({ workspaceId, userId, role });
