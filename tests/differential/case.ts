/** A node of Node-RED's flow JSON, on the tab `t` unless it says otherwise. */
export interface TestNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/**
 * A small flow and what goes into it. What arrives at the nodes whose id begins with `out` is compared: per node, in
 * order, without `_msgid` where it is not what the case is about.
 */
export interface Case {
  name: string;
  nodes: TestNode[];
  /** What the node `in` gets; undefined: it is an inject node whose button is pressed. */
  message: Record<string, unknown> | undefined;
  /** Milliseconds without any delivery after which stock Node-RED is held to be finished. */
  quietMs: number;
  /** Addresses in it are those of the case's own web server. */
  usesServer: boolean;
  /** Keep `_msgid`, which is left out of the comparison otherwise. */
  ids: boolean;
  /** Why the engine differs on purpose: the case then demands that it does. */
  differs?: string;
}

type Options = Partial<Pick<Case, "quietMs" | "usesServer" | "ids" | "differs">>;

export const TAB: TestNode = { id: "t", type: "tab", label: "Tab", disabled: false, info: "", env: [] };

export function flow(
  name: string,
  message: Record<string, unknown> | undefined,
  nodes: TestNode[],
  options: Options = {},
): Case {
  const withTab = nodes.some(({ type }) => type === "tab") ? nodes : [TAB, ...nodes];
  return { name, nodes: withTab, message, quietMs: 60, usesServer: false, ids: false, ...options };
}

let places = 0;
/** A node with a place in the editor, which is what tells it from a configuration node. */
export const node = (
  id: string,
  type: string,
  properties: Record<string, unknown> = {},
  ...wires: string[][]
): TestNode => ({ id, type, z: "t", x: 100 + (++places % 50) * 10, y: 100, wires, ...properties });

export const fn = (id: string, func: string, ...wires: string[][]): TestNode =>
  node(id, "function", { func, outputs: Math.max(wires.length, 1), libs: [] }, ...wires);

/** Where messages are looked at. */
export const out = (id = "out", properties: Record<string, unknown> = {}): TestNode =>
  node(id, "debug", { active: false, tosidebar: false, complete: "true", ...properties });

/** The same in another flow or subflow. */
export const inside = (z: string, nodes: TestNode[]): TestNode[] => nodes.map((one) => ({ ...one, z }));
