import type { NodeColour } from "#app/_ui/theme/node-colours.ts";

/** A drawing for each family of nodes; `graph-icons.tsx` has it. */
export type NodeIcon =
  | "inject" | "debug" | "alert" | "status" | "linkIn" | "linkOut" | "linkCall" | "comment" | "function" | "switch"
  | "change" | "range" | "template" | "timer" | "trigger" | "filter" | "exec" | "split" | "join" | "sort" | "batch"
  | "csv" | "html" | "json" | "xml" | "yaml" | "web" | "bridge" | "file" | "watch" | "subflow" | "unknown" | "code"
  | "prompt" | "model" | "context" | "decision" | "parser" | "flow" | "agent" | "person" | "tool"; // prettier-ignore

export interface NodeKind {
  colour: NodeColour;
  icon: NodeIcon;
  /** Whether a wire can end at it. */
  inputs: 0 | 1;
  /** Icon and label stand at the right, as of nodes that end a branch. */
  right?: true;
  /** The editor draws a button at its side, which counts for the borders of groups. */
  button?: true;
  /** Drawn as a square without its label unless it says otherwise. */
  square?: true;
}

const kind = (colour: NodeColour, icon: NodeIcon, inputs: 0 | 1, more: Partial<NodeKind> = {}): NodeKind => ({
  colour,
  icon,
  inputs,
  ...more,
});
const right = { right: true } as const;

/** How Node-RED's own nodes and ours look. Source: `registerType` of each in @node-red/nodes 5 and node-red-contrib-osf. */
const KINDS: Record<string, NodeKind> = {
  inject: kind("inject", "inject", 0, { button: true }),
  debug: kind("debug", "debug", 1, { right: true, button: true }),
  complete: kind("complete", "alert", 0),
  catch: kind("catch", "alert", 0),
  status: kind("status", "status", 0),
  "link in": kind("link", "linkIn", 0, { square: true }),
  "link out": kind("link", "linkOut", 1, { square: true, right: true }),
  "link call": kind("link", "linkCall", 1),
  comment: kind("comment", "comment", 0),
  function: kind("function", "function", 1),
  switch: kind("logic", "switch", 1),
  change: kind("logic", "change", 1),
  range: kind("logic", "range", 1),
  rbe: kind("logic", "filter", 1),
  template: kind("template", "template", 1),
  delay: kind("time", "timer", 1),
  trigger: kind("time", "trigger", 1),
  exec: kind("exec", "exec", 1),
  split: kind("logic", "split", 1),
  join: kind("logic", "join", 1),
  sort: kind("logic", "sort", 1),
  batch: kind("logic", "batch", 1),
  csv: kind("parser", "csv", 1),
  html: kind("parser", "html", 1),
  json: kind("parser", "json", 1),
  xml: kind("parser", "xml", 1),
  yaml: kind("parser", "yaml", 1),
  "http in": kind("http", "web", 0),
  "http response": kind("http", "web", 1, right),
  "http request": kind("http", "web", 1),
  "websocket in": kind("socket", "web", 0),
  "websocket out": kind("socket", "web", 1, right),
  "mqtt in": kind("mqtt", "bridge", 0),
  "mqtt out": kind("mqtt", "bridge", 1, right),
  "tcp in": kind("network", "bridge", 0),
  "tcp out": kind("network", "bridge", 1, right),
  "tcp request": kind("network", "bridge", 1),
  "udp in": kind("network", "bridge", 0),
  "udp out": kind("network", "bridge", 1, right),
  file: kind("storage", "file", 1),
  "file in": kind("storage", "file", 1),
  watch: kind("storage", "watch", 0),
  "osf-ts": kind("osfSystem", "code", 1),
  "osf-prompt": kind("osfModel", "prompt", 1),
  "osf-prompt-tpl": kind("osfLogic", "prompt", 1),
  "osf-llm": kind("osfModel", "model", 1),
  "osf-context": kind("osfLogic", "context", 1),
  "osf-decision": kind("osfLogic", "decision", 1),
  "osf-output-parser": kind("osfLogic", "parser", 1),
  "osf-http": kind("osfSystem", "web", 1),
  "osf-sub-flow": kind("osfLogic", "flow", 1),
  "osf-agent": kind("osfModel", "agent", 1),
  "osf-human-input": kind("osfPerson", "person", 1),
  "osf-mcp-erp": kind("osfSystem", "tool", 1),
  "osf-mcp-fertigung": kind("osfSystem", "tool", 1),
  "osf-mcp-qms": kind("osfSystem", "tool", 1),
  "osf-mcp-tms": kind("osfSystem", "tool", 1),
  "mcp-tool": kind("osfSystem", "tool", 1),
};

const UNKNOWN_SOURCE = kind("unknown", "unknown", 0);
const UNKNOWN = kind("unknown", "unknown", 1);

/** `wired`: whether a wire ends at a node of it, which is all that is known of a type that is not in the table. */
export function nodeKind(type: string, wired = true): NodeKind {
  if (type.startsWith("subflow:")) return kind("subflow", "subflow", wired ? 1 : 0);
  return KINDS[type] ?? (wired ? UNKNOWN : UNKNOWN_SOURCE);
}

/** The id of the subflow that an instance is of; undefined: it is an ordinary node. */
export const subflowOf = (type: string): string | undefined =>
  type.startsWith("subflow:") ? type.slice("subflow:".length) : undefined;
