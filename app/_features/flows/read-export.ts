import type { FlowNode } from "#server/features/flows/schema.ts";

/** A tab of an export, with what it needs: one flow. */
export interface ExportedTab {
  id: string;
  label: string;
  nodes: FlowNode[];
  /** Nodes that one sees on it. */
  count: number;
  subflows: number;
}

export type ExportProblem = "notJson" | "notFlow";

const isNode = (value: unknown): value is FlowNode =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { id?: unknown }).id === "string" &&
  typeof (value as { type?: unknown }).type === "string";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Reads what Node-RED exports: a list of nodes, or `{flows: […]}` of its API. Nodes that lie on no tab make one. */
export function readExport(json: string): { tabs: ExportedTab[] } | { problem: ExportProblem } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { problem: "notJson" };
  }
  const list = Array.isArray(parsed) ? parsed : ((parsed as { flows?: unknown } | null)?.flows ?? null);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isNode)) return { problem: "notFlow" };
  const nodes: FlowNode[] = list;

  const tabs = nodes.filter(({ type }) => type === "tab");
  if (tabs.length === 0) return { tabs: [tabOf({ id: "", label: "", nodes })] };
  const found = tabs.map((tab) => {
    const others = new Set(tabs.filter(({ id }) => id !== tab.id).map(({ id }) => id));
    // subflows and configuration are for all tabs
    const own = nodes.filter((node) => !others.has(node.id) && !others.has(node.z ?? ""));
    return tabOf({ id: tab.id, label: text(tab["label"]) || text(tab.name), nodes: own });
  });
  return { tabs: found };
}

function tabOf({ id, label, nodes }: Pick<ExportedTab, "id" | "label" | "nodes">): ExportedTab {
  const seen = nodes.filter(({ z, type, wires }) => type !== "tab" && Array.isArray(wires) && (id === "" || z === id));
  return { id, label, nodes, count: seen.length, subflows: nodes.filter(({ type }) => type === "subflow").length };
}
