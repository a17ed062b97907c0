import type { EngineKit } from "#server/engine/engine-types.ts";
import type { Frame } from "#server/engine/frame.ts";
import type { FlowNode } from "#server/engine/node.ts";
import { createSandbox, type Sandbox } from "#server/engine/isolate/sandbox.ts";

/**
 * The isolate of a plan. What is kept apart, and what is not:
 *
 * - Plans (flows) have isolates of their own: nothing of one can be seen or disturbed from another.
 * - Nodes of a plan have contexts of their own (globals, built-ins), but one heap and one thread: a node that exhausts the
 *   memory takes the calls with it that wait in the others; their runs go on from their logs.
 * - Runs of a plan use the same contexts, as messages do in Node-RED. Code can keep things in globals and so show one run
 *   what it saw in another: both are the author's own, who sees each message anyway. What it cannot do is to speak for
 *   another run: message, send, done, contexts and timers are looked up on the host by the call, and the numbers of calls
 *   and the way to the host are in closures that no code can reach.
 */
export interface SharedIsolate {
  sandbox: Sandbox;
  /** Whose code is executing, innermost last. */
  readonly stack: Active[];
}

/** Code at work for a frame. */
export interface Active {
  readonly frame: Frame;
}

const KEY = Symbol("isolate");

export function sharedIsolate(kit: EngineKit, node: FlowNode): SharedIsolate {
  const plan = kit.planOf(node);
  const known = plan.resources.get(KEY) as SharedIsolate | undefined; // this function alone sets it
  if (known) return known;
  const made: SharedIsolate = { sandbox: createSandbox(kit.limits), stack: [] };
  plan.resources.set(KEY, made);
  plan.onClose(() => made.sandbox.dispose());
  return made;
}
