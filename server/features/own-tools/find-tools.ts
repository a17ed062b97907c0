import { z } from "zod";
import type { Actor } from "#server/kernel/actor.ts";
import { allows } from "#server/kernel/permissions.ts";
import { findInCatalogue } from "../catalogue/index.ts";
import { declareTool, type DeclaredTool } from "../code-mode/index.ts";
import type { Deps } from "../deps.ts";
import { rankTools, type Findable } from "./rank-tools.ts";
import { compactSchema, oneLine } from "./tool-text.ts";

export const FindTools = z.strictObject({
  query: z.string().max(500).describe("What you want to do or know, in English words; empty: what there is"),
  limit: z.number().int().min(1).max(20).default(6),
  format: z
    .enum(["schema", "typescript"])
    .default("schema")
    .describe("typescript: signatures for run_code instead of JSON schemas"),
});
export type FindTools = z.output<typeof FindTools>;

/** Something that a person may call, as it is found. */
export type FindableTool = Findable & DeclaredTool & { class?: string };

const MAX_SERVERS = 5;
/** Characters of one answer: a model reads it. */
const MAX_ANSWER = 16_000;

export interface FoundTools {
  tools: { name: string; description: string; class?: string; inputSchema?: unknown; signature?: string }[];
  servers?: { name: string; title: string; description: string; how: string }[];
  hint?: string;
}

/** Ranks tools, and servers of the catalogue that could be added for more. */
export async function findTools(
  deps: Pick<Deps, "db" | "tools" | "vault">,
  actor: Actor,
  usable: readonly FindableTool[],
  { query, limit, format }: FindTools,
): Promise<FoundTools> {
  const ranked = query.trim() ? rankTools(usable, query).map(({ tool }) => tool) : usable;
  const tools: FoundTools["tools"] = [];
  let left = MAX_ANSWER;
  for (const tool of ranked.slice(0, limit)) {
    const { name, description, class: kind, inputSchema } = tool;
    const found = {
      name,
      description: oneLine(description, 200),
      ...(kind && kind !== "read" ? { class: kind } : {}),
      ...(format === "typescript" ? { signature: declareTool(tool) } : { inputSchema: compactSchema(inputSchema) }),
    };
    left -= JSON.stringify(found).length;
    if (left < 0 && tools.length > 0) break;
    tools.push(found);
  }
  const servers = allows(actor, "upstream.activate") ? await addable(deps, actor, query) : [];
  return {
    tools,
    ...(servers.length > 0 ? { servers } : {}),
    ...(tools.length === 0
      ? { hint: `Nothing fits. There are ${usable.length} tools; try other words, English ones, or an empty query` }
      : {}),
  };
}

async function addable(deps: Pick<Deps, "db" | "tools" | "vault">, actor: Actor, query: string) {
  if (!query.trim()) return [];
  const found = await findInCatalogue(deps, actor, { query, limit: 20 });
  return found
    .filter(({ active }) => !active)
    .slice(0, MAX_SERVERS)
    .map(({ name, title, description, mayActivate, activate }) => ({
      name,
      title,
      description: oneLine(description, 160),
      how: mayActivate ? "mcp-add" : `needs ${activate === "owner" ? "the platform's owner" : "an administrator"}`,
    }));
}
