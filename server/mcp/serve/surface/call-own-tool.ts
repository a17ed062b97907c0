import { argumentCheck } from "../../argument-check.ts";
import { recordOf } from "../../../kernel/actor.ts";
import { AppError } from "../../../kernel/errors.ts";
import type { AuditWriter } from "../../audit.ts";
import { RpcError, type Json } from "../../exchange.ts";
import type { Tool } from "../../gateway.ts";
import { argsHash, endingOf } from "../../record-exchange.ts";
import { demand } from "./access.ts";
import { unknownTool } from "./call-upstream.ts";
import type { OwnTool, OwnToolSource } from "../own-tools.ts";
import { CODE, isObject, objectAt } from "../wire/rpc.ts";
import type { SurfaceCall } from "./surface.ts";

export interface OwnToolDeps {
  source: OwnToolSource;
  audit: Pick<AuditWriter, "record">;
}

// Tools that are given anew each time must not fill the validator's memory: one check for each definition, for as long
// as that lives.
const checks = new WeakMap<OwnTool["definition"], (args: Json) => { path: string; message: string }[]>();

function wrongArguments(tool: OwnTool, args: Json) {
  let check = checks.get(tool.definition);
  if (!check) {
    const validate = argumentCheck();
    // The check looks at the schema alone.
    const named = { name: tool.definition.name, inputSchema: objectAt(tool.definition, "inputSchema") } as Tool;
    checks.set(tool.definition, (check = (given) => validate(named, given)));
  }
  return check(args);
}

/** `tools/call` of one of the gateway's own, with one audit row as that of an upstream's tool has. */
export async function callOwnTool({ source, audit }: OwnToolDeps, call: SurfaceCall): Promise<Json> {
  const { actor, params, caller, signal } = call;
  const began = performance.now();
  const record = ({ outcome, code }: Pick<ReturnType<typeof endingOf>, "outcome"> & { code?: string }) =>
    audit.record({
      actor: recordOf(actor),
      action: "tool.call",
      subject: String(params["name"]),
      runId: caller.runId,
      outcome,
      durationMs: Math.round(performance.now() - began),
      detail: {
        argsHash: argsHash(params["arguments"] ?? {}),
        through: caller.through.id ? `${caller.through.kind} ${caller.through.id}` : caller.through.kind,
        ...(code && { code }),
      },
    });
  try {
    const result = await carryOut(source, call);
    record(result["isError"] === true ? { outcome: "failed", code: "tool.failed" } : { outcome: "ok" });
    return result;
  } catch (error) {
    record(endingOf(error, signal));
    throw error;
  }
}

async function carryOut(source: OwnToolSource, call: SurfaceCall): Promise<Json> {
  const { actor, params, signal = new AbortController().signal, notify, ask, capabilities } = call;
  const name = String(params["name"]);
  const tool = (await source.for(actor)).find(({ definition }) => definition.name === name);
  if (!tool) throw unknownTool(name);
  const args = params["arguments"] ?? {};
  demand(actor, tool.permission);
  if (!isObject(args)) throw new AppError("invalid", "tool.arguments", "The arguments of a tool are an object");
  const fields = wrongArguments(tool, args);
  if (fields.length > 0)
    throw new AppError("invalid", "tool.arguments", `The arguments do not fit the tool ${name}`, { fields });
  return await tool.call({ ...call.caller, actor }, args, {
    signal,
    capabilities,
    progress: (progress, total, message) =>
      notify?.({
        method: "notifications/progress",
        params: { progress, ...(total !== undefined && { total }), ...(message !== undefined && { message }) },
      }),
    notify: (said) => notify?.(said),
    ask: (question) => {
      if (!ask) throw new RpcError(CODE.method, "The client cannot be asked");
      return ask(question, signal);
    },
  });
}
