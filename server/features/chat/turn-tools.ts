import type { Actor } from "#server/kernel/actor.ts";
import { allows } from "#server/kernel/permissions.ts";
import type { OfferedTool } from "#server/llm/models.ts";
import { wireName } from "#server/llm/wire-names.ts";
import type { Tool } from "#server/mcp/gateway.ts";
import type { OwnTool } from "#server/mcp/serve/own-tools.ts";
import type { Deps } from "../deps.ts";
import type { Execution } from "../runs/index.ts";
import {
  compactTool,
  discoveryTools,
  findableFlow,
  rankTools,
  runTools,
  sumOfTokens,
  toolTokens,
  usableTools,
  type DiscoveryDeps,
  type FindableTool,
  type FlowToolCache,
  type RunTool,
} from "../own-tools/index.ts";

/**
 * Tokens of tool text up to which a model is shown every tool: a plant of some fifty. It then sees all that there is,
 * needs no step to look, and its server keeps the text, which is always the same, in its cache.
 */
const ALL_AT_ONCE = 12_000;
/** Above it, this much to start with: the tools by which the others are found, and those most likely wanted. */
export const TOOL_BUDGET = 1_500;
/** Tools that are shown beside those of discovery, by why. */
const BY_QUESTION = 4;
const BY_USE = 12;

/** What the model of a turn may use. */
export interface TurnTools {
  /** What it is shown. */
  offered: OfferedTool[];
  /** Tools of upstreams, by name, shown or not. */
  upstream: ReadonlyMap<string, Tool>;
  /** Tools whose calls are runs: flows and code. */
  runs: ReadonlyMap<string, RunTool>;
  /** Discovery, by name. */
  discovery: ReadonlyMap<string, OwnTool>;
}

export const NO_TOOLS: TurnTools = {
  offered: [],
  upstream: new Map(),
  runs: new Map(),
  discovery: new Map(),
};

export interface TurnContext {
  actor: Actor;
  /** What was asked, for tools that fit it. */
  question: string;
  /** Names of tools that the conversation used, latest first. */
  recent: readonly string[];
}

/** Who started a run, as one who acts: it may no more than they. */
export const starterOf = ({ run, actor, scopes }: Pick<Execution, "run" | "actor" | "scopes">): Actor => ({
  ...actor,
  email: "",
  owner: false,
  credentialId: run.id,
  scopes,
});

const offeredOf = ({ definition: { name, description, inputSchema } }: Pick<OwnTool, "definition">): OfferedTool => ({
  name,
  description: String(description ?? ""),
  inputSchema: inputSchema as Record<string, unknown>, // a tool's, which is an object
});

const byName = <T>(all: readonly T[], nameOf: (one: T) => string) => new Map(all.map((one) => [nameOf(one), one]));

export async function turnTools(
  deps: DiscoveryDeps,
  cache: FlowToolCache,
  { actor, question, recent }: TurnContext,
): Promise<TurnTools> {
  const [usable, own] = await Promise.all([usableTools(deps, actor), runTools(deps, cache, actor)]);
  // A model does nothing dangerous but with a person's consent to the very call.
  const tools = usable.filter(({ class: kind, consent }) => kind !== "dangerous" || consent === true);
  const flows = own.flows.map(findableFlow);
  const findable: FindableTool[] = [...tools, ...flows];
  const discovery = discoveryTools(deps, async () => findable).filter(({ permission }) => allows(actor, permission));
  const code = findable.length > 0 && allows(actor, own.code.permission) ? [own.code] : [];
  return {
    offered: await offer(deps, { actor, question, recent }, findable, discovery, code.map(offeredOf)),
    upstream: byName(tools, ({ name }) => name),
    runs: byName([...own.flows, ...code], ({ definition: { name } }) => name),
    discovery: byName(discovery, ({ definition: { name } }) => name),
  };
}

async function offer(
  deps: Pick<Deps, "sql">,
  context: TurnContext,
  findable: readonly FindableTool[],
  discovery: readonly OwnTool[],
  code: OfferedTool[],
): Promise<OfferedTool[]> {
  const all = findable.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const servers = allows(context.actor, "upstream.activate")
    ? discovery.filter(({ definition: { name } }) => name !== "mcp-exec").map(offeredOf)
    : [];
  const whole = [...all, ...code, ...servers.map(compactTool)];
  if (sumOfTokens(whole) <= ALL_AT_ONCE) return whole;
  const finding = discovery.map(offeredOf).map((tool) =>
    tool.name === "mcp-find"
      ? {
          ...tool,
          description: `There are ${all.length} tools; only some are listed here. ${tool.description} Call what you find with mcp-exec.`,
        }
      : tool,
  );
  const offered = [...finding, ...code].map(compactTool);
  let left = TOOL_BUDGET - sumOfTokens(offered);
  for (const tool of await likely(deps, context, findable)) {
    const compact = compactTool(tool);
    const cost = toolTokens(compact);
    if (cost > left) continue;
    offered.push(compact);
    left -= cost;
  }
  return offered;
}

/** Tools that are probably wanted: those that fit the question best, those of the conversation, those most used lately. */
async function likely(
  deps: Pick<Deps, "sql">,
  { actor, question, recent }: TurnContext,
  findable: readonly FindableTool[],
): Promise<FindableTool[]> {
  const known = byName(findable, ({ name }) => name);
  const names = [
    ...rankTools(findable, question)
      .slice(0, BY_QUESTION)
      .map(({ tool: { name } }) => name),
    ...recent,
    ...(await mostUsed(deps, actor)),
  ];
  return [...new Set(names)].flatMap((name) => known.get(name) ?? []);
}

/** Names of the tools that a person called most often of late, most often first. */
async function mostUsed({ sql }: Pick<Deps, "sql">, { workspaceId, userId }: Actor): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT subject AS name FROM (
       SELECT subject, "userId" FROM "AuditEntry"
       WHERE "workspaceId" = $1 AND action = 'tool.call' AND outcome = 'ok' ORDER BY at DESC LIMIT 500
     ) AS lately WHERE "userId" = $2 GROUP BY subject ORDER BY count(*) DESC, subject LIMIT ${BY_USE}`,
    [workspaceId, userId],
  );
  return rows.map(({ name }) => name);
}

/** What a model means by a name: as we call it, or as it is on the wire, which is all that a model sees of some. */
export function named<T>(all: ReadonlyMap<string, T>, name: string): [string, T] | undefined {
  const known = all.get(name);
  if (known) return [name, known];
  for (const [full, one] of all) if (wireName(full) === name) return [full, one];
  return undefined;
}
