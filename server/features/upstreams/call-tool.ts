import { authorise, recordOf, type Actor } from "../../kernel/actor.ts";
import { AppError, missing } from "../../kernel/errors.ts";
import type { ToolCall } from "../../mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import type { CallTool, ListTools, ToolResult, ToolView } from "./schema.ts";

/** Tools that the workspace may use, by name. */
export async function listTools(
  { tools }: Pick<Deps, "tools">,
  actor: Actor,
  { server }: ListTools,
): Promise<ToolView[]> {
  const all = await tools.list(actor);
  return server === undefined ? all : all.filter((tool) => tool.server === server);
}

/**
 * Calls a tool for a person who tries it. Whoever may see the plant may call what only reads; the rest needs
 * `tool.write`. Throws what the gateway throws.
 */
export async function callTool(
  { tools }: Pick<Deps, "tools">,
  actor: Actor,
  { name, args }: CallTool,
  context: Pick<ToolCall, "requestId" | "signal" | "through"> = {},
): Promise<ToolResult> {
  const tool = (await tools.list(actor)).find((one) => one.name === name);
  if (!tool) {
    const server = (await tools.upstreams(actor.workspaceId)).find((one) => name.startsWith(`${one.name}.`));
    if (server?.state === "down")
      throw new AppError("upstream", "tool.unreachable", server.problem ?? "Its server is down");
    throw missing("tool");
  }
  if (tool.class !== "read") authorise(actor, "tool.write");
  return tools.call({ actor: recordOf(actor), name, args, ...context });
}
