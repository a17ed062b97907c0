import type { EngineKit } from "#server/engine/engine-types.ts";
import type { Frame } from "#server/engine/frame.ts";
import type { FlowNode, Message, NodeConfig } from "#server/engine/node.ts";
import type { Red } from "#server/engine/facade.ts";
import { analyse } from "#server/engine/isolate/analyse.ts";
import { Calls, type Call } from "#server/engine/isolate/calls.ts";
import { codedError, notCompiled, stopped, thrownByCode } from "#server/engine/isolate/errors.ts";
import { createFunctionDoor } from "#server/engine/isolate/function-door.ts";
import { hostCodec } from "#server/engine/isolate/host-codec.ts";
import type { Kind } from "#server/engine/isolate/inside/function-api.ts";
import { encodeMessage, takeField, type Results } from "#server/engine/isolate/messages.ts";
import type { SandboxContext } from "#server/engine/isolate/sandbox.ts";
import { sharedIsolate, type SharedIsolate } from "#server/engine/isolate/shared.ts";
import { wrapFunction } from "#server/engine/isolate/sources.ts";

/** The parts of a function node's configuration, as its editor writes them. */
interface FunctionConfig extends NodeConfig {
  func?: string;
  outputs?: number;
  /** Seconds; 0: the engine's bound. */
  timeout?: number | string;
  initialize?: string;
  finalize?: string;
  libs?: unknown[];
}

/** One function node, at work for all runs of its plan. */
export interface FunctionHost {
  readonly red: Red;
  readonly kit: EngineKit;
  readonly node: FlowNode;
  readonly calls: Calls;
  readonly shared: SharedIsolate;
  /** The call whose code is executing. */
  current: Call | undefined;
  /** Status was set: it is cleared when the node closes. */
  statusSet: boolean;
  /** Calls a function inside: a timer's, or one that waits for an answer. */
  back(call: Call, callback: number, args?: unknown[]): void;
  /** What a promise inside came to; looked at when the isolate has been left. */
  settled(call: Call, text: string): void;
  sendResults(call: Call, results: Results): void;
}

const PARTS = { main: "", setup: " setup", cleanup: " cleanup" } as const;

export function startFunctionNode(red: Red, kit: EngineKit, node: FlowNode, config: FunctionConfig): void {
  if (Array.isArray(config.libs) && config.libs.length > 0)
    throw codedError(
      "function.libs",
      `"${node.name || "function"}" loads modules (${moduleNames(config.libs)}). The engine executes functions without them; run this flow in the pod, or remove them`,
    );

  const code = {
    main: config.func ?? "",
    setup: config.initialize?.trim() ?? "",
    cleanup: config.finalize?.trim() ?? "",
  };
  const analysis = { main: analyse(code.main), setup: analyse(code.setup), cleanup: analyse(code.cleanup) };
  const label = node.name || "function";
  const fileOf = (kind: Kind) => `Function node${PARTS[kind]}:${node.id}${node.name ? ` [${node.name}]` : ""}`;
  const calls = new Calls();
  const shared = sharedIsolate(kit, node);
  const toFinish: { call: Call; text: string }[] = [];
  const waiting: { msg: Message; send: Call["send"]; done: Call["done"]; frame: Frame }[] = [];
  let context: SandboxContext | undefined;
  let state: "ready" | "starting" | "broken" | "closed" = "ready";
  let broken: unknown;
  /** Set-up code is executed again after the isolate was lost: for its variables, not for its effects. */
  let wasSetUp = false;

  const host: FunctionHost = {
    red,
    kit,
    node,
    calls,
    shared,
    current: undefined,
    statusSet: false,
    back(call, callback, args) {
      if (!context?.alive || call.frame.run?.ended) return;
      const inside = context;
      const text = args === undefined ? undefined : hostCodec.encode(args);
      within(
        call,
        () => inside.back(callback, text, bound().ms),
        (error) => node.error(error, {}),
      );
      calls.mayForget(call);
    },
    settled: (call, text) => void toFinish.push({ call, text }),
    sendResults,
  };
  const door = createFunctionDoor(host);

  /** The node's own bound, the settings', or the engine's, whichever is least. Milliseconds. */
  function bound(): { ms: number; own: boolean } {
    const own = Number(config.timeout) > 0 ? Number(config.timeout) * 1000 : 0;
    const global = Number(red.settings["globalFunctionTimeout"] ?? 0) * 1000;
    const wanted = own > 0 ? own : global;
    return wanted > 0 && wanted < kit.limits.cpuMs
      ? { ms: Math.max(1, Math.round(wanted)), own: true }
      : { ms: kit.limits.cpuMs, own: false };
  }

  function frameNow(): Frame {
    return kit.currentFrame() ?? { run: null, node, step: null };
  }

  /** Executes inside for a call; what stops it from outside goes to `failed`. Afterwards, what promises came to is done. */
  function within(call: Call, fn: () => void, failed: (error: Error) => void): void {
    shared.stack.push(call);
    const outer = host.current;
    host.current = call;
    let error: unknown;
    try {
      fn();
    } catch (thrown) {
      error = thrown;
    } finally {
      host.current = outer;
      shared.stack.pop();
    }
    if (error !== undefined) failed(stopped(error, label, fileOf(call.kind), bound().own));
    while (toFinish.length > 0) {
      const next = toFinish.shift();
      if (next) kit.inFrame(next.call.frame, () => finish(next.call, next.text));
    }
  }

  function opened(): SandboxContext {
    if (context?.alive) return context;
    const made = shared.sandbox.open(
      {
        kind: "function",
        id: node.id,
        path: node._path,
        outputs: config.outputs ?? 1,
        texts: { inputListener: red._("function.error.inputListener") },
        ...(node.name && { name: node.name }),
      },
      door,
    );
    for (const kind of ["main", "setup", "cleanup"] as const)
      if (kind === "main" || code[kind] !== "")
        made.define(kind, wrapFunction(kind, code[kind], analysis[kind].awaits, fileOf(kind)));
    context = made;
    return made;
  }

  function compile(): void {
    try {
      opened();
    } catch (error) {
      state = "broken";
      const file = (["main", "setup", "cleanup"] as const).find((kind) =>
        String((error as Error).stack).includes(`${fileOf(kind)}:`),
      );
      broken = notCompiled(error, fileOf(file ?? "main"), file === undefined || file === "main" ? "body" : file);
      node.error(broken);
    }
  }

  function begin(kind: Kind, msg: Message, send: Call["send"], done: Call["done"], mute = false): Call {
    return calls.begin({ kind, frame: frameNow(), msg, send, done, mute });
  }

  function execute(call: Call, sent: { texts: string[]; fields?: Call["fields"] }): void {
    call.fields = sent.fields;
    let answer: string | undefined;
    within(
      call,
      () => {
        answer = opened().call(call.kind, call.id, sent.texts, bound().ms);
      },
      (error) => fail(call, error),
    );
    if (answer !== undefined) finish(call, answer);
  }

  function finish(call: Call, text: string): void {
    if (call.over || call.frame.run?.ended) return;
    over(call);
    const value = hostCodec.decode(text.slice(1), (key) => takeField(call.fields, key));
    if (text[0] === "e") {
      const error = thrownByCode(value, fileOf(call.kind));
      if (error instanceof Error) call.msg["error"] = error;
      call.done(error);
      return;
    }
    sendResults(call, value as Results); // as Messages.results wrote it
    if (call.kind !== "main" || !analysis.main.callsDone) call.done();
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

  function setUp(): void {
    if (code.setup === "") return;
    state = "starting";
    const ready = (error?: unknown) => {
      state = error ? "broken" : "ready";
      wasSetUp ||= !error;
      if (error) {
        broken = error;
        node.error(error);
      }
      for (const { msg, send, done, frame } of waiting.splice(0)) kit.inFrame(frame, () => take(msg, send, done));
    };
    const nowhere = () =>
      node.warn("Messages sent on start go nowhere: on the engine a run begins with a message, not with a deployment");
    execute(begin("setup", {}, nowhere, ready, wasSetUp), { texts: [] });
  }

  function take(msg: Message, send: Call["send"], done: Call["done"]): void {
    if (context && !context.alive && state === "ready") setUp();
    if (state === "starting") waiting.push({ msg, send, done, frame: frameNow() });
    else if (state === "broken") done(broken);
    else execute(begin("main", msg, send, done), encodeMessage(msg));
  }

  shared.sandbox.onLost(() => {
    // The innermost code is what asked for too much.
    const guilty = shared.stack.at(-1)?.frame.run;
    for (const call of calls.takeAll()) {
      const { run } = call.frame;
      for (const timer of call.timers.values()) kit.timers.clearTimeout(timer);
      call.timers.clear();
      if (shared.stack.includes(call)) continue; // it fails by what it throws
      if (run && !run.ended && run !== guilty)
        kit.interrupt(run.id, "The memory of its functions was used up by another run of this flow");
      else if (call.kind === "setup" || (run && !run.ended)) kit.inFrame(call.frame, () => lost(call));
    }
  });

  function lost(call: Call): void {
    const error = codedError(
      "function.memory",
      `"${label}" was stopped while it waited: other code of this run used up the memory`,
    );
    if (call.over) node.error(error, call.msg);
    else fail(call, error);
  }

  node.on("input", take);
  node.on("close", (removed: boolean, done: () => void) => {
    close(removed);
    done();
  });
  compile();
  if (state === "ready") setUp();

  function close(removed: boolean): void {
    if (context?.alive) {
      const inside = context;
      const call = begin(
        "cleanup",
        {},
        () => undefined,
        (error) => void (error && node.error(error)),
      );
      if (code.cleanup !== "") execute(call, { texts: [] });
      within(
        call,
        () => inside.close(removed),
        (error) => node.error(error),
      );
    }
    for (const call of calls.takeAll()) for (const timer of call.timers.values()) kit.timers.clearTimeout(timer);
    if (host.statusSet) node.status({});
    state = "closed";
    context?.release();
  }
}

function moduleNames(libs: unknown[]): string {
  return libs.map((lib) => String((lib as { module?: unknown } | null)?.module ?? lib)).join(", ");
}
