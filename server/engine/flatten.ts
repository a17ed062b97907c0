import type { NodeDef } from "#server/engine/contract.ts";
import { fillEnvironment, setEnvironment, type EnvEntry } from "#server/engine/environment.ts";
import type { OwnNode } from "#server/engine/node.ts";
import type { Plan, TypeParts } from "#server/engine/plan.ts";
import { planError } from "#server/engine/problems.ts";
import { Scope } from "#server/engine/scope.ts";
import { instantiate, showStatus } from "#server/engine/subflow.ts";

export type TypeOf = (def: NodeDef) => Promise<TypeParts>;

const SUBFLOW = "subflow:";
const isBox = (def: NodeDef) => def.type === "tab" || def.type === "subflow";
const isConfig = (def: NodeDef) => !("x" in def && "y" in def) && !def.type.startsWith(SUBFLOW);
const label = (def: NodeDef) => `"${def.name || def.type}" (${def.id})`;

interface Flattening {
  plan: Plan;
  typeOf: TypeOf;
  all: NodeDef[];
  subflows: Map<string, NodeDef>;
}

/**
 * Makes a plan's entries from its graph: links become wires, each instance of a subflow gets nodes of its own (ids
 * `<instance>-<node>`, `_alias` the id in the subflow), environments are evaluated and filled in. After Node-RED's
 * parseConfig, Flow and Subflow.
 */
export async function flatten(plan: Plan, typeOf: TypeOf): Promise<void> {
  const all = structuredClone(plan.graph.nodes);
  const subflows = new Map(all.filter(({ type }) => type === "subflow").map((def) => [def.id, def]));
  const work: Flattening = { plan, typeOf, all, subflows };
  wireLinks(all);
  const root = new Scope(plan, "global", null, { id: "global", type: "global" });
  for (const def of all)
    if (def.type === "global-config")
      await setEnvironment(root, def["env"] as EnvEntry[] | undefined, mapOf(plan.graph.credentials[def.id]?.["map"]));
  const tabs = all.filter(({ type }) => type === "tab");
  const boxes = new Set([...tabs.map(({ id }) => id), ...subflows.keys()]);
  for (const { z } of all)
    if (z !== undefined && z !== "" && !boxes.has(z)) {
      boxes.add(z);
      tabs.push({ id: z, type: "tab" }); // Node-RED takes nodes of a missing tab for those of a tab without settings
    }
  await fill(
    work,
    root,
    all.filter((def) => !isBox(def) && (def.z === undefined || def.z === "")),
    [],
  );
  for (const tab of tabs) {
    if (tab["disabled"] === true) continue;
    const scope = new Scope(plan, "flow", root, tab);
    await setEnvironment(scope, tab["env"] as EnvEntry[] | undefined, plan.graph.credentials[tab.id] ?? {});
    await fill(work, scope, inside(all, tab.id), []);
  }
}

const inside = (all: NodeDef[], id: string) => all.filter((def) => def.z === id && !isBox(def));
const mapOf = (value: unknown) =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Links are kept at both ends; either one counts. */
function wireLinks(all: NodeDef[]): void {
  const targets = new Map<string, Set<string>>();
  const link = (out: string, into: string) => targets.set(out, (targets.get(out) ?? new Set()).add(into));
  for (const def of all) {
    if (!Array.isArray(def["links"])) continue;
    for (const other of def["links"] as string[])
      if (def.type === "link in") link(other, def.id);
      else if (def.type === "link out") link(def.id, other);
  }
  const known = new Set(all.map(({ id }) => id));
  for (const def of all)
    if (def.type === "link out") def.wires = [[...(targets.get(def.id) ?? [])].filter((id) => known.has(id))];
}

/** The nodes of a tab, a subflow instance or the whole. `within`: the subflows that this is an instance in. */
async function fill(work: Flattening, scope: Scope, defs: NodeDef[], within: string[]): Promise<void> {
  await makeGroups(work.plan, scope, defs);
  const nodes = defs.filter((def) => def.type !== "group" && def["d"] !== true);
  for (const def of [...inOrder(nodes.filter(isConfig)), ...nodes.filter((def) => !isConfig(def))])
    if (def.type.startsWith(SUBFLOW)) await addSubflow(work, scope, def, within);
    else await addNode(work, scope, def);
  scope.listen(nodes);
}

/** A group's environment knows that of the groups around it, so the outer ones come first. */
async function makeGroups(plan: Plan, scope: Scope, defs: NodeDef[]): Promise<void> {
  const groups = new Map(defs.filter(({ type }) => type === "group").map((def) => [def.id, def]));
  const make = async (def: NodeDef, below: string[]): Promise<Scope> => {
    const made = scope.groups.get(def.id);
    if (made) return made;
    const outer = def.g !== undefined && !below.includes(def.g) ? groups.get(def.g) : undefined;
    const group = new Scope(plan, "group", outer ? await make(outer, [...below, def.id]) : scope, def);
    scope.groups.set(def.id, group);
    await setEnvironment(group, def["env"] as EnvEntry[] | undefined, plan.graph.credentials[def.id] ?? {});
    return group;
  };
  for (const def of groups.values()) await make(def, []);
}

/** Config nodes after those that they name. */
function inOrder(configs: NodeDef[]): NodeDef[] {
  const ids = new Set(configs.map(({ id }) => id));
  const placed = new Set<string>();
  const out: NodeDef[] = [];
  let left = configs;
  while (left.length > 0) {
    const ready = left.filter((def) =>
      Object.entries(def).every(
        ([key, value]) =>
          key === "id" || key === "z" || typeof value !== "string" || !ids.has(value) || placed.has(value),
      ),
    );
    const [stuck] = left;
    if (ready.length === 0 && stuck)
      throw planError("flow.cyclic-config", `The configuration node ${label(stuck)} uses itself by way of others`);
    for (const def of ready) placed.add(def.id);
    out.push(...ready);
    left = left.filter(({ id }) => !placed.has(id));
  }
  return out;
}

async function addNode(work: Flattening, scope: Scope, def: NodeDef): Promise<void> {
  const type = await work.typeOf(def);
  if (!type.inert) addEntry(work.plan, scope, def, type);
}

function addEntry(plan: Plan, scope: Scope, def: NodeDef, type: Omit<TypeParts, "inert">): void {
  const { credentials: _, ...config } = def;
  for (const key of type.without) delete config[key];
  const path = `${scope.path}/${String(def["_alias"] ?? def.id)}`;
  Object.defineProperty(config, "_path", { value: path, enumerable: false }); // NR_NODE_PATH
  fillEnvironment(config, scope, config);
  const wired = (def.wires ?? []).some((wires) => wires.length > 0);
  plan.entries.set(def.id, {
    ...type,
    id: def.id,
    type: def.type,
    name: def.name || undefined,
    config: JSON.stringify(config),
    scope,
    path,
    terminal: def.type === "debug" || (!wired && !isConfig(def) && !NO_OUTPUT.has(def.type)),
  });
}

/** Types whose messages go on in another way, or are the run's answer by themselves. */
const NO_OUTPUT = new Set(["http response", "link out", "subflow-status"]);

async function addSubflow(work: Flattening, scope: Scope, instance: NodeDef, within: string[]): Promise<void> {
  const { plan, subflows } = work;
  const id = instance.type.slice(SUBFLOW.length);
  const definition = subflows.get(id);
  if (!definition)
    throw planError("flow.unknown-type", `The subflow of ${label(instance)} is missing. Add it or remove the node`);
  if (within.includes(id))
    throw planError("flow.subflow-loop", `The subflow "${definition.name ?? id}" contains itself`);
  const inner = new Scope(plan, "subflow", scope, instance);
  const { nodes, front, status, env } = instantiate(definition, instance, inside(work.all, id), plan.graph.credentials);
  await setEnvironment(inner, env, {});
  const own = (start: OwnNode) => ({ ...OWN, own: start });
  if (status) {
    inner.ownStatus = true;
    addEntry(
      plan,
      scope,
      status,
      own((node) => showStatus(node, instance.id)),
    );
  }
  // the instance's own node, which the messages to the subflow reach first
  addEntry(
    plan,
    inner,
    front,
    own((node) => {
      node.onInput((msg, send, done) => {
        send(msg);
        done();
      });
      node.status = (given) => {
        const shown = typeof given === "object" && given !== null ? given : { text: `${String(given)}` };
        scope.handleStatus(node, shown as Record<string, unknown>); // an object
      };
    }),
  );
  await fill(work, inner, nodes, [...within, id]);
}

const OWN = {
  keeping: "shared" as const,
  effect: "none" as const,
  open: undefined,
  quiet: true, // stock takes no done here
  make: undefined,
  built: undefined,
  without: [],
} satisfies Omit<TypeParts, "inert" | "own">;
