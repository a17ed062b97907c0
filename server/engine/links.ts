import { currentFrame, inFrame } from "#server/engine/frame.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";

/** The link in node that a link call means: by id, or (dynamic) by name, the one on the same tab first. As Node-RED's. */
export function linkTarget(from: FlowNode, target: unknown, dynamic: unknown): FlowNode {
  const run = from.run();
  const entries = run ? [...run.plan.entries.values()].filter(({ type }) => type === "link in") : [];
  let found = entries.find(({ id }) => id === target);
  if (!found && target && dynamic === true) {
    const named = entries.filter(({ id, name }) => (name ?? id) === target);
    const near = named.filter(({ scope }) => scope.id === from.z);
    if (near.length === 1) [found] = near;
    else {
      const outside = named.filter(({ scope }) => scope.TYPE !== "subflow");
      if (outside.length > 1) throw new Error(`Multiple link-in nodes named '${String(target)}' found`);
      [found] = outside;
    }
  }
  const node = found && run?.node(found.id);
  if (!node) throw new Error(`target link-in node '${typeof target === "string" ? target : ""}' not found`);
  return node;
}

/** A message on its way to a link in node and back: the last of the calls that wait for it. */
type LinkedMessage = Message & { _linkSource?: { id: string; node: string }[] };

/** The call that waits for the message; undefined: none does. */
export const eventOf = (msg: LinkedMessage): string | undefined => msg._linkSource?.at(-1)?.id;

/** The step that made a call. */
export const callerOf = (event: string): number => Number.parseInt(event.slice(0, 8), 16);

interface LinkCall extends FlowNode {
  returnLinkMessage(event: string, msg: unknown): void;
}

/**
 * What comes back to a link call belongs to the step that called, also when that has ended before the run was gone on with
 * and the node does not remember it: ids of calls carry the number of their step (see `linkBytes`).
 */
export function attributeReturns(node: FlowNode): void {
  const call = node as LinkCall; // of link call's constructor
  const original = call.returnLinkMessage.bind(node);
  call.returnLinkMessage = (event, msg) => {
    const run = node.run();
    const frame = currentFrame();
    if (!run || !frame) return;
    const seq = callerOf(event);
    const step = run.open.get(seq) ?? run.endedStep(seq, node);
    inFrame({ run, node, step, now: frame.now }, () => original(event, msg));
  };
}

/** Random bytes of a frame: the first four are the step's number. */
export function linkBytes(size: number): Buffer {
  const frame = currentFrame();
  if (!frame?.run) return Buffer.from(crypto.getRandomValues(new Uint8Array(size)));
  const bytes = frame.run.dice(frame).bytes(size);
  if (frame.step && size >= 8) bytes.writeUInt32BE(frame.step.seq, 0);
  return bytes;
}
