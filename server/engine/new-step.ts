import type { Snapshot } from "#server/engine/contract.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import { codeOf, label, messageOf } from "#server/engine/problems.ts";
import type { Run } from "#server/engine/run.ts";
import { snapshot } from "#server/engine/snapshot.ts";
import { BLANK, type Step } from "#server/engine/step.ts";

/** A message is sent: the step that it will be, recorded. Null: that was too much, and the run has ended. */
export function newStep(run: Run, node: FlowNode, from: Step | null, port: number | null, msg: Message): Step | null {
  const entry = node._entry;
  const step: Step = {
    ...BLANK,
    seq: ++run.seq,
    node: node.id,
    type: node.type,
    name: node.name,
    from: from?.seq ?? null,
    sender: from?.node ?? null,
    port,
    at: port === null ? run.began : run.clock.now(),
    direct: entry.effect === "direct" && run.recorder !== null,
  };
  if (step.seq > run.limits.steps) {
    run.fail("run.steps", `The run was ended at its ${run.limits.steps}th step, at "${label(node)}". Is there a loop?`);
    return null;
  }
  if (run.recorder) {
    const text = recordable(run, msg, `A message to "${label(node)}"`);
    if (text === null) return null;
    if (entry.terminal) step.payload = text;
    run.recorder.step(step, { msg: text });
  } else if (entry.terminal) step.payload = { payload: msg["payload"] };
  return step;
}

/** The message as it is recorded. Null: it is too much for that, and the run has ended. */
export function recordable(run: Run, msg: Message, what: string): Snapshot | null {
  let text: Snapshot;
  try {
    text = snapshot(msg);
  } catch (error) {
    run.fail(codeOf(error), `${what} cannot be recorded. ${messageOf(error)}`);
    return null;
  }
  if (text.length <= run.limits.messageChars) return text;
  run.fail(
    "run.message-size",
    `${what} has ${text.length} characters; at most ${run.limits.messageChars} are possible`,
  );
  return null;
}
