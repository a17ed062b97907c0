import type { NodeDef } from "#server/engine/contract.ts";
import { newId } from "#server/kernel/ids.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { World } from "#tests/support/world.ts";
import { createFlow } from "./change-flow.ts";

/** A node on the tab `t`. */
export const node = (id: string, type: string, properties: object = {}, ...wires: string[][]): NodeDef => ({
  id,
  type,
  z: "t",
  x: 100,
  y: 100,
  wires,
  ...properties,
});
export const tab = (id = "t", label = "Flow"): NodeDef => ({ id, type: "tab", label, disabled: false, info: "" });
export const inject = (id: string, ...to: string[]): NodeDef =>
  node(id, "inject", { props: [{ p: "payload" }], payload: "1", payloadType: "num" }, to);
export const debug = (id: string): NodeDef => node(id, "debug", { complete: "payload" });

/** An inject node and a debug node, on a tab. */
export const SMALL: NodeDef[] = [tab(), inject("i", "d"), debug("d")];

export const makeFlow = ({ deps }: World, actor: Actor, nodes: NodeDef[] = SMALL, name = "Test") =>
  createFlow(deps, actor, { name, nodes });

/** A run of a flow that was started by the actor. */
export async function makeRun({ deps }: World, actor: Actor, flowId: string | null = null): Promise<string> {
  const id = newId("run");
  const { workspaceId, userId, name, role } = actor;
  const started = { userId, name, workspaceId, role, via: "session", scopes: null };
  await deps.db.run.create({
    data: {
      id,
      workspaceId,
      kind: "flow",
      title: "Test",
      status: "waiting",
      trigger: "manual",
      actor: started,
      userId,
      input: {},
      subjectId: flowId,
      subjectVersion: 1,
    },
  });
  return id;
}
