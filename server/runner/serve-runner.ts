import type {
  CallRef,
  ContextWrite,
  EngineHost,
  Graph,
  RunLimits,
  RunLog,
  RunOutcome,
  Start,
} from "#server/engine/contract.ts";
import { openChannel, type Port } from "./channel.ts";
import { Outbox } from "./outbox.ts";
import type { FromRunner, ToRunner } from "./protocol.ts";

/** What the runner drives: the engine has this shape (server/engine/engine-types.ts says more of it). */
export interface HostedEngine {
  plan(graph: Graph): Promise<void>;
  forget(graph: string): Promise<void>;
  start(run: {
    runId: string;
    graph: string;
    start: Start;
    log?: RunLog;
    eager?: boolean;
  }): Promise<RunOutcome | { status: "dropped" } | { status: "interrupted"; reason: string }>;
  drop(runId: string): void;
  setContexts(writes: ContextWrite[], whole: boolean): void;
}

export interface Allowed {
  limits: RunLimits;
  allowPrivateHosts: string[];
}
type LogLine = Omit<Extract<FromRunner, { type: "log" }>, "type">;

/** An error as the protocol has it. What has no code of its own is a mistake in a node. */
export function failureOf(error: unknown): { code: string; message: string } {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === "string" ? code : "flow.node",
    message: typeof message === "string" ? message : String(error),
  };
}

const asError = ({ code, message }: { code: string; message: string }) => Object.assign(new Error(message), { code });
const megabytes = () => Math.round(process.memoryUsage.rss() / 1_048_576);
const keyOf = ({ step, n }: CallRef) => `${step}/${n}`;

/** Speaks the protocol on the runner's side, until the process ends. `make` gets the word of the worker what is allowed. */
export function serveRunner(
  port: Port,
  make: (host: EngineHost, allowed: Allowed, log: (line: LogLine) => void) => Promise<HostedEngine>,
): void {
  const waiting = new Map<string, Map<string, { resolve(value: unknown): void; reject(error: Error): void }>>();
  /** By key: what of the plans is under way. */
  const planning = new Map<string, Promise<void>>();
  let ready: Promise<HostedEngine> | undefined;
  let engine: HostedEngine | undefined;

  const channel = openChannel<FromRunner, ToRunner>(port, (message) => {
    if (message.type === "ping") channel.say({ type: "pong", id: message.id, memoryMb: megabytes() });
    else if (message.type === "start") ready = begin(message);
    else if (engine) handle(engine, message);
    else void ready?.then((engine) => handle(engine, message)); // in order: callbacks of one promise are
  });
  const outbox = new Outbox(channel);
  const log = (line: LogLine) => channel.say({ type: "log", ...line });
  const close = (runId: string) => {
    outbox.close(runId);
    waiting.delete(runId);
  };

  const host: EngineHost = {
    record: (runId, steps, events) => outbox.record(runId, steps, events),
    commit: (runId) => outbox.commit(runId),
    call: (runId, ref, op, args) =>
      new Promise((resolve, reject) => {
        const calls = waiting.get(runId);
        if (!calls) return; // dropped: it is never answered
        calls.set(keyOf(ref), { resolve, reject });
        outbox.say(runId, { type: "call", runId, ref, op, args });
      }),
  };

  async function begin(allowed: Allowed): Promise<HostedEngine> {
    try {
      const made = await make(host, allowed, log);
      channel.say({ type: "ready", memoryMb: megabytes() });
      setImmediate(() => (engine = made)); // after what was said before and waits for the promise
      return made;
    } catch (error) {
      log({ level: "error", message: `the engine does not start: ${(error as Error).stack ?? String(error)}` });
      channel.flush();
      setImmediate(() => process.exit(1));
      throw error;
    }
  }

  async function plan(engine: HostedEngine, graph: Graph): Promise<void> {
    try {
      await engine.plan(graph);
    } catch (error) {
      channel.say({ type: "refused", graph: graph.key, error: failureOf(error) });
    } finally {
      planning.delete(graph.key);
    }
  }

  async function run(engine: HostedEngine, message: Extract<ToRunner, { type: "run" }>): Promise<void> {
    const { runId, graph, start, log, alone: eager = false } = message;
    await planning.get(graph);
    if (!waiting.has(runId)) return; // dropped meanwhile
    // What cannot even begin, for example because its graph was refused, has failed as well.
    const begin = async () => engine.start({ runId, graph, start, eager, ...(log ? { log } : {}) });
    const ended = await begin().catch((error: unknown) => ({ status: "failed" as const, error: failureOf(error) }));
    if (ended.status === "interrupted") outbox.say(runId, { type: "interrupted", runId, reason: ended.reason });
    else if (ended.status !== "dropped") outbox.say(runId, { type: "ended", runId, outcome: ended });
    if (ended.status !== "dropped") close(runId);
  }

  function handle(engine: HostedEngine, message: Exclude<ToRunner, { type: "start" | "ping" }>): void {
    switch (message.type) {
      case "context":
        return engine.setContexts(message.writes, message.whole);
      case "plan":
        return void planning.set(message.graph.key, plan(engine, message.graph));
      case "forget":
        return void engine.forget(message.graph);
      case "run":
        outbox.open(message.runId);
        waiting.set(message.runId, new Map());
        return void run(engine, message);
      case "committed":
        return outbox.committed(message.runId, message.mark);
      case "answer": {
        const calls = waiting.get(message.runId);
        const call = calls?.get(keyOf(message.ref));
        calls?.delete(keyOf(message.ref));
        if (message.ok) call?.resolve(message.value);
        else call?.reject(asError(message.error));
        return;
      }
      case "drop":
        close(message.runId); // first, so that nothing of it reaches the host any more
        engine.drop(message.runId);
        return channel.say({ type: "dropped", runId: message.runId });
    }
  }
}
