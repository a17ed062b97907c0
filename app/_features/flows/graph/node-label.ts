import type { FlowNode } from "#server/features/flows/schema.ts";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const MOMENT: Record<string, string> = { ms: "ms", milliseconds: "ms", s: "s", seconds: "s", m: "m", minutes: "m" };

/** What each node shows while nobody gave it a name, as in the editor. Source: `label` of each `registerType`. */
const DEFAULTS: Record<string, (node: FlowNode) => string> = {
  inject(node) {
    const topic = text(node["topic"]);
    const payload = text(node["payload"]);
    const kind = text(node["payloadType"]);
    if (kind === "date" || kind === "" || payload === "") return topic ? `${topic}:timestamp` : "timestamp";
    const shown = kind === "json" && payload.length > 24 ? "{…}" : payload;
    return topic ? `${topic}:${shown}` : shown;
  },
  debug: (node) => (text(node["complete"]) === "true" ? "msg" : `msg.${text(node["complete"]) || "payload"}`),
  change(node) {
    const rules = Array.isArray(node["rules"]) ? node["rules"] : [];
    if (rules.length !== 1) return rules.length === 0 ? "change" : `change: ${rules.length} rules`;
    const { t, p, pt } = (rules[0] ?? {}) as Record<string, unknown>; // read as unknown
    const does = { set: "set", change: "change", delete: "delete", move: "move" }[text(t)];
    return does ? `${does} ${text(pt) || "msg"}.${text(p)}` : "change";
  },
  delay(node) {
    if (["delay", "delayv"].includes(text(node["pauseType"])))
      return `delay ${text(node["timeout"])}${MOMENT[text(node["timeoutUnits"])] ?? ""}`;
    if (text(node["pauseType"]) === "random") return "random";
    return `limit ${text(node["rate"]) || "1"} msg/${MOMENT[text(node["rateUnits"]).replace(/^second$/, "s")] ?? text(node["rateUnits"])}`;
  },
  "http in": (node) => (text(node["url"]) ? `[${text(node["method"]) || "get"}] ${text(node["url"])}` : "http"),
  "http response": (node) => (text(node["statusCode"]) ? `http (${text(node["statusCode"])})` : "http"),
  rbe: () => "filter",
  "osf-ts": () => "TypeScript",
  "osf-prompt": () => "Prompt",
  "osf-prompt-tpl": () => "Prompt template",
  "osf-llm": () => "LLM",
  "osf-context": () => "Context",
  "osf-decision": () => "Decision",
  "osf-output-parser": () => "Output parser",
  "osf-http": () => "HTTP",
  "osf-sub-flow": () => "Sub-flow",
  "osf-agent": () => "Agent",
  "osf-human-input": () => "Human input",
};

/** What stands on a node: its name, or what its type shows without one. */
export function nodeLabel(node: FlowNode, subflowName?: string): string {
  const name = text(node.name).trim();
  if (name) return name;
  if (subflowName !== undefined) return subflowName || "subflow";
  const tool = text(node["tool"]);
  if (/^(osf-mcp-|mcp-tool)/.test(node.type)) return tool || node.type.replace(/^osf-mcp-/, "");
  return DEFAULTS[node.type]?.(node) ?? node.type;
}

/** The label's lines: the editor breaks it where `\n ` is written. */
export const labelLines = (label: string): string[] => label.split("\\n ").map((line) => line.trim());
