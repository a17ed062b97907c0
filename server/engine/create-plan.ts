import type { Graph, NodeDef } from "#server/engine/contract.ts";
import { flatten } from "#server/engine/flatten.ts";
import { Plan, type PlanParts, type TypeParts } from "#server/engine/plan.ts";

/** Flattens a graph into a plan. `typeOf` loads what a type needs. Throws as Engine.plan says. */
export async function createPlan(
  graph: Graph,
  parts: PlanParts,
  typeOf: (def: NodeDef) => Promise<TypeParts>,
): Promise<Plan> {
  const plan = new Plan(graph, parts);
  await flatten(plan, typeOf);
  plan.prepare();
  return plan;
}
