import type { NodeDef } from "#server/engine/contract.ts";
import { circlesOf, findCircles } from "./circles.ts";
import { SUBFLOW } from "./graph.ts";
import { ALWAYS_SENDS, DRAWN_ONLY, ENGINE_TYPES, POD_ONLY } from "./node-types.ts";
import type { FlowIssue } from "./schema.ts";
import { activeNodes, flowStarts } from "./starts.ts";
import { propertyIssues } from "./validate-properties.ts";

const IN_POD = "Run the flow in the pod: deploy it in the editor and use its button there";

const issue = (
  node: NodeDef | null,
  severity: FlowIssue["severity"],
  code: string,
  message: string,
  property: string | null = null,
): FlowIssue => ({ severity, code, node: node?.id ?? null, nodeName: node?.name || null, property, message });

/** Types: unknown ones, and those that only a pod has. */
function typeIssue(node: NodeDef, ids: ReadonlySet<string>): FlowIssue | null {
  const { type } = node;
  if (type.startsWith(SUBFLOW))
    return ids.has(type.slice(SUBFLOW.length))
      ? null
      : issue(node, "error", "flow.subflow-missing", "The subflow that it stands for is not there. Import it as well");
  if (DRAWN_ONLY.has(type) || Object.hasOwn(ENGINE_TYPES, type)) return null;
  const does = Object.hasOwn(POD_ONLY, type) ? POD_ONLY[type] : undefined;
  if (does)
    return issue(
      node,
      "error",
      "flow.pod-only",
      `A node of the type ${type} ${does}, which the engine has not. ${IN_POD}`,
    );
  return issue(
    node,
    "error",
    "flow.unknown-type",
    `The engine has no node of the type ${type}. If it comes from a palette: ${IN_POD[0]?.toLowerCase()}${IN_POD.slice(1)}`,
  );
}

/** Configuration nodes that are named and are not there: properties that Node-RED's types declare as such. */
const CONFIG_PROPERTIES: Record<string, string[]> = { "http request": ["tls", "proxy"] };

function* configIssues(node: NodeDef, ids: ReadonlySet<string>): Generator<FlowIssue> {
  for (const property of CONFIG_PROPERTIES[node.type] ?? []) {
    const id = node[property];
    if (typeof id === "string" && id !== "" && !ids.has(id))
      yield issue(
        node,
        "error",
        "flow.config-missing",
        `The configuration that ${property} names is not there. Choose another one, or none`,
        property,
      );
  }
}

/** What runs into nothing, and what nothing reaches. Hints: such a flow does run. */
function* wireIssues(nodes: readonly NodeDef[], tabId: string, ids: ReadonlySet<string>): Generator<FlowIssue> {
  const active = activeNodes(nodes, tabId);
  const reached = new Set<string>();
  const open: string[] = [];
  const reach = (id: string) => {
    if (reached.has(id)) return;
    reached.add(id);
    open.push(id);
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { node } of flowStarts(nodes, tabId)) reach(node);
  for (const { id, type } of active) if (ENGINE_TYPES[type] === "source" || type.startsWith(SUBFLOW)) reach(id);
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const target of (byId.get(id)?.wires ?? []).flat()) reach(target);

  const wired = new Set(active.flatMap(({ wires }) => (wires ?? []).flat()));
  for (const node of active) {
    const lost = (node.wires ?? []).flat().find((target) => !ids.has(target));
    if (lost !== undefined)
      yield issue(
        node,
        "hint",
        "flow.wire",
        "A wire leads to a node that is not there; what is sent there is lost",
        "wires",
      );
    if (reached.has(node.id)) continue;
    yield wired.has(node.id)
      ? issue(node, "hint", "flow.unreachable", "Nothing that begins a run leads here. Wire it, or remove it")
      : issue(
          node,
          "hint",
          "flow.unwired",
          "Its input is not wired, so it never gets a message. Wire it, or remove it",
        );
  }
}

function* linkIssues(node: NodeDef, ids: ReadonlySet<string>): Generator<FlowIssue> {
  if (node.type !== "link out" && node.type !== "link call") return;
  const links = Array.isArray(node.links) ? node.links : [];
  if (links.some((id) => typeof id === "string" && !ids.has(id)))
    yield issue(node, "hint", "flow.link", "It is linked to a node that is not there. Choose the links anew", "links");
}

/** Subflows that contain themselves, over however many others. */
function* nestingIssues(nodes: readonly NodeDef[]): Generator<FlowIssue> {
  const subflows = new Map(nodes.flatMap((node) => (node.type === "subflow" ? [[node.id, node] as const] : [])));
  const inside = new Map<string, NodeDef[]>();
  for (const { z, type, d } of nodes) {
    const used = type.startsWith(SUBFLOW) && d !== true ? subflows.get(type.slice(SUBFLOW.length)) : undefined;
    if (used && typeof z === "string" && subflows.has(z)) inside.set(z, [...(inside.get(z) ?? []), used]);
  }
  for (const circle of circlesOf([...subflows.values()], ({ id }) => inside.get(id) ?? []))
    for (const subflow of circle)
      yield issue(subflow, "error", "flow.subflow-loop", "This subflow contains itself. Take it out of itself");
}

function circleIssue(circle: readonly NodeDef[]): FlowIssue {
  const names = circle.map(({ name, type }) => name || type).join(", ");
  const begins = `These nodes send to one another in a circle: ${names}.`;
  // A switch or a function in it may lead out: then it is a loop that somebody meant.
  return circle.every(({ type }) => ALWAYS_SENDS.has(type))
    ? issue(circle[0] ?? null, "error", "flow.cyclic", `${begins} It never ends. Put a switch or a delay into it`)
    : issue(
        circle[0] ?? null,
        "hint",
        "flow.cyclic",
        `${begins} There is no pause in it, so it must find a way out before the run's limit of steps`,
      );
}

/**
 * What the author of a flow should know before it runs on the engine. `nodes`: the flow's part of the document
 * (`flowNodes`). Errors keep it from running, hints do not. Pure; nodes that are switched off are left out.
 */
export function validateFlow(nodes: readonly NodeDef[], tabId: string): FlowIssue[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const tab = nodes.find(({ id }) => id === tabId);
  if (!tab) return [issue(null, "error", "flow.missing", "The flow's tab is not in the document any more")];
  const issues: FlowIssue[] = [];
  if (flowStarts(nodes, tabId).length === 0)
    issues.push(
      issue(null, "error", "flow.no-start", "Nothing begins a run. Add an inject node or an http in node and deploy"),
    );
  // Only drawn, or in a group or a configuration: every type has to be known all the same.
  for (const node of nodes.filter(({ d }) => d !== true)) {
    const wrongType = typeIssue(node, ids);
    if (wrongType) {
      issues.push(wrongType);
      continue;
    }
    for (const { severity = "error", code, property, message } of propertyIssues(node))
      issues.push(issue(node, severity, code, message, property));
    issues.push(...configIssues(node, ids), ...linkIssues(node, ids));
  }
  issues.push(...wireIssues(nodes, tabId, ids));
  issues.push(...nestingIssues(nodes));
  for (const circle of findCircles(nodes)) issues.push(circleIssue(circle));
  const rank = { error: 0, hint: 1 };
  return issues.sort((a, b) => rank[a.severity] - rank[b.severity]);
}
