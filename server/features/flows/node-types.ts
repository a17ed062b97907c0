/**
 * What validation knows of node types. That these are the types the engine has is held by node-types.test.ts, which
 * compares with the engine's own table: this one is loaded by the web process, which has no engine.
 */
export type Place = "source" | "flow" | "sink" | "config" | "note";

/** Types that the engine executes → where they stand in a flow. `source`: has no input; `sink`: has no output. */
export const ENGINE_TYPES: Readonly<Record<string, Place>> = {
  inject: "source",
  "http in": "source",
  catch: "source",
  status: "source",
  complete: "source",
  "link in": "source",
  "link out": "sink",
  "link call": "flow",
  debug: "sink",
  comment: "note",
  junction: "flow",
  "global-config": "config",
  function: "flow",
  switch: "flow",
  change: "flow",
  range: "flow",
  template: "flow",
  delay: "flow",
  trigger: "flow",
  rbe: "flow",
  split: "flow",
  join: "flow",
  sort: "flow",
  batch: "flow",
  csv: "flow",
  html: "flow",
  json: "flow",
  xml: "flow",
  yaml: "flow",
  "http response": "sink",
  "http request": "flow",
  "tls-config": "config",
  "http proxy": "config",
  "osf-ts": "flow",
  "osf-prompt": "flow",
  "osf-prompt-tpl": "flow",
  "osf-llm": "flow",
  "osf-context": "flow",
  "osf-decision": "flow",
  "osf-output-parser": "flow",
  "osf-http": "flow",
  "osf-sub-flow": "flow",
  "osf-agent": "flow",
  "osf-human-input": "flow",
  "osf-mcp-erp": "flow",
  "osf-mcp-fertigung": "flow",
  "osf-mcp-qms": "flow",
  "osf-mcp-tms": "flow",
  "mcp-tool": "flow",
};

/** Core types that need a process of one's own → what they do there. */
export const POD_ONLY: Readonly<Record<string, string>> = {
  exec: "starts programs",
  file: "writes files",
  "file in": "reads files",
  watch: "watches files",
  tail: "reads files",
  "tcp in": "listens for connections",
  "tcp out": "opens connections",
  "tcp request": "opens connections",
  "udp in": "listens for packets",
  "udp out": "sends packets",
  "mqtt in": "stays connected to a broker",
  "mqtt out": "stays connected to a broker",
  "mqtt-broker": "stays connected to a broker",
  "websocket in": "keeps connections open",
  "websocket out": "keeps connections open",
  "websocket-listener": "keeps connections open",
  "websocket-client": "keeps connections open",
};

/** Where a type has no meaning for the engine, only for the editor. */
export const DRAWN_ONLY: ReadonlySet<string> = new Set(["tab", "group", "subflow"]);

/** Nodes that hold a message back for a while, so that a circle through them is no endless loop. */
export const PAUSES: ReadonlySet<string> = new Set(["delay", "trigger", "batch", "osf-human-input", "http request"]);

/** Nodes that send on whatever they get: a circle of nothing else has no end. */
export const ALWAYS_SENDS: ReadonlySet<string> = new Set([
  "change",
  "template",
  "range",
  "junction",
  "link in",
  "link out",
  "json",
  "xml",
  "yaml",
]);

/** Types that call a model: a start is refused while the model's queue is full. */
const MODEL_TYPES: ReadonlySet<string> = new Set(["osf-llm", "osf-agent", "osf-prompt"]);

/** The server that an `osf-mcp-*` node is bound to; undefined: none. */
export const serverOf = (type: string): string | undefined =>
  type.startsWith("osf-mcp-") ? type.slice("osf-mcp-".length) : undefined;

/** Whether a node needs a model each time it runs. */
export const usesModel = ({ type, mode }: { type: string; [property: string]: unknown }): boolean =>
  MODEL_TYPES.has(type) || (type === "osf-decision" && mode === "question");
