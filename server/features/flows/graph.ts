import { createHash } from "node:crypto";
import type { Graph, NodeDef } from "#server/engine/contract.ts";

/** Properties that point elsewhere than to configuration nodes, or hold people's text. */
const NO_REFERENCES = new Set(["id", "type", "z", "g", "name", "label", "info", "wires", "links", "scope", "nodes"]);

export const SUBFLOW = "subflow:";

/** Whether the editor keeps a node among the configuration nodes: those are not drawn, so they have no place. */
export const isConfigNode = (node: NodeDef): boolean =>
  node.type !== "tab" &&
  node.type !== "subflow" &&
  node.type !== "group" &&
  node.wires === undefined &&
  !("x" in node && "y" in node);

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** Ids of the `link in` nodes that a node sends to. A dynamic link call may reach any. */
function linkTargets(node: NodeDef, every: () => string[]): string[] {
  if (node.type === "link call" && node.linkType === "dynamic") return every();
  if (node.type !== "link out" && node.type !== "link call") return [];
  return isTextList(node.links) ? node.links : [];
}

/** Texts below a value that could be ids of configuration nodes. */
function* texts(value: unknown, depth = 0): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null && depth < 4)
    for (const item of Object.values(value)) yield* texts(item, depth + 1);
}

function* configReferences(node: NodeDef): Generator<string> {
  for (const [name, value] of Object.entries(node)) if (!NO_REFERENCES.has(name)) yield* texts(value);
}

/**
 * What belongs to a flow: its tab, tabs that it reaches by link nodes, the subflows used there, groups, configuration
 * nodes that they name, and `global-config`. In the document's order. Empty when there is no such tab.
 */
export function flowNodes(nodes: readonly NodeDef[], tabId: string): NodeDef[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (byId.get(tabId)?.type !== "tab") return [];
  const inside = new Map<string, NodeDef[]>();
  for (const node of nodes) {
    if (!node.z) continue;
    const siblings = inside.get(node.z);
    if (siblings) siblings.push(node);
    else inside.set(node.z, [node]);
  }
  const linkIns = () => nodes.filter(({ type }) => type === "link in").map(({ id }) => id);

  const taken = new Set<string>();
  const open: NodeDef[] = [];
  const take = (node: NodeDef | undefined) => {
    if (!node || taken.has(node.id)) return;
    taken.add(node.id);
    open.push(node);
  };
  /** A tab or a subflow with all that is in it. */
  const takeAll = (id: string | undefined) => {
    const container = id === undefined ? undefined : byId.get(id);
    if (container?.type !== "tab" && container?.type !== "subflow") return;
    if (taken.has(container.id)) return;
    take(container);
    for (const node of inside.get(container.id) ?? []) take(node);
  };

  takeAll(tabId);
  for (const node of nodes) if (node.type === "global-config") take(node);
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type.startsWith(SUBFLOW)) takeAll(node.type.slice(SUBFLOW.length));
    for (const target of linkTargets(node, linkIns)) takeAll(byId.get(target)?.z);
    for (const id of configReferences(node)) {
      const named = byId.get(id);
      if (named && isConfigNode(named)) take(named);
    }
  }
  return nodes.filter(({ id }) => taken.has(id));
}

/**
 * A flow as the engine takes it. `nodes`: the whole document of a revision; `credentials`: the document's, decrypted
 * (see `decryptCredentials`); only those of the flow's own nodes go along.
 */
export function flowGraph(
  nodes: readonly NodeDef[],
  tabId: string,
  credentials: Readonly<Record<string, Record<string, unknown>>> = {},
): Graph {
  const own = flowNodes(nodes, tabId);
  const held = Object.fromEntries(
    own.flatMap(({ id }) => (Object.hasOwn(credentials, id) && credentials[id] ? [[id, credentials[id]]] : [])),
  );
  const key = createHash("sha256")
    .update(JSON.stringify([tabId, own, held]))
    .digest("hex");
  return { key, nodes: own, credentials: held };
}
