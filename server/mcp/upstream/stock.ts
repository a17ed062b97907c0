import type { Log } from "../../kernel/log.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Viewer } from "../exchange.ts";
import type { Offer } from "../gateway.ts";
import type { ListedTool, ToolReview } from "../review.ts";
import { toolSet, type ToolSet } from "../tool-set.ts";
import { fetchLists, type ListKind, type Lists } from "./lists.ts";
import { paramHeaders, type ParamHeader } from "./param-headers.ts";
import type { Peer } from "./peer.ts";

/** What an upstream offers at a time, after review. Never changed: a new list makes a new one. */
export interface Stock {
  lists: Lists;
  tools: ToolSet;
  /** Arguments that are repeated as headers, by the tool's own name; only of tools that have such. */
  paramHeaders: ReadonlyMap<string, ParamHeader[]>;
  /** As somebody with that role sees it; the same object every time. */
  offer(viewer: Pick<Viewer, "role">): Offer;
}

interface Options {
  definition: UpstreamDefinition;
  peer: Peer;
  review: ToolReview;
  log: Log;
  before?: Stock | undefined;
}

/** Asks for lists of those kinds; the others are as before. `differs`: the kinds in which something has changed. */
export async function takeStock(
  { definition, peer, review, log, before }: Options,
  kinds: readonly ListKind[],
  how: Parameters<typeof fetchLists>[2],
): Promise<{ stock: Stock; ttlMs: number | undefined; differs: ListKind[] }> {
  const { lists: fresh, ttlMs } = await fetchLists(peer, kinds, how);
  const lists: Lists = { ...(before?.lists ?? { tools: [], resources: [], templates: [], prompts: [] }), ...fresh };
  const headers = new Map<string, ParamHeader[]>();
  const news = !before || !same(before.lists.tools, lists.tools);
  const usable: ListedTool[] = [];
  for (const tool of lists.tools) {
    const declared = paramHeaders(tool["inputSchema"]);
    if (typeof declared === "string") {
      const about = { upstream: definition.name, tool: tool.name, reason: declared };
      if (news) log.warn(about, "a tool cannot be used as it is declared");
      continue;
    }
    if (declared.length > 0) headers.set(tool.name, declared);
    usable.push(tool);
  }
  const verdicts = fresh.tools || !before ? await review.judge(definition, usable) : undefined;
  const judged = verdicts && toolSet(definition, verdicts);
  const tools = judged && (!before || !same(judged.tools, before.tools.tools)) ? judged : (before?.tools ?? judged!);
  const differs: ListKind[] = before
    ? [
        ...(tools === before.tools ? [] : ["tools" as const]),
        ...(same([lists.resources, lists.templates], [before.lists.resources, before.lists.templates])
          ? []
          : ["resources" as const]),
        ...(same(lists.prompts, before.lists.prompts) ? [] : ["prompts" as const]),
      ]
    : [...kinds];
  const offers = new Map<string, Offer>();
  const { protocol, era, serverInfo, capabilities, instructions } = peer;
  const { resources, templates, prompts } = lists;
  return {
    stock: {
      lists,
      tools,
      paramHeaders: headers,
      offer(viewer) {
        let offer = offers.get(viewer.role);
        if (!offer) {
          const own = { definition, protocol, era, serverInfo, capabilities, instructions };
          offer = { ...own, tools: tools.visible(viewer), resources, templates, prompts };
          offers.set(viewer.role, offer);
        }
        return offer;
      },
    },
    ttlMs,
    differs,
  };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
