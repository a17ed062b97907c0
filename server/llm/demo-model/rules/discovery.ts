import { wireName } from "../../wire-names.ts";
import type { WireTool } from "../protocol/request.ts";
import type { Conversation } from "./conversation.ts";
import type { Question } from "./question.ts";

const FIND = "mcp-find";
const EXEC = "mcp-exec";
/** Tools about tools: no question of a person is about them. */
const ABOUT_TOOLS = /^(?:mcp-(?:find|exec|add|remove|config-set)|run_code)$/;
const MOST = 12;

/** The tools that there are, some of them only found, and the conversation as if all had been offered. */
export interface Discovery {
  tools: WireTool[];
  conversation: Conversation;
  /** Arguments of the search that is still to be made; undefined: there is nothing to search in, or it was made. */
  search(question: Question): { name: string; args: Record<string, unknown> } | undefined;
  /** A call as it is made: by way of `mcp-exec` where the tool was only found. */
  wire(name: string, args: Record<string, unknown>): { name: string; args: Record<string, unknown> };
}

interface Found {
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
}

/** With few tools all are offered; with many a search and a call by name are (`mcp-find`, `mcp-exec`), and a few others. */
export function throughDiscovery(offered: WireTool[], conversation: Conversation): Discovery {
  const direct = offered.filter(({ function: { name } }) => !ABOUT_TOOLS.test(name));
  const has = (wanted: string) => offered.some(({ function: { name } }) => name === wanted);
  if (!has(EXEC) || !has(FIND))
    return { tools: direct, conversation, search: () => undefined, wire: (name, args) => ({ name, args }) };

  const searches = conversation.calls.filter(({ name }) => name === FIND);
  const known = new Set(direct.map(({ function: { name } }) => name));
  const fullNames = new Map<string, string>();
  const found: WireTool[] = [];
  for (const { name, description, inputSchema } of searches.flatMap(({ content }) => foundIn(content))) {
    const onWire = wireName(name);
    if (known.has(onWire) || fullNames.has(onWire)) continue;
    fullNames.set(onWire, name);
    found.push({ type: "function", function: { name: onWire, description, parameters: inputSchema } });
  }
  return {
    tools: [...direct, ...found],
    conversation: {
      ...conversation,
      steps: conversation.steps - searches.length,
      calls: conversation.calls.filter(({ name }) => name !== FIND).map(asDirect),
    },
    search: ({ topic, command, ids }) =>
      searches.length > 0 || (topic.size === 0 && ids.length === 0)
        ? undefined
        : {
            name: FIND,
            args: {
              query: [...topic, ...(command ? [command.verb] : []), ...ids].join(" ").slice(0, 400),
              limit: MOST,
            },
          },
    wire(name, args) {
      const full = fullNames.get(name);
      return full === undefined ? { name, args } : { name: EXEC, args: { name: full, arguments: args } };
    },
  };
}

/** A call by name as the call that it stands for. */
function asDirect(call: Conversation["calls"][number]): Conversation["calls"][number] {
  const { name, arguments: args } = call.args;
  if (call.name !== EXEC || typeof name !== "string") return call;
  const inner = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {}; // JSON
  return { ...call, name: wireName(name), args: inner };
}

function foundIn(content: string): Found[] {
  try {
    const { tools } = JSON.parse(content) as { tools?: unknown };
    return Array.isArray(tools) ? tools.filter(isFound) : [];
  } catch {
    return []; // it failed, and says so in words
  }
}

const isFound = (tool: unknown): tool is Found => {
  const { name, description, inputSchema } = (tool ?? {}) as Partial<Found>;
  return typeof name === "string" && typeof description === "string" && typeof inputSchema === "object";
};
