import type { Message } from "#server/engine/node.ts";
import { linkBytes } from "#server/engine/links.ts";
import type { Call } from "#server/engine/isolate/calls.ts";
import { codedError } from "#server/engine/isolate/errors.ts";
import { answerWith, formatted, PURE_OPERATIONS } from "#server/engine/isolate/function-ops.ts";
import type { FunctionHost } from "#server/engine/isolate/function-calls.ts";
import { countHandedOut } from "#server/engine/isolate/handed-out.ts";
import { hostCodec } from "#server/engine/isolate/host-codec.ts";
import type { Door } from "#server/engine/isolate/inside/door.ts";
import { takeField, type Results } from "#server/engine/isolate/messages.ts";

type Operation = (call: Call, ...args: never[]) => unknown;
type Scope = "node" | "flow" | "global";

const TIMERS = 1_000;
const LINES = 1_000;
const LINE_CHARS = 20_000;

/** What the code of a function node may do outside, each operation on behalf of its call. */
export function createFunctionDoor(host: FunctionHost): Door {
  const { kit, node, red, calls } = host;
  const operations: Record<string, Operation> = {
    ...contextOperations(host),
    ...timerOperations(host),
    ...sayingOperations(host),
    env: (_call, name: string) => red.util.getSetting(node, name),
    id: () => red.util.generateId(),
    done: (call, error: unknown) => call.done(error),
    linkcall: linkCall(host),
  };
  return (operation, id, text) => {
    const pure = PURE_OPERATIONS[operation];
    if (pure) return answerWith(pure(...(hostCodec.decode(text) as never[])));
    // Code that outlived its own call speaks for the one that executes it.
    const call = calls.get(id) ?? host.current;
    if (operation === "settle") {
      if (call?.id === id) host.settled(call, text);
      return undefined;
    }
    if (!call || call.frame.run?.ended) throw codedError("run.ended", "The run has ended");
    countHandedOut(host, text, kit.limits);
    const act = (): string | undefined => {
      if (operation === "send") {
        if (id !== -1 && call.id !== id) return answerWith(true);
        if (call.mute) return undefined;
        const results = hostCodec.decode(text, (key) => takeField(call.fields, key));
        host.sendResults(call, results as Results); // as Messages.results wrote it
        return undefined;
      }
      const fn = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (!fn) throw new Error(`There is no operation ${operation}`);
      return answerWith(fn(call, ...(hostCodec.decode(text) as never[])));
    };
    // Code that executes for its own frame needs no other.
    return host.current === call ? act() : kit.inFrame(call.frame, act);
  };
}

/** A path through a stored value leads to own properties only (Node-RED's rule), so no prototype of the host is reached. */
function contextOperations({ node }: FunctionHost): Record<string, Operation> {
  const of = (scope: Scope) => (scope === "node" ? node.context() : node.context()[scope]);
  return {
    "context.get": (_call, scope: Scope, key: unknown, store?: unknown) => of(scope).get(key, store),
    "context.set": (call, scope: Scope, key: unknown, value: unknown, store?: unknown) => {
      if (!call.mute) of(scope).set(key, value, store);
    },
    "context.keys": (_call, scope: Scope, store?: unknown) => of(scope).keys(store),
  };
}

function timerOperations(host: FunctionHost): Record<string, Operation> {
  const { kit, calls } = host;
  const owners = new Map<number, Call>();
  return {
    timer: (call, id: number, ms: number, repeat: boolean) => {
      if (call.timers.size >= TIMERS)
        throw codedError("function.timers", `One message has more than ${TIMERS} timers pending`);
      const fire = () => {
        if (!repeat) {
          call.timers.delete(id);
          owners.delete(id);
        }
        host.back(call, id);
      };
      const span = Number.isFinite(ms) ? ms : 1; // as Node's timers
      call.timers.set(id, repeat ? kit.timers.setInterval(fire, span) : kit.timers.setTimeout(fire, span));
      owners.set(id, call);
    },
    clear: (call, id: number) => {
      const owner = owners.get(id);
      if (!owner || owner.frame.run !== call.frame.run) return false;
      kit.timers.clearTimeout(owner.timers.get(id));
      owner.timers.delete(id);
      owners.delete(id);
      calls.mayForget(owner);
      return true;
    },
  };
}

function sayingOperations(host: FunctionHost): Record<string, Operation> {
  const { node } = host;
  const mayGoOn = (call: Call) => {
    call.said += 1;
    if (call.said === LINES + 1) node.warn(`Further lines of this message are left out: there are more than ${LINES}`);
    return call.said <= LINES;
  };
  const line = (what: "log" | "warn" | "debug" | "trace") => (call: Call, said: unknown) => {
    if (mayGoOn(call)) node[what](shortened(said));
  };
  return {
    log: line("log"),
    warn: line("warn"),
    debug: line("debug"),
    trace: line("trace"),
    error: (call, problem: unknown, msg?: unknown) => {
      if (mayGoOn(call)) node.error(shortened(problem), msg);
    },
    status: (call, status: unknown) => {
      if (call.mute || !mayGoOn(call)) return;
      host.statusSet = true;
      node.status(status);
    },
    console: (call, level: string, ...args: unknown[]) => {
      if (mayGoOn(call)) node[level === "warn" || level === "debug" ? level : "log"](shortened(formatted(args)));
    },
  };
}

function shortened(said: unknown): unknown {
  return typeof said === "string" && said.length > LINE_CHARS ? `${said.slice(0, LINE_CHARS)} …` : said;
}

const LINK_CALL_MS = 5_000;

interface LinkNode {
  returnLinkMessage(event: string, msg: Message): void;
}

/** As in Node-RED's function node: the message goes to a `link in`, and comes back from a `link out` that returns. */
function linkCall(host: FunctionHost): Operation {
  const { kit, node, red, calls } = host;
  const open = new Map<string, (error: unknown, msg?: Message) => void>();
  (node as unknown as LinkNode).returnLinkMessage = (event, msg) => {
    if (Array.isArray(msg["_linkSource"]) && msg["_linkSource"].length === 0) delete msg["_linkSource"];
    open.get(event)?.(null, msg);
  };
  return (call, answer: number, target: unknown, msg: Message | null, options: { timeout?: number } | null) => {
    if (typeof target !== "string" || target.trim() === "")
      throw new Error(red._("function.error.linkcallTargetInvalid"));
    if (typeof msg !== "object" || msg === null) throw new Error(red._("function.error.linkcallMsgInvalid"));
    const targets = red.nodes["linkcallTargets"] as {
      getTargetNode(from: unknown, to: string, dynamic: boolean): unknown;
    };
    const found = targets.getTargetNode(node, target, !red.nodes.getNode(target)) as {
      receive(msg: Message): void;
      type: string;
    };
    if (found.type !== "link in") throw new Error(red._("function.error.linkcallTargetNotFound"));
    const event = linkBytes(14).toString("hex");
    const timer = kit.timers.setTimeout(
      () => open.get(event)?.(new Error("timeout")),
      options?.timeout ?? LINK_CALL_MS,
    );
    call.awaited.add(answer);
    open.set(event, (error, returned) => {
      open.delete(event);
      kit.timers.clearTimeout(timer);
      call.awaited.delete(answer);
      if (call.frame.run?.ended) return;
      kit.inFrame(call.frame, () => host.back(call, answer, [error, returned]));
      calls.mayForget(call);
    });
    const source = Array.isArray(msg["_linkSource"]) ? (msg["_linkSource"] as unknown[]) : [];
    msg["_linkSource"] = [...source, { id: event, node: node.id }];
    found.receive(msg);
    return undefined;
  };
}
