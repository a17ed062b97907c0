import type { Actor } from "../../kernel/actor.ts";
import { CATALOGUE } from "../../mcp/catalogue/catalogue.ts";
import { configSchema, secretsOf, type CatalogueEntry } from "../../mcp/catalogue/entry.ts";
import { rank, rankTools, type Searchable } from "../../mcp/catalogue/search.ts";
import type { Tool, UpstreamState } from "../../mcp/gateway.ts";
import type { Deps } from "../deps.ts";
import { activations, isActive } from "./active-servers.ts";
import { mayActivate } from "./may-activate.ts";
import type { FindServers, FoundServer, FoundTool } from "./schema.ts";

/** Tools of one server in an answer to a query: a few, since each brings its schema. */
const TOOLS_EACH = 10;

/**
 * Servers of the catalogue and of the workspace with the tools that fit a query, best first; all of them, by name, where
 * there is none. Registered ones are found by their tools too.
 */
export async function findInCatalogue(
  deps: Pick<Deps, "db" | "tools" | "vault">,
  actor: Actor,
  { query, tag, limit }: FindServers,
): Promise<FoundServer[]> {
  const [states, tools, own, secrets] = await Promise.all([
    deps.tools.upstreams(actor.workspaceId),
    deps.tools.list(actor),
    activations(deps, actor),
    secretNamesOf(deps, actor),
  ]);
  const candidates = candidatesOf(states, tools).filter(({ tags }) => tag === undefined || tags.includes(tag));
  return rank(candidates, query)
    .slice(0, limit)
    .map(({ item, score }) => foundServer(item, { score, query, actor, own, secrets }));
}

/** Names of the secrets that the workspace has. */
export const secretNamesOf = async ({ vault }: Pick<Deps, "vault">, actor: Actor): Promise<Set<string>> =>
  new Set((await vault.store.list(actor.workspaceId)).map(({ name }) => name));

interface Candidate extends Searchable {
  entry: CatalogueEntry | undefined;
  state: UpstreamState | undefined;
  tools: Tool[];
}

function candidatesOf(states: UpstreamState[], tools: Tool[]): Candidate[] {
  const entries = new Map(CATALOGUE.map((entry) => [entry.id, entry]));
  const registered = states.map((state): Candidate => {
    const entry = entries.get(state.name);
    return {
      entry,
      state,
      name: state.name,
      title: state.title,
      description: entry?.description ?? "",
      tags: entry?.tags ?? [],
      tools: tools.filter(({ server }) => server === state.name),
    };
  });
  const taken = new Set(states.map(({ name }) => name));
  const others = CATALOGUE.filter(({ id }) => !taken.has(id)).map((entry): Candidate => ({
    entry,
    state: undefined,
    name: entry.id,
    title: entry.title,
    description: entry.description,
    tags: entry.tags,
    tools: [],
  }));
  return [...registered, ...others];
}

function foundServer(
  { entry, state, name, title, description, tags, tools }: Candidate,
  about: { score: number; query: string; actor: Actor; own: Set<string>; secrets: Set<string> },
): FoundServer {
  const { score, query, actor, own, secrets } = about;
  const fitting = query.trim() ? rankTools(tools, query) : tools;
  const names = entry ? secretsOf(entry) : [];
  return {
    name,
    title,
    description,
    tags: [...tags],
    transport: state?.transport ?? entry?.transport.kind ?? "http",
    ...(entry && { publisher: entry.publisher, auth: entry.auth.kind }),
    ...(entry?.homepage !== undefined && { homepage: entry.homepage }),
    catalogue: entry !== undefined,
    registered: state !== undefined,
    active: state !== undefined && state.enabled && isActive(state, own),
    ...(state && { state: state.state }),
    activate: entry?.activate ?? "editor",
    mayActivate: mayActivate(actor, state ? "editor" : (entry?.activate ?? "editor")),
    ...(entry && Object.keys(configSchema(entry).properties).length > 0 && { config: { ...configSchema(entry) } }),
    secrets: (entry?.secrets ?? [])
      .filter((secret) => names.includes(secret.name))
      .map((secret) => ({ ...secret, set: secrets.has(secret.name) })),
    tools: (fitting.length ? fitting : []).slice(0, TOOLS_EACH).map(foundTool),
    score: Math.round(score * 100) / 100,
  };
}

const foundTool = ({ name, title, description, inputSchema, class: kind }: Tool): FoundTool => ({
  name,
  title,
  description,
  inputSchema,
  class: kind,
});
