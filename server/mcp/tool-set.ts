import type { Viewer } from "./exchange.ts";
import type { OfferedTool } from "./gateway.ts";
import { argumentCheck, type ArgumentCheck } from "./argument-check.ts";
import type { UpstreamDefinition } from "./definition.ts";
import { byName, toolName } from "./names.ts";
import { mayUse, type ListedTool, type ToolReview, type Verdict } from "./review.ts";

/** A tool with what a call of it needs. */
export interface KnownTool extends OfferedTool {
  /** Roles that may use it; empty: all that may use the upstream. */
  roles: string[];
}

/** What one upstream offers at a time, after review. */
export interface ToolSet {
  /** Sorted by name. */
  tools: KnownTool[];
  /** By the upstream's own name. */
  byOwnName: ReadonlyMap<string, KnownTool>;
  /** Those that the viewer's role may use. */
  visible(viewer: Pick<Viewer, "role">): KnownTool[];
  check: ArgumentCheck;
}

/**
 * What a call may do, from the annotations (MCP, ToolAnnotations): `read` by readOnlyHint, `dangerous` where
 * destructiveHint is said, else `write`. MCP would have an unsaid destructiveHint mean true; servers that annotate
 * nothing are the rule, so that would make most tools dangerous and the word worthless.
 */
export function classOf(annotations: unknown): Verdict["class"] {
  const hints = hintsOf(annotations);
  if (hints["readOnlyHint"] === true) return "read";
  return hints["destructiveHint"] === true ? "dangerous" : "write";
}

const hintsOf = (annotations: unknown): Record<string, unknown> =>
  typeof annotations === "object" && annotations !== null ? { ...annotations } : {};
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Lets everything pass, classed by its annotations, without consent. */
export const noReview: ToolReview = {
  judge: async (_, listed) =>
    listed.map((definition) => ({
      definition,
      class: classOf(definition["annotations"]),
      consent: false,
      roles: [],
    })),
  onChange: () => () => undefined,
};

/** Of two tools with one name the first counts. */
export function toolSet(upstream: UpstreamDefinition, verdicts: readonly Verdict[]): ToolSet {
  const byOwnName = new Map<string, KnownTool>();
  for (const verdict of verdicts) {
    const { name } = verdict.definition;
    if (!byOwnName.has(name)) byOwnName.set(name, knownTool(upstream.name, verdict));
  }
  const tools = [...byOwnName.values()].sort(byName);
  return {
    tools,
    byOwnName,
    visible: (viewer) => tools.filter((tool) => mayUse(viewer, upstream, tool)),
    check: argumentCheck(),
  };
}

function knownTool(server: string, { definition, class: kind, consent, roles }: Verdict): KnownTool {
  const listed: ListedTool = definition;
  const { name, title, description, inputSchema, outputSchema, annotations } = listed;
  const hints = hintsOf(annotations);
  return {
    name: toolName(server, name),
    server,
    title: text(title) ?? text(hints["title"]) ?? name,
    description: text(description) ?? "",
    inputSchema: inputSchema as Record<string, unknown>, // an object: lists.ts takes no other tool
    ...(typeof outputSchema === "object" && outputSchema && { outputSchema: outputSchema as Record<string, unknown> }), // JSON
    class: kind,
    repeatable: hints["readOnlyHint"] === true || hints["idempotentHint"] === true,
    consent,
    roles,
    listed,
  };
}
