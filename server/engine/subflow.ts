import { inspect } from "node:util";
import type { Graph, NodeDef } from "#server/engine/contract.ts";
import type { EnvEntry } from "#server/engine/environment.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";

interface Port {
  wires?: { id: string; port: number }[];
}

/** An instance of a subflow: copies of its nodes with ids of their own, wired to the instance's neighbours. */
export function instantiate(
  definition: NodeDef,
  instance: NodeDef,
  contents: NodeDef[],
  credentials: Graph["credentials"],
): { nodes: NodeDef[]; front: NodeDef; status: NodeDef | undefined; env: EnvEntry[] } {
  const copies = new Map<string, NodeDef>();
  for (const def of contents) {
    const copy = { ...structuredClone(def), _alias: def.id, id: `${instance.id}-${def.id}`, z: instance.id };
    copies.set(def.id, copy);
  }
  for (const copy of copies.values()) remap(copy, copies);
  const front: NodeDef = {
    id: instance.id,
    type: instance.type,
    wires: portsOf(definition["in"]).map(({ wires = [] }) => idsOf(wires, copies)),
  };
  for (const key of ["z", "g", "name", "_alias", "x", "y"]) if (key in instance) front[key] = instance[key];
  const join = (from: Port, to: string[]) => {
    for (const { id, port } of from.wires ?? []) {
      const source = id === definition.id ? front : copies.get(id);
      if (!source) continue;
      const wires = (source.wires ??= []);
      while (wires.length <= port) wires.push([]);
      wires[port]?.push(...to);
    }
  };
  portsOf(definition["out"]).forEach((out, port) => join(out, instance.wires?.[port] ?? []));
  let status: NodeDef | undefined;
  if (definition["status"]) {
    status = { id: `${instance.id}:status`, type: "subflow-status", z: instance.id, wires: [] };
    join(definition["status"] as Port, [status.id]);
  }
  return { nodes: [...copies.values()], front, status, env: environmentOf(definition, instance, credentials) };
}

const portsOf = (value: unknown): Port[] => (Array.isArray(value) ? (value as Port[]) : []);
const idsOf = (wires: { id: string }[], copies: Map<string, NodeDef>): string[] =>
  wires.flatMap(({ id }) => copies.get(id)?.id ?? []);

/** References within the subflow become those of the copies. */
function remap(copy: NodeDef, copies: Map<string, NodeDef>): void {
  const now = (id: unknown) => (typeof id === "string" ? copies.get(id)?.id : undefined);
  if (copy.wires) copy.wires = copy.wires.map((wires) => wires.flatMap((id) => now(id) ?? []));
  if (Array.isArray(copy["links"])) copy["links"] = copy["links"].map((id: unknown) => now(id) ?? id);
  if (["complete", "catch", "status"].includes(copy.type) && Array.isArray(copy["scope"])) {
    copy["scope"] = copy["scope"].map((id: unknown) => now(id) ?? "");
    if (copy.g !== undefined) copy.g = now(copy.g) ?? copy.g;
    return;
  }
  for (const key of Object.keys(copy)) {
    if (key === "_alias" || key === "id" || key === "type") continue;
    const other = now(copy[key]);
    if (other !== undefined) copy[key] = other;
  }
}

/** The instance's values win over the subflow's; credentials come from where they are set. */
function environmentOf(definition: NodeDef, instance: NodeDef, credentials: Graph["credentials"]): EnvEntry[] {
  const ofSubflow = credentials[definition.id] ?? {};
  const ofInstance = credentials[String(instance["_alias"] ?? instance.id)] ?? {};
  const env = new Map<string, EnvEntry>();
  const entries = (def: NodeDef) => (Array.isArray(def["env"]) ? (def["env"] as EnvEntry[]) : []);
  for (const entry of entries(definition))
    env.set(entry.name, entry.type === "cred" ? { ...entry, value: ofSubflow[entry.name] } : entry);
  for (const entry of entries(instance))
    env.set(
      entry.name,
      entry.type === "cred" ? { ...entry, value: ofInstance[entry.name] ?? ofSubflow[entry.name] } : entry,
    );
  return [...env.values()];
}

/** A subflow's status output: what reaches it is shown as the instance's status. After Node-RED's Subflow. */
export function showStatus(node: FlowNode, instance: string): void {
  node.onInput((msg: Message) => {
    const shown = node.run()?.node(instance);
    const { payload, status } = msg;
    if (!shown) return;
    if (payload === undefined) {
      if (status !== undefined) shown.status(status);
    } else if (typeof payload === "string") shown.status({ text: payload });
    else if (isStatus(payload)) shown.status(payload);
    else {
      const text = inspect(payload);
      shown.status({ text: text.length > 32 ? `${text.slice(0, 32)}...` : text });
    }
  });
}

function isStatus(value: unknown): boolean {
  if (Object.prototype.toString.call(value) !== "[object Object]") return false;
  const keys = Object.keys(value as object); // an object
  return keys.length === 0 || keys.some((key) => key === "text" || key === "fill" || key === "shape");
}
