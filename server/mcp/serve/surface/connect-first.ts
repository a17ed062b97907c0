import { randomUUID } from "node:crypto";
import { AppError } from "../../../kernel/errors.ts";
import { RpcError, type Json } from "../../exchange.ts";
import { missingFor } from "../clients/ask-client.ts";
import { CODE, objectAt } from "../wire/rpc.ts";
import type { SurfaceCall } from "./surface.ts";

/** Our own question among those of an upstream; its answer is for nobody, the next try shows what became of it. */
const KEY = "osf-connect";

/** Methods of 2026-07-28 whose result may ask for something. */
const MAY_ASK = new Set(["tools/call", "prompts/get", "resources/read"]);

/**
 * Upstreams that each person uses with a consent of their own are of no use before it is given. Clients that can open a
 * page are given its address as URL elicitation: by the result (2026-07-28) or by the error −32042 (2025-11-25); all
 * others in the words of the failure.
 */
export async function connectFirst(call: SurfaceCall, publicUrl: string, run: () => Promise<Json>): Promise<Json> {
  try {
    return await run();
  } catch (error) {
    const path =
      error instanceof AppError && error.code === "upstream.auth" ? error.hints.extra?.["connect"] : undefined;
    if (!(error instanceof AppError) || typeof path !== "string") throw error;
    const url = publicUrl + path;
    const { message } = error;
    const params = { mode: "url", url, message };
    if (!missingFor({ method: "elicitation/create", params }, call.capabilities)) {
      if (call.era === "legacy")
        throw new RpcError(CODE.urlElicitation, message, {
          elicitations: [{ ...params, elicitationId: randomUUID() }],
        });
      if (MAY_ASK.has(call.method))
        return { resultType: "input_required", inputRequests: { [KEY]: { method: "elicitation/create", params } } };
    }
    throw new AppError(error.kind, error.code, `${message}: ${url}`, {
      ...error.hints,
      extra: { ...error.hints.extra, connect: url },
    });
  }
}

/** The answers that are for the upstream; undefined: none. */
export function forUpstream(inputResponses: Json): Json | undefined {
  const { [KEY]: ours, ...rest } = objectAt({ inputResponses }, "inputResponses");
  return ours !== undefined && Object.keys(rest).length === 0 ? undefined : rest;
}
