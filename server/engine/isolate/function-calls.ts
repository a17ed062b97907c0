import type { EngineKit } from "#server/engine/engine-types.ts";
import type { Red } from "#server/engine/facade.ts";
import type { FlowNode } from "#server/engine/node.ts";
import { Calls, type Call } from "#server/engine/isolate/calls.ts";
import { codedError, stopped, thrownByCode } from "#server/engine/isolate/errors.ts";
import type { FunctionCode } from "#server/engine/isolate/function-code.ts";
import { createFunctionDoor } from "#server/engine/isolate/function-door.ts";
import { hostCodec } from "#server/engine/isolate/host-codec.ts";
import { takeField, type Results } from "#server/engine/isolate/messages.ts";
import type { SandboxContext } from "#server/engine/isolate/sandbox.ts";
import type { SharedIsolate } from "#server/engine/isolate/shared.ts";

/** One function node, at work for all runs of its plan: what its door needs. */
export interface FunctionHost {
  readonly red: Red;
  readonly kit: EngineKit;
  readonly node: FlowNode;
  readonly calls: Calls;
  /** The call whose code is executing. */
  current: Call | undefined;
  /** Characters that the code at work has handed out since it was entered. */
  handedOut: number;
  /** Status was set: it is cleared when the node closes. */
  statusSet: boolean;
  /** Calls a function inside: a timer's, or one that waits for an answer. */
  back(call: Call, callback: number, args?: unknown[]): void;
  /** What a promise inside came to; looked at when the isolate has been left. */
  settled(call: Call, text: string): void;
  sendResults(call: Call, results: Results): void;
}

export interface FunctionCalls {
  readonly host: FunctionHost;
  /** The context, made anew when the isolate was lost. */
  context(): SandboxContext;
  /** The isolate was lost, and nothing has been executed since. */
  readonly lost: boolean;
  execute(call: Call, texts: string[]): void;
  close(removed: boolean, call: Call): void;
}

export function createFunctionCalls(
  red: Red,
  kit: EngineKit,
  node: FlowNode,
  code: FunctionCode,
  shared: SharedIsolate,
): FunctionCalls {
  const calls = new Calls();
  const toFinish: { call: Call; text: string }[] = [];
  let context: SandboxContext | undefined;

  const host: FunctionHost = {
    red,
    kit,
    node,
    calls,
    current: undefined,
    handedOut: 0,
    statusSet: false,
    back(call, callback, args) {
      if (!context?.alive || call.frame.run?.ended) return;
      const inside = context;
      const text = args === undefined ? undefined : hostCodec.encode(args);
      within(
        call,
        () => inside.back(callback, text, code.bound().ms),
        (error) => node.error(error, {}),
      );
      calls.mayForget(call);
    },
    settled: (call, text) => void toFinish.push({ call, text }),
    sendResults,
  };
  const door = createFunctionDoor(host);

  function opened(): SandboxContext {
    if (!context?.alive) context = code.open(shared.sandbox, door);
    return context;
  }

  /** Executes inside for a call; what stops it from outside goes to `failed`. Afterwards, what promises came to is done. */
  function within(call: Call, fn: () => void, failed: (error: Error) => void): void {
    const outer = host.current;
    host.current = call;
    host.handedOut = 0;
    shared.stack.push(call);
    let error: unknown;
    try {
      fn();
    } catch (thrown) {
      error = thrown;
    } finally {
      shared.stack.pop();
      host.current = outer;
    }
    if (error !== undefined) failed(stopped(error, code.label, code.fileOf(call.kind), code.bound().own));
    while (toFinish.length > 0) {
      const next = toFinish.shift();
      if (next) kit.inFrame(next.call.frame, () => finish(next.call, next.text));
    }
  }

  function finish(call: Call, text: string): void {
    if (call.over || call.frame.run?.ended) return;
    over(call);
    const value = hostCodec.decode(text.slice(1), (key) => takeField(call.fields, key));
    if (text[0] === "e") {
      const error = thrownByCode(value, code.fileOf(call.kind));
      if (error instanceof Error) call.msg["error"] = error;
      call.done(error);
      return;
    }
    sendResults(call, value as Results); // as Messages.results wrote it
    if (call.kind !== "main" || !code.callsDone) call.done();
  }

  function fail(call: Call, error: Error): void {
    if (call.over) return;
    over(call);
    call.done(error);
  }

  function over(call: Call): void {
    call.over = true;
    calls.mayForget(call);
  }

  /** Node-RED's rule of what may be sent. */
  function sendResults(call: Call, results: Results): void {
    const id = call.kind === "main" ? call.msg._msgid : red.util.generateId();
    let count = 0;
    const messages = results.map((output) =>
      output === null
        ? null
        : output.map((item) => {
            if (item === null) return null;
            if (typeof item === "string") {
              node.error(red._("function.error.non-message-returned", { type: item }));
              return null;
            }
            count += 1;
            if (id !== undefined) item._msgid = id;
            return item;
          }),
    );
    if (count > 0) call.send(messages);
  }

  shared.sandbox.onLost(() => {
    // The innermost code is what asked for too much.
    const guilty = shared.stack.at(-1)?.frame.run;
    for (const call of calls.takeAll()) {
      const { run } = call.frame;
      clearTimers(call);
      if (shared.stack.includes(call)) continue; // it fails by what it throws
      if (run && !run.ended && run !== guilty)
        kit.interrupt(run.id, "The memory of its functions was used up by another run of this flow");
      else if (call.kind === "setup" || (run && !run.ended)) kit.inFrame(call.frame, () => lose(call));
    }
  });

  function lose(call: Call): void {
    const error = codedError(
      "function.memory",
      `"${code.label}" was stopped while it waited: other code of this run used up the memory`,
    );
    if (call.over) node.error(error, call.msg);
    else fail(call, error);
  }

  function clearTimers(call: Call): void {
    for (const timer of call.timers.values()) kit.timers.clearTimeout(timer);
    call.timers.clear();
  }

  return {
    host,
    context: opened,
    get lost() {
      return context !== undefined && !context.alive;
    },
    execute(call, texts) {
      let answer: string | undefined;
      within(
        call,
        () => {
          answer = opened().call(call.kind, call.id, texts, code.bound().ms);
        },
        (error) => fail(call, error),
      );
      if (answer !== undefined) finish(call, answer);
    },
    close(removed, call) {
      if (context?.alive) {
        const inside = context;
        within(
          call,
          () => inside.close(removed),
          (error) => node.error(error),
        );
      }
      for (const one of calls.takeAll()) clearTimers(one);
      context?.release();
    },
  };
}
