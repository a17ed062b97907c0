import type { z } from "zod";
import { recordOf, type Actor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Tool, ToolGateway } from "../../mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import type { PlantState } from "./schema.ts";
import { isRecord, mapRow, rowsOf, VIEWS, type PlantView } from "./views.ts";

type Needs = Pick<Deps, "tools" | "clock">;

const DEADLINE_MS = 3_000;
const KEEP_MS = 5_000;
const ROWS = 100;

interface Kept {
  until: number;
  state: Promise<PlantState>;
}
/** By gateway, so that what is kept lives as long as the container that it was asked through. */
const kept = new WeakMap<ToolGateway, Map<string, Kept>>();

/**
 * The plant as its tools tell it now: at most 5 s old, one state a workspace. Each view stands for itself: one whose
 * tool is missing, slow or broken says so, and the others show.
 */
export async function plantState(deps: Needs, actor: Actor): Promise<PlantState> {
  const now = deps.clock.now().getTime();
  const states = kept.get(deps.tools) ?? new Map<string, Kept>();
  kept.set(deps.tools, states);
  for (const [workspaceId, { until }] of states) if (until <= now) states.delete(workspaceId);
  const known = states.get(actor.workspaceId);
  if (known) return known.state;
  const state = look(deps, actor);
  states.set(actor.workspaceId, { until: now + KEEP_MS, state });
  state.catch(() => states.delete(actor.workspaceId));
  return state;
}

async function look(deps: Needs, actor: Actor): Promise<PlantState> {
  // What a page shows by itself must never change anything.
  const tools = (await deps.tools.list(actor)).filter((tool) => tool.class === "read");
  const [oee, ordersAtRisk, lowStock, alarms] = await Promise.all([
    show(deps, actor, tools, VIEWS.oee),
    show(deps, actor, tools, VIEWS.ordersAtRisk),
    show(deps, actor, tools, VIEWS.lowStock),
    show(deps, actor, tools, VIEWS.alarms),
  ]);
  return { at: deps.clock.now(), oee, ordersAtRisk, lowStock, alarms };
}

type Shown<S extends z.ZodObject> =
  | {
      state: "ok";
      tool: string;
      summary: string | null;
      asOf: string | null;
      total: number;
      rows: z.output<S>[];
    }
  | { state: "unavailable"; why: string };

async function show<S extends z.ZodObject>(
  deps: Needs,
  actor: Actor,
  tools: readonly Tool[],
  view: PlantView<S>,
): Promise<Shown<S>> {
  const tool = choose(tools, view.tools);
  if (!tool) return { state: "unavailable", why: await whyNone(deps, actor, view.tools) };
  try {
    const { failed, value, text } = await deps.tools.call({
      actor: recordOf(actor),
      name: tool.name,
      args: {},
      timeoutMs: DEADLINE_MS,
      signal: AbortSignal.timeout(DEADLINE_MS), // progress must not prolong it
    });
    if (failed) return { state: "unavailable", why: `${tool.name} says: ${text.slice(0, 200)}` };
    const theirs = rowsOf(value);
    const rows = (theirs ?? []).map((row) => mapRow(view, row)).filter((row) => row !== null);
    if (!theirs || (theirs.length > 0 && rows.length === 0))
      return { state: "unavailable", why: `${tool.name} answers without the columns that this view needs` };
    const facts = isRecord(value) ? value : {};
    return {
      state: "ok",
      tool: tool.name,
      summary: typeof facts["summary"] === "string" ? facts["summary"] : null,
      asOf: typeof facts["as_of"] === "string" ? facts["as_of"] : null,
      total: Number.isSafeInteger(facts["total"]) ? Math.max(Number(facts["total"]), rows.length) : rows.length,
      rows: rows.slice(0, ROWS),
    };
  } catch (error) {
    if (error instanceof AppError) return { state: "unavailable", why: error.message };
    if (error instanceof Error && error.name === "TimeoutError")
      return { state: "unavailable", why: `${tool.name} did not answer within ${DEADLINE_MS / 1_000} s` };
    throw error;
  }
}

/** The first tool of the most preferred pattern; `tools` are sorted by name. */
export function choose(tools: readonly Tool[], patterns: readonly string[]): Tool | undefined {
  for (const pattern of patterns) {
    const found = tools.find(({ name, server }) =>
      pattern.startsWith("*.") ? name === `${server}${pattern.slice(1)}` : name === pattern,
    );
    if (found) return found;
  }
  return undefined;
}

async function whyNone({ tools }: Needs, actor: Actor, patterns: readonly string[]): Promise<string> {
  const upstreams = (await tools.upstreams(actor.workspaceId)).filter(({ enabled }) => enabled);
  if (upstreams.length === 0) return "No MCP server is connected";
  // The server that the view is usually from, else whichever is down, is the likely reason.
  const down = upstreams.filter(({ state }) => state === "down");
  const likely = down.find(({ name }) => patterns.some((pattern) => pattern.startsWith(`${name}.`))) ?? down[0];
  if (likely?.problem) return likely.problem;
  if (upstreams.some(({ state }) => state === "connecting")) return "The MCP servers are still being connected";
  return "None of the connected MCP servers has a tool for this";
}
