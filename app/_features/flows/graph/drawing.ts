import type { FlowNode } from "#server/features/flows/schema.ts";
import { nodeKind, subflowOf, type NodeKind } from "./node-kind.ts";
import { labelLines, nodeLabel } from "./node-label.ts";
import { placeMissing } from "./place-missing.ts";
import type { Point } from "./wire-path.ts";

/** Of the editor, in its pixels. Source: `view.js` of @node-red/editor-client 5. */
const NODE_WIDTH = 100;
const NODE_HEIGHT = 30;
const GRID = 20;
const LINE = 24;
const PORT_GAP = 13;
const ENTRY = 40;
const JUNCTION = 10;
const GROUP_MARGIN = 26;
const BUTTON = 20;

export interface DrawnNode {
  id: string;
  /** Its id in a run: within a subflow the instances around it stand before it. */
  key: string;
  type: string;
  /** `entry`: where messages come into or leave a subflow. */
  form: "node" | "junction" | "entry";
  kind: NodeKind;
  label: string;
  lines: string[];
  /** Only the icon is drawn. */
  bare: boolean;
  /** Left upper corner. */
  x: number;
  y: number;
  width: number;
  height: number;
  inputs: 0 | 1;
  outputs: number;
  outputLabels: string[];
  disabled: boolean;
  /** Id of the subflow that it is an instance of. */
  subflow: string | null;
  /** What its author wrote about it. */
  info: string;
}

export interface DrawnWire {
  id: string;
  from: string;
  port: number;
  to: string;
  start: Point;
  end: Point;
}

export interface DrawnGroup {
  id: string;
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** As set in the editor. */
  stroke: string | null;
  fill: string | null;
}

export interface Drawing {
  nodes: DrawnNode[];
  wires: DrawnWire[];
  groups: DrawnGroup[];
}

/** Pixels that a label takes in the editor's type. */
export type MeasureText = (text: string) => number;

export const entryIn = (n: number) => `in:${n}`;
export const entryOut = (n: number) => `out:${n}`;
const STATUS_ENTRY = "out:status";

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const string = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** What a node is in a run. `path`: ids of the instances around it, the outermost first. */
export const runKey = (path: readonly string[], id: string): string => [...path, id].join("-");

/**
 * A tab (or a subflow from the inside) as the editor draws it: sizes of nodes by their labels, places of ports, wires,
 * groups. Nodes that were never placed are laid out from left to right.
 */
export function drawFlow(
  all: readonly FlowNode[],
  container: string,
  measure: MeasureText,
  path: readonly string[] = [],
): Drawing {
  const subflows = new Map(all.filter(({ type }) => type === "subflow").map((node) => [node.id, node]));
  const inside = all.filter((node) => node.z === container && node.type !== "tab" && node.type !== "group");
  const visible = inside.filter((node) => Array.isArray(node.wires) || number(node["x"]) !== undefined);
  const wired = new Set(visible.flatMap(({ wires }) => (wires ?? []).flat()));
  const subflow = subflows.get(container);
  for (const id of portsOf(subflow, "in").flatMap(({ wires }) => wires.map((wire) => wire.id))) wired.add(id);

  const places = placeMissing(visible);
  const nodes = visible.map((node) => drawNode(node, places.get(node.id), wired.has(node.id), measure, subflows, path));
  if (subflow) nodes.push(...entriesOf(subflow, path));
  const byId = new Map(nodes.map((node) => [node.id, node]));

  const wires: DrawnWire[] = [];
  const connect = (from: string, port: number, to: string) => {
    const source = byId.get(from);
    const target = byId.get(to);
    if (!source || !target) return;
    const start = outputAt(source, port);
    wires.push({ id: `${from}/${port}/${to}`, from, port, to, start, end: inputAt(target) });
  };
  for (const { id, wires: outputs } of visible)
    for (const [port, targets] of (outputs ?? []).entries()) for (const to of targets) connect(id, port, to);
  for (const [n, entry] of portsOf(subflow, "in").entries())
    for (const { id } of entry.wires) connect(entryIn(n), 0, id);
  for (const [n, exit] of portsOf(subflow, "out").entries())
    for (const { id, port } of exit.wires) connect(id, port, entryOut(n));
  for (const { id, port } of statusOf(subflow)?.wires ?? []) connect(id, port, STATUS_ENTRY);

  return { nodes, wires, groups: groupsOf(all, container, byId) };
}

function drawNode(
  node: FlowNode,
  place: Point | undefined,
  wired: boolean,
  measure: MeasureText,
  subflows: ReadonlyMap<string, FlowNode>,
  path: readonly string[],
): DrawnNode {
  const subflow = subflowOf(node.type) ?? null;
  const template = subflow === null ? undefined : subflows.get(subflow);
  const kind = nodeKind(node.type, template ? portsOf(template, "in").length > 0 : wired);
  const label = nodeLabel(node, subflow === null ? undefined : (template?.name ?? ""));
  const lines = labelLines(label);
  const outputs = (node.wires ?? []).length;
  const junction = node.type === "junction";
  const bare = typeof node["l"] === "boolean" ? !node["l"] : kind.square === true;
  const { width, height } = junction ? { width: JUNCTION, height: JUNCTION } : sizeOf();
  const at = place ?? { x: 0, y: 0 };
  return {
    id: node.id,
    key: runKey(path, node.id),
    type: node.type,
    form: junction ? "junction" : "node",
    kind,
    label: junction ? "junction" : label,
    lines,
    bare,
    x: at.x - width / 2,
    y: at.y - height / 2,
    width,
    height,
    inputs: junction ? 1 : kind.inputs,
    outputs,
    outputLabels: outputNames(node),
    disabled: node["d"] === true,
    subflow,
    info: string(node["info"]) ?? "",
  };

  function sizeOf() {
    const ports = outputs * 15;
    if (bare) return { width: NODE_HEIGHT, height: Math.max(NODE_HEIGHT, ports) };
    const longest = Math.max(...lines.map(measure));
    const wanted = GRID * Math.ceil((longest + 50 + (kind.inputs > 0 ? 7 : 0)) / GRID);
    return { width: Math.max(NODE_WIDTH, wanted), height: Math.max(6 + LINE * lines.length, ports, NODE_HEIGHT) };
  }
}

/** Names of outputs: written by the author, or those of the answers that a person can give. */
function outputNames(node: FlowNode): string[] {
  for (const property of ["outputLabels", "options", "rules", "labels"]) {
    const given = node[property];
    if (!Array.isArray(given) || (property === "rules" && !node.type.startsWith("osf-"))) continue;
    return given.map((one: unknown) => {
      const { label, value } = (typeof one === "object" && one !== null ? one : {}) as Record<string, unknown>; // read as unknown
      return string(one) ?? string(label) ?? string(value) ?? "";
    });
  }
  return [];
}

interface Port {
  x: number;
  y: number;
  wires: { id: string; port: number }[];
}

const asPort = (value: unknown): Port => {
  const { x, y, wires } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>; // read as unknown
  return {
    x: number(x) ?? 0,
    y: number(y) ?? 0,
    wires: (Array.isArray(wires) ? wires : []).flatMap((wire: unknown) => {
      const { id, port } = (typeof wire === "object" && wire !== null ? wire : {}) as Record<string, unknown>; // read as unknown
      return typeof id === "string" ? [{ id, port: number(port) ?? 0 }] : [];
    }),
  };
};
/** Where messages enter or leave a subflow, with the nodes inside that they go to or come from. */
export function portsOf(subflow: FlowNode | undefined, side: "in" | "out"): Port[] {
  const given = subflow?.[side];
  return Array.isArray(given) ? given.map(asPort) : [];
}
const statusOf = (subflow: FlowNode | undefined) => (subflow?.["status"] ? asPort(subflow["status"]) : undefined);

function entriesOf(subflow: FlowNode, path: readonly string[]): DrawnNode[] {
  const entry = (id: string, port: Port, label: string, inputs: 0 | 1): DrawnNode => ({
    id,
    key: runKey(path, id),
    type: "entry",
    form: "entry",
    kind: nodeKind("subflow:"),
    label,
    lines: [label],
    bare: false,
    x: port.x - ENTRY / 2,
    y: port.y - ENTRY / 2,
    width: ENTRY,
    height: ENTRY,
    inputs,
    outputs: 1 - inputs,
    outputLabels: [],
    disabled: false,
    subflow: null,
    info: "",
  });
  const status = statusOf(subflow);
  return [
    ...portsOf(subflow, "in").map((port, n) => entry(entryIn(n), port, "in", 0)),
    ...portsOf(subflow, "out").map((port, n) => entry(entryOut(n), port, String(n + 1), 1)),
    ...(status ? [entry(STATUS_ENTRY, status, "status", 1)] : []),
  ];
}

/** The middle of an output's port. */
export const outputAt = ({ x, y, width, height, outputs }: DrawnNode, port: number): Point => ({
  x: x + width,
  y: y + height / 2 - ((outputs - 1) / 2) * PORT_GAP + PORT_GAP * port,
});

export const inputAt = ({ x, y, height }: DrawnNode): Point => ({ x, y: y + height / 2 });

function groupsOf(all: readonly FlowNode[], container: string, nodes: ReadonlyMap<string, DrawnNode>): DrawnGroup[] {
  const found = all.filter(({ type, z }) => type === "group" && z === container);
  const known = new Map(found.map((group) => [group.id, group]));
  const done = new Map<string, DrawnGroup>();
  const draw = (group: FlowNode, within: readonly string[]): DrawnGroup | undefined => {
    const finished = done.get(group.id);
    if (finished) return finished;
    const members = (Array.isArray(group["nodes"]) ? group["nodes"] : []).flatMap((id: unknown) => {
      const inner = typeof id === "string" && !within.includes(id) ? known.get(id) : undefined;
      if (inner) return draw(inner, [...within, group.id]) ?? [];
      const node = nodes.get(String(id));
      if (!node) return [];
      const button = node.kind.button ? BUTTON : 0;
      return { ...node, x: node.x - (node.kind.right ? 0 : button), width: node.width + button };
    });
    const style = (typeof group["style"] === "object" && group["style"] !== null ? group["style"] : {}) as Record<
      string,
      unknown
    >; // read as unknown
    const bounds = given(group) ?? around(members);
    if (!bounds) return undefined;
    const drawn = {
      id: group.id,
      name: style["label"] === false ? "" : (group.name ?? ""),
      ...bounds,
      stroke: colour(style["stroke"]),
      fill: colour(style["fill"]),
    };
    done.set(group.id, drawn);
    return drawn;
  };
  // the outer ones first, so that the inner ones lie upon them
  return found
    .flatMap((group) => draw(group, [group.id]) ?? [])
    .sort((a, b) => b.width * b.height - a.width * a.height);
}

type Box = Pick<DrawnGroup, "x" | "y" | "width" | "height">;

function given(group: FlowNode): Box | undefined {
  const [x, y, w, h] = ["x", "y", "w", "h"].map((side) => number(group[side]));
  return x === undefined || y === undefined || !w || !h ? undefined : { x, y, width: w, height: h };
}

function around(boxes: Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  const x = Math.min(...boxes.map((box) => box.x)) - GROUP_MARGIN;
  const y = Math.min(...boxes.map((box) => box.y)) - GROUP_MARGIN;
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) + GROUP_MARGIN - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) + GROUP_MARGIN - y,
  };
}

/** A colour as the editor's picker writes it; anything else could be any style. */
const colour = (value: unknown): string | null =>
  typeof value === "string" && /^#[\da-f]{3,8}$/i.test(value) ? value : null;
