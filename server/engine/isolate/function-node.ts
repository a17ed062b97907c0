import type { EngineKit } from "#server/engine/engine-types.ts";
import type { Frame } from "#server/engine/frame.ts";
import type { FlowNode, Message } from "#server/engine/node.ts";
import type { Red } from "#server/engine/facade.ts";
import type { Call } from "#server/engine/isolate/calls.ts";
import { createFunctionCalls } from "#server/engine/isolate/function-calls.ts";
import { functionCode, type FunctionConfig } from "#server/engine/isolate/function-code.ts";
import { encodeMessage } from "#server/engine/isolate/messages.ts";
import { sharedIsolate } from "#server/engine/isolate/shared.ts";

/** A message that came before the node was set up. */
interface Early {
  frame: Frame;
  msg: Message;
  send: Call["send"];
  done: Call["done"];
}

/** Makes `node`, freshly created, a function node. Throws `function.libs`. */
export function startFunctionNode(red: Red, kit: EngineKit, node: FlowNode, config: FunctionConfig): void {
  const code = functionCode(red, kit, node, config);
  const work = createFunctionCalls(red, kit, node, code, sharedIsolate(kit, node));
  const { calls } = work.host;
  /** Of what belongs to no run: set-up and clean-up. */
  const outside: Frame = { run: null, node, step: null };
  const early: Early[] = [];
  let state: "ready" | "starting" | "broken" = "ready";
  let broken: unknown;
  let wasSetUp = false;

  function setUp(): void {
    if (!code.has("setup")) return;
    state = "starting";
    const call = calls.begin({
      kind: "setup",
      frame: outside,
      msg: {},
      send: () =>
        node.warn(
          "Messages sent on start go nowhere: on the engine a run begins with a message, not with a deployment",
        ),
      done: (error) => {
        if (error) fails(error);
        else state = "ready";
        wasSetUp = true;
        for (const { frame, msg, send, done } of early.splice(0)) kit.inFrame(frame, () => take(msg, send, done));
      },
      // Again, because the isolate was lost: for the variables that it makes, not for what it writes.
      mute: wasSetUp,
    });
    kit.inFrame(outside, () => work.execute(call, []));
  }

  function fails(error: unknown): void {
    state = "broken";
    broken = error;
    node.error(error);
  }

  function take(msg: Message, send: Call["send"], done: Call["done"]): void {
    if (work.lost && state === "ready") setUp();
    const frame = kit.currentFrame() ?? outside;
    if (state === "starting") early.push({ frame, msg, send, done });
    else if (state === "broken") done(broken);
    else {
      const { texts, fields } = encodeMessage(msg);
      work.execute(calls.begin({ kind: "main", frame, msg, send, done, fields }), texts);
    }
  }

  function close(removed: boolean): void {
    const call = calls.begin({
      kind: "cleanup",
      frame: outside,
      msg: {},
      send: () => undefined,
      done: (error) => void (error && node.error(error)),
    });
    if (code.has("cleanup") && !work.lost) kit.inFrame(outside, () => work.execute(call, []));
    work.close(removed, call);
    if (work.host.statusSet) node.status({});
  }

  node.on("input", take);
  node.on("close", (removed: boolean, done: () => void) => {
    close(removed);
    done();
  });
  try {
    work.context();
  } catch (error) {
    fails(code.syntaxError(error));
  }
  if (state === "ready") setUp();
}
