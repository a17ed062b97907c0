import type { Tool as ProtocolTool } from "@modelcontextprotocol/client";
import { argumentCheck, type ArgumentCheck } from "./argument-check.ts";
import type { Tool } from "./gateway.ts";
import { byName, toolName } from "./names.ts";

/** What one upstream offers at a time. */
export interface ToolSet {
  /** Sorted by name. */
  tools: Tool[];
  /** By the upstream's own name. */
  byOwnName: ReadonlyMap<string, Tool>;
  check: ArgumentCheck;
}

/**
 * What a call may do, from the annotations (MCP, ToolAnnotations): `read` by readOnlyHint, `dangerous` where
 * destructiveHint is said, else `write`. MCP would have an unsaid destructiveHint mean true; servers that annotate
 * nothing are the rule, so that would make most tools dangerous and the word worthless.
 */
function classOf(annotations: ProtocolTool["annotations"]): Tool["class"] {
  if (annotations?.readOnlyHint) return "read";
  return annotations?.destructiveHint ? "dangerous" : "write";
}

/** Of two tools with one name the first counts. */
export function toolSet(server: string, listed: readonly ProtocolTool[]): ToolSet {
  const byOwnName = new Map<string, Tool>();
  for (const { name, title, description, inputSchema, outputSchema, annotations } of listed) {
    if (byOwnName.has(name)) continue;
    byOwnName.set(name, {
      name: toolName(server, name),
      server,
      title: title ?? annotations?.title ?? name,
      description: description ?? "",
      inputSchema,
      ...(outputSchema && { outputSchema }),
      class: classOf(annotations),
      repeatable: annotations?.readOnlyHint === true || annotations?.idempotentHint === true,
    });
  }
  return { tools: [...byOwnName.values()].sort(byName), byOwnName, check: argumentCheck() };
}
