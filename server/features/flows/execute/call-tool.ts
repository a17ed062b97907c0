import { allows, type Permission } from "#server/kernel/permissions.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import type { Viewer } from "#server/mcp/exchange.ts";
import type { Deps } from "../../deps.ts";
import type { Execution } from "../../runs/index.ts";

/** Characters of a result's text that are kept beside its value. */
const MAX_TEXT = 500_000;

type Caller = Pick<Execution, "run" | "actor" | "scopes" | "requestId">;

/** A tool as OSF nodes know it. */
export const toolInfo = ({ name, server, title, description, inputSchema, class: kind }: Tool) => ({
  name,
  server,
  title,
  description,
  inputSchema,
  class: kind === "dangerous" ? "destructive" : kind,
});

export async function listTools({ tools }: Pick<Deps, "tools">, viewer: Viewer, server: string | undefined) {
  const all = await tools.list(viewer);
  return all.filter((tool) => server === undefined || tool.server === server).map(toolInfo);
}

/** The tool, if whoever started the run may use it. Throws `missing` (`tool.missing`), `forbidden` (`tool.forbidden`), `upstream` (`tool.unreachable`). */
export async function usableTool(
  { tools }: Pick<Deps, "tools">,
  { actor, scopes }: Caller,
  name: string,
): Promise<Tool> {
  const find = async () => (await tools.list(actor)).find((one) => one.name === name);
  let tool = await find();
  if (!tool) {
    // right after a start its server may not be connected yet, and a run that goes on must not fail for that
    const server = await serverOf(tools, actor.workspaceId, name);
    if (server?.enabled && server.state !== "ok") {
      await tools.check(server.name, actor.workspaceId);
      tool = await find();
    }
  }
  if (!tool) throw await absent(tools, actor.workspaceId, name);
  const permission: Permission = tool.class === "read" ? "plant.read" : "tool.write";
  if (allows({ role: actor.role, owner: false, scopes }, permission)) return tool;
  throw new AppError(
    "forbidden",
    "tool.forbidden",
    tool.class === "read"
      ? `Whoever started this run may not use the tool ${name}: the key has not the scope ${permission}`
      : `The tool ${name} changes something in the plant, and who started this run may not do that: it takes the role operator${scopes ? ` and a key with the scope ${permission}` : ""}`,
  );
}

const serverOf = async (tools: Deps["tools"], workspaceId: string, name: string) =>
  (await tools.upstreams(workspaceId)).find((one) => name.startsWith(`${one.name}.`));

/** Why a tool is not on the list: its server is down, or it does not exist. */
async function absent(tools: Deps["tools"], workspaceId: string, name: string): Promise<AppError> {
  const upstream = await serverOf(tools, workspaceId, name);
  if (!upstream?.enabled || upstream.state === "ok") return missing("tool");
  const why = upstream.problem ? `: ${upstream.problem}` : "";
  return new AppError("upstream", "tool.unreachable", `The server of the tool ${name} cannot be reached${why}`);
}

/** Calls a tool for a step. `key`: the same for each repetition. */
export async function callTool(
  { tools }: Pick<Deps, "tools">,
  { run, actor, requestId }: Caller,
  tool: Tool,
  args: Record<string, unknown>,
  { key, signal }: { key: string; signal: AbortSignal },
) {
  const { failed, value, text, durationMs } = await tools.call({
    actor,
    through: { kind: "flow", id: run.subjectId ?? run.id },
    name: tool.name,
    args,
    runId: run.id,
    idempotencyKey: key,
    signal,
    ...(requestId ? { requestId } : {}),
  });
  return { failed, value: value ?? null, text: text.slice(0, MAX_TEXT), durationMs };
}
