import { inFrame, type Frame } from "#server/engine/frame.ts";
import { buildOwn, type FlowNode, type NodeConfig } from "#server/engine/node.ts";
import type { Entry, Plan } from "#server/engine/plan.ts";
import type { Run } from "#server/engine/run.ts";

/** Builds instances: for a run, or (`run` null) those that the runs of a plan share. */
export function buildInstances(
  plan: Plan,
  entries: readonly Entry[],
  into: Map<string, FlowNode>,
  run: Run | null,
): void {
  if (run) {
    // one frame for all, which costs less; what constructors leave behind takes its own (timers.ts)
    const frame: Frame = { run, node: null, step: null, building: true, now: run.began };
    inFrame(frame, () => {
      for (const entry of entries) {
        frame.node = null;
        build(plan, entry, into, run);
      }
    });
    frame.node = null;
    frame.building = false;
    return;
  }
  for (const entry of entries) {
    const frame: Frame = { run, node: null, step: null, building: true };
    inFrame(frame, () => build(plan, entry, into, run));
    frame.building = false;
  }
}

function build(plan: Plan, entry: Entry, into: Map<string, FlowNode>, run: Run | null): void {
  const config = JSON.parse(entry.config) as NodeConfig; // written by the plan; these are added
  config._flow = entry.scope;
  config._path = entry.path;
  config._entry = entry;
  if (run) config._run = run;
  try {
    if (entry.own) into.set(entry.id, buildOwn(config, entry.own));
    else if (entry.make) {
      const node = new entry.make(config);
      into.set(entry.id, node);
      entry.built?.(node);
    }
  } catch (error) {
    plan.broken.set(entry.id, error);
    into.set(
      entry.id,
      buildOwn(config, () => undefined),
    );
  }
}
