import type { NodeDef } from "#server/engine/contract.ts";

/**
 * How instances of a type are kept:
 * - `shared`: one for all runs of a plan; the module keeps nothing between messages.
 * - `run`: one for each run; the module keeps things between messages that say nothing of earlier messages, or that belong
 *   to messages at work.
 * - `stateful`: one for each run, and what it does depends on the messages before. It works on one thing at a time, in
 *   logical time, and is rebuilt by feeding it the recorded messages again.
 */
export type Keeping = "shared" | "run" | "stateful";

/**
 * What acts outside the engine, and how that is made durable. `brokered`: by host.call, which sees to it. `direct`: the
 * node does it itself, so the engine commits before and after.
 */
export type Effect = "none" | "brokered" | "direct";

export interface NodeType {
  /** Module below `core` of @node-red/nodes; undefined: the engine's own, or an override. */
  module?: string;
  keeping: Keeping | ((def: NodeDef) => Keeping);
  effect?: Effect;
  /**
   * `done` is not called for every message: an open one does not keep a run alive. `collects`: it waits for further
   * messages, and what it still has at the end is dropped. `forgets`: the module leaves it out on some ways.
   */
  open?: "collects" | "forgets";
  /** Node-RED's own handler takes no `done`, so no complete node hears of it. */
  quiet?: boolean;
  /** Properties that mean nothing here and are left out. */
  without?: string[];
  /** Instances are not built: they serve the editor or the plan only. */
  inert?: boolean;
}

const shared = (module: string): NodeType => ({ module, keeping: "shared" });
const collects = (module: string, keeping: NodeType["keeping"] = "stateful"): NodeType => ({
  module,
  keeping,
  open: "collects",
});

/** A switch waits for whole sequences only to repair them or to count from their end (needsCount in 10-switch.js). */
function switchKeeping(def: NodeDef): Keeping {
  const rules = Array.isArray(def["rules"]) ? (def["rules"] as { t?: string; vt?: string; v2t?: string }[]) : [];
  const remembers = rules.some((rule) => rule.vt === "prev" || rule.v2t === "prev");
  const collecting = def["repair"] === true || rules.some((rule) => rule.t === "tail");
  return remembers || collecting ? "stateful" : "run";
}

/** Every type that the engine executes. What is not here or in a package's list is for pods. */
export const NODE_TYPES: Record<string, NodeType> = {
  // common
  // when a run starts is decided outside: the node's own clock would start runs of nobody
  inject: { ...shared("common/20-inject.js"), without: ["repeat", "crontab", "once"] },
  debug: {
    module: "common/21-debug.js",
    // its counter and last status are per instance
    keeping: (def) => (def["tostatus"] === true ? "run" : "shared"),
    open: "forgets", // an invalid expression is reported without done
  },
  complete: shared("common/24-complete.js"),
  catch: shared("common/25-catch.js"),
  status: shared("common/25-status.js"),
  "link in": shared("common/60-link.js"),
  "link out": shared("common/60-link.js"),
  // keeps the messages that it waits for; gives none back when its target is missing
  "link call": { module: "common/60-link.js", keeping: "run", open: "collects" },
  junction: shared("common/05-junction.js"),
  comment: { keeping: "shared", inert: true },
  "global-config": { keeping: "shared", inert: true },
  // function
  function: { keeping: "shared" },
  switch: { module: "function/10-switch.js", keeping: switchKeeping, open: "collects", quiet: true },
  // an expression that fails is reported without done
  change: { ...shared("function/15-change.js"), open: "forgets" },
  range: shared("function/16-range.js"),
  template: shared("function/80-template.js"),
  delay: { module: "function/89-delay.js", keeping: "stateful" },
  trigger: { module: "function/89-trigger.js", keeping: "stateful" },
  rbe: { module: "function/rbe.js", keeping: "stateful", quiet: true },
  // sequence
  split: {
    module: "sequence/17-split.js",
    // the rest of a string or buffer waits for the next message, also without the stream option
    keeping: "stateful",
    open: "forgets",
  },
  join: collects("sequence/17-split.js"),
  sort: collects("sequence/18-sort.js"),
  batch: collects("sequence/19-batch.js"),
  // parser
  csv: { module: "parsers/70-CSV.js", keeping: "stateful", open: "forgets" },
  html: shared("parsers/70-HTML.js"),
  json: shared("parsers/70-JSON.js"),
  xml: shared("parsers/70-XML.js"),
  yaml: shared("parsers/70-YAML.js"),
  // network
  "http in": { keeping: "shared" },
  "http response": { keeping: "shared", effect: "brokered" },
  // keeps the redirects of the request at work
  "http request": { module: "network/21-httprequest.js", keeping: "run", effect: "direct" },
  "tls-config": shared("network/05-tls.js"),
  "http proxy": shared("network/06-httpproxy.js"),
  // made when a flow is planned
  "subflow-status": { keeping: "shared" },
};

/** Official types that need what a runner does not have: they run in a pod. */
export const POD_ONLY = new Set([
  "exec",
  "file",
  "file in",
  "watch",
  "tail",
  "tcp in",
  "tcp out",
  "tcp request",
  "udp in",
  "udp out",
  "mqtt in",
  "mqtt out",
  "mqtt-broker",
  "websocket in",
  "websocket out",
  "websocket-listener",
  "websocket-client",
]);

/** The OSF nodes that differ from `shared, brokered`. */
export const PACKAGE_TYPES: Record<string, NodeType> = {
  // collects messages from several nodes
  "osf-context": { keeping: "stateful", effect: "brokered", open: "collects" },
  "osf-http": { keeping: "shared", effect: "direct" },
};

export const packageType = (type: string): NodeType => PACKAGE_TYPES[type] ?? { keeping: "shared", effect: "brokered" };

export function keepingOf(type: NodeType, def: NodeDef): Keeping {
  return typeof type.keeping === "function" ? type.keeping(def) : type.keeping;
}
