import type { NodeDef } from "#server/engine/contract.ts";
import { randomToken } from "#server/kernel/crypto.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Credentials } from "./credentials.ts";
import { isConfigNode, SUBFLOW } from "./graph.ts";
import { layOut } from "./lay-out.ts";
import { ENGINE_TYPES } from "./node-types.ts";

export interface ImportedFlow {
  /** All nodes of the import, with a tab, ready to be added to the document. */
  nodes: NodeDef[];
  /** The first tab. */
  tabId: string;
  /** What nodes had in `credentials`: kept apart from the flow. */
  credentials: Credentials;
}

const newNodeId = () => randomToken(8); // as long as Node-RED's own
const record = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Takes nodes in any of Node-RED's export shapes: whole tabs, a selection of nodes without their tab, with groups,
 * subflows and configuration nodes. `taken`: ids that the document has already; nodes with such an id get another one,
 * and so does whatever points to them. `home`: the tab for nodes that came without theirs; a new one without it. Throws
 * `invalid` for an id that is there twice.
 */
export function importNodes(given: readonly NodeDef[], taken: ReadonlySet<string>, home?: NodeDef): ImportedFlow {
  checkIds(given);
  const { nodes: apart, credentials } = withoutCredentials(given);
  const placed = ontoTab(apart, home);
  const first = placed.find(({ type }) => type === "tab")?.id ?? "";
  const ids = new Map(placed.flatMap(({ id }) => (taken.has(id) ? [[id, newNodeId()] as const] : [])));
  return {
    nodes: layOut(renamed(placed, ids)),
    tabId: ids.get(first) ?? first,
    credentials: Object.fromEntries(Object.entries(credentials).map(([id, held]) => [ids.get(id) ?? id, held])),
  };
}

/** Passwords and such, taken out of nodes that came with them. */
function withoutCredentials(given: readonly NodeDef[]): { nodes: NodeDef[]; credentials: Credentials } {
  const credentials: Credentials = {};
  const nodes = given.map(({ credentials: own, ...node }): NodeDef => {
    if (record(own) && Object.keys(own).length > 0) credentials[node.id] = own;
    return node;
  });
  return { nodes, credentials };
}

function checkIds(nodes: readonly NodeDef[]): void {
  const seen = new Set<string>();
  for (const [i, { id }] of nodes.entries()) {
    if (seen.has(id))
      throw new AppError("invalid", "flow.duplicate-id", `The id ${id.slice(0, 60)} is used by more than one node`, {
        fields: [{ path: `nodes[${i}].id`, message: "Is used by another node, too" }],
      });
    seen.add(id);
  }
}

/** Whether a node without a container belongs onto a tab, rather than among the configuration nodes. */
function standsInFlow(node: NodeDef, wired: ReadonlySet<string>): boolean {
  const place = Object.hasOwn(ENGINE_TYPES, node.type) ? ENGINE_TYPES[node.type] : undefined;
  if (place !== undefined) return place !== "config";
  return node.type === "group" || node.type.startsWith(SUBFLOW) || wired.has(node.id) || !isConfigNode(node);
}

/** Nodes whose tab is not among them are put onto `home`, or onto a new one. */
function ontoTab(nodes: readonly NodeDef[], home: NodeDef | undefined): NodeDef[] {
  const containers = new Set(nodes.filter(({ type }) => type === "tab" || type === "subflow").map(({ id }) => id));
  const wired = new Set(nodes.flatMap(({ wires }) => (wires ?? []).flat()));
  const homeless = (node: NodeDef) =>
    node.type !== "tab" && node.type !== "subflow" && !(node.z && containers.has(node.z));
  const hasTab = nodes.some(({ type }) => type === "tab");
  const tab = home ?? newTab(new Set(nodes.map(({ id }) => id)), hasTab ? "Imported" : "");
  const placed = nodes.map((node): NodeDef => {
    if (!homeless(node)) return node;
    if (standsInFlow(node, wired)) return { ...node, z: tab.id };
    const { z: _, ...global } = node; // scoped to a tab that did not come along
    return global;
  });
  if (containers.has(tab.id)) return placed;
  // An import with tabs of its own keeps its first one first; strays are a tab behind it.
  if (hasTab) return placed.some(({ z }) => z === tab.id) ? [...placed, tab] : placed;
  return [tab, ...placed];
}

function newTab(ids: ReadonlySet<string>, label: string): NodeDef {
  let id = newNodeId();
  while (ids.has(id)) id = newNodeId();
  return { id, type: "tab", label, disabled: false, info: "", env: [] };
}

const swap = (value: unknown, ids: ReadonlyMap<string, string>): unknown =>
  typeof value === "string" ? (ids.get(value) ?? value) : value;
const swapAll = (value: unknown, ids: ReadonlyMap<string, string>): unknown =>
  Array.isArray(value) ? value.map((item) => (Array.isArray(item) ? swapAll(item, ids) : swap(item, ids))) : value;

/** In a subflow's `in`, `out` and `status`: `{wires: [{id, port?}]}`. */
const swapEnds = (value: unknown, ids: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((end) => swapEnds(end, ids));
  if (!record(value)) return value;
  const wires = Array.isArray(value.wires)
    ? value.wires.map((wire: unknown) => (record(wire) ? { ...wire, id: swap(wire.id, ids) } : wire))
    : value.wires;
  return { ...value, wires };
};

/** Environment of tabs, groups and subflows may name configuration nodes. */
const swapEnvironment = (value: unknown, ids: ReadonlyMap<string, string>): unknown =>
  Array.isArray(value)
    ? value.map((entry: unknown) =>
        record(entry) && entry.type === "conf-type" ? { ...entry, value: swap(entry.value, ids) } : entry,
      )
    : value;

const LISTS = new Set(["wires", "links", "scope", "nodes"]);
const ENDS = new Set(["in", "out", "status"]);
const TEXTS = new Set(["name", "label", "info", "func", "template", "code", "payload", "topic", "category"]);

/** Gives nodes their new ids wherever one is named: wires, containers, groups, links, scopes, configurations, subflows. */
function renamed(nodes: readonly NodeDef[], ids: ReadonlyMap<string, string>): NodeDef[] {
  if (ids.size === 0) return [...nodes];
  // A plain property names configuration nodes only: any other text that equals an id does so by chance.
  const configs = new Map([...ids].filter(([old]) => nodes.some((node) => node.id === old && isConfigNode(node))));
  const property = (node: NodeDef, name: string, value: unknown): unknown => {
    if (name === "id" || name === "z" || name === "g") return swap(value, ids);
    if (LISTS.has(name)) return swapAll(value, ids);
    if (name === "env") return swapEnvironment(value, configs);
    if (node.type === "subflow" && ENDS.has(name)) return swapEnds(value, ids);
    if (name === "type" && typeof value === "string" && value.startsWith(SUBFLOW))
      return `${SUBFLOW}${swap(value.slice(SUBFLOW.length), ids) as string}`; // swap of a text is a text
    return name === "type" || TEXTS.has(name) ? value : swap(value, configs);
  };
  return nodes.map(
    (node) =>
      Object.fromEntries(
        Object.entries(node).map(([name, value]) => [name, property(node, name, value)]),
      ) as unknown as NodeDef, // the same properties
  );
}
