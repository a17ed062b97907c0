import type { FlowNode, Message } from "#server/engine/node.ts";
import { recordable } from "#server/engine/new-step.ts";
import { label } from "#server/engine/problems.ts";
import type { Run } from "#server/engine/run.ts";
import type { Step } from "#server/engine/step.ts";

/** Messages by outputs without a wire that a step keeps. */
const MOST_OUT = 1_000;

interface Emission {
  port: number;
  target: FlowNode;
  msg: Message;
  copy: boolean;
}

/**
 * A node sends: one message, or an array with one entry (message, list of messages or nothing) for each output. As in
 * Node-RED the first recipient gets the object itself and the others copies, all made before anybody is called; a message
 * without id gets that of the first that has one. What leaves by an output without a wire is kept with the step.
 */
export function route(run: Run, node: FlowNode, step: Step | null, given: unknown): void {
  if (given === null || given === undefined) return;
  if (!Array.isArray(given)) {
    if (!isMessage(given)) {
      refuse(node, given);
      return;
    }
    const [only, second] = node.wires;
    if (only?.length === 1 && second === undefined) {
      given._msgid ??= run.plan.util.generateId();
      const target = run.node(only[0]!); // of length one
      if (target) emit(run, node, step, { port: 0, target, msg: given, copy: false });
      return;
    }
  }
  const outputs: unknown[] = Array.isArray(given) ? given : [given];
  const emissions: Emission[] = [];
  const all: Message[] = [];
  outputs.forEach((output, port) => {
    const messages = (Array.isArray(output) ? output : [output]).filter((msg) => msg !== null && msg !== undefined);
    const wires = node.wires[port] ?? [];
    if (wires.length === 0) {
      for (const msg of messages) if (isMessage(msg)) unwired(run, node, step, port, msg);
      return;
    }
    for (const id of wires)
      for (const msg of messages) {
        if (!isMessage(msg)) {
          refuse(node, msg);
          continue;
        }
        all.push(msg);
        const target = run.node(id);
        if (target) emissions.push({ port, target, msg, copy: emissions.length > 0 });
      }
  });
  if (all.some((msg) => !msg._msgid)) {
    const id = all.find((msg) => msg._msgid)?._msgid ?? run.plan.util.generateId();
    for (const msg of all) msg._msgid ??= id;
  }
  for (const emission of emissions)
    if (emission.copy) emission.msg = run.plan.util.cloneMessage(emission.msg) as Message; // of a message a message
  for (const emission of emissions) emit(run, node, step, emission);
}

function emit(run: Run, node: FlowNode, step: Step | null, { port, target, msg }: Emission): void {
  if (run.ended || run.alreadySent(node, step, true, target.id)) return;
  const next = run.newStep(target, step, port, msg);
  if (next) run.queue.add(next, target, msg, step?.direct);
}

function unwired(run: Run, node: FlowNode, step: Step | null, port: number, msg: Message): void {
  if (!step || !run.recorder || step.replayed) return;
  msg._msgid ??= run.plan.util.generateId();
  const text = recordable(run, msg, `A message that leaves "${label(node)}"`);
  if (text === null) return;
  const out = (step.out ??= []);
  out.push({ port, msg: text });
  step.outChars += text.length;
  // of very many the last ones are kept: nobody gets them, they are there to be looked at
  while (out.length > 1 && (out.length > MOST_OUT || step.outChars > 2 * run.limits.messageChars))
    step.outChars -= out.shift()?.msg.length ?? 0;
}

function refuse(node: FlowNode, given: unknown): void {
  node.error(`Node tried to send a message of type ${typeof given}`);
}

const isMessage = (value: unknown): value is Message => typeof value === "object" && value !== null;
