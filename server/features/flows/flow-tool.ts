import { AjvJsonSchemaValidator } from "@modelcontextprotocol/client/validators/ajv";
import type { Actor } from "#server/kernel/actor.ts";
import { Prisma } from "#server/kernel/db.ts";
import { AppError } from "#server/kernel/errors.ts";
import { recordAudit } from "../audit/index.ts";
import type { Deps } from "../deps.ts";
import { workspaceTopic } from "../runs/index.ts";
import { ownFlow } from "./change-flow.ts";
import { getFlow } from "./find-flows.ts";
import type { FlowDetail } from "./schema.ts";
import type { FlowTool } from "./tool.schema.ts";

const MAX_SCHEMA = 20_000;

/** Hint for open pages, and for whoever keeps lists of flows that are tools. */
export const FLOW_HINT = JSON.stringify({ type: "flow" });

/** Throws `invalid` (`flow.tool-schema`). */
function checkSchema({ inputSchema }: FlowTool): void {
  const wrong = (message: string) =>
    new AppError("invalid", "flow.tool-schema", `The JSON Schema of the arguments is not usable: ${message}`, {
      fields: [{ path: "tool.inputSchema", message }],
    });
  if (JSON.stringify(inputSchema).length > MAX_SCHEMA) throw wrong(`At most ${MAX_SCHEMA} characters`);
  const { $id: _, ...schema } = inputSchema; // it would be looked up among other schemas
  try {
    new AjvJsonSchemaValidator().getValidator(schema);
  } catch (error) {
    throw wrong((error as Error).message.slice(0, 300)); // the validator throws errors
  }
}

/**
 * Makes a flow of the caller's own editor a tool, changes what it is as a tool, or, with null, takes it back. Throws
 * `missing`, `forbidden` (`flow.not-yours`), `invalid` (`flow.tool-schema`), `conflict` (`flow.tool-name`).
 */
export async function setFlowTool(
  deps: Pick<Deps, "db" | "sql" | "live" | "clock" | "settings">,
  actor: Actor,
  { id, tool }: { id: string; tool: FlowTool | null },
): Promise<FlowDetail> {
  if (tool) checkSchema(tool);
  await deps.db.$transaction(async (tx) => {
    await ownFlow(tx, actor, id);
    if (tool) {
      // One at a time in a workspace, so that of two flows that ask for one name the second is refused.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`flow-tool:${actor.workspaceId}`}, 0))`;
      const other = await tx.flow.findFirst({
        where: {
          workspaceId: actor.workspaceId,
          deletedAt: null,
          id: { not: id },
          tool: { path: ["name"], equals: tool.name },
        },
        select: { name: true },
      });
      if (other)
        throw new AppError("conflict", "flow.tool-name", `The flow "${other.name}" is the tool ${tool.name} already`, {
          fields: [{ path: "tool.name", message: "Choose another name" }],
        });
    }
    await tx.flow.update({
      where: { id },
      data: { tool: tool ? (tool as Prisma.InputJsonObject) : Prisma.DbNull }, // JSON, as it was parsed
    });
    await recordAudit(tx, {
      at: deps.clock.now(),
      actor,
      action: tool ? "flow.tool-set" : "flow.tool-removed",
      subject: id,
      detail: tool ? { name: tool.name, class: tool.class } : {},
    });
    await deps.live.publishIn(tx, workspaceTopic(actor.workspaceId), FLOW_HINT);
  });
  return getFlow(deps, actor, { id });
}

/** A flow that its owner made a tool. */
export interface MarkedFlow {
  flowId: string;
  flowName: string;
  ownerId: string;
  tool: FlowTool;
}

/** The workspace's flows that are tools, by name; of two with one name (one was restored meanwhile) the older one. */
export async function markedFlows({ db }: Pick<Deps, "db">, workspaceId: string): Promise<MarkedFlow[]> {
  const rows = await db.flow.findMany({
    where: { workspaceId, deletedAt: null, disabled: false, tool: { not: Prisma.DbNull } },
    orderBy: { id: "asc" },
    select: { id: true, name: true, ownerId: true, tool: true },
    take: 500,
  });
  const byName = new Map<string, MarkedFlow>();
  for (const { id, name, ownerId, tool: stored } of rows) {
    const tool = stored as FlowTool; // written above alone
    if (!byName.has(tool.name)) byName.set(tool.name, { flowId: id, flowName: name, ownerId, tool });
  }
  return [...byName.values()].toSorted((a, b) => (a.tool.name < b.tool.name ? -1 : 1));
}
