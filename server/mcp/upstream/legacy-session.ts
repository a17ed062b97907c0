import { RpcError, type Exchange, type Json } from "../exchange.ts";
import { isResponse, type Message } from "./message.ts";
import type { PeerChange } from "./peer.ts";
import { boundSilence, type Silence } from "./silence.ts";
import { CutOff } from "./wire-errors.ts";

/** How a session's messages travel. */
export interface LegacyChannel {
  /**
   * Sends a request. `heard` is told what comes on a stream of its own, where the transport has such; what comes
   * elsewhere is told to the session by `hear`. Resolves when nothing more will come on that stream.
   */
  request(message: Message, options: ChannelOptions & { heard(message: Message): void }): Promise<void>;
  /** Sends a notification or an answer. */
  notify(message: Message, options: ChannelOptions): Promise<void>;
  close(): Promise<void>;
}
interface ChannelOptions {
  headers: Record<string, string>;
  signal?: AbortSignal;
}

/** A session of the 2025 revisions (or of 2024-11-05), with the capabilities that were declared when it was opened. */
export interface LegacySession {
  /** Requests under way. */
  readonly busy: number;
  request(exchange: SessionRequest, headers: Record<string, string>): Promise<Json>;
  notify(method: string, headers: Record<string, string>): Promise<void>;
  /** What came on a stream that belongs to no request. */
  hear(message: Message): void;
  /** Breaks off what is under way: it may have run. */
  end(why: Error): Promise<void>;
}
type SessionRequest = Pick<Exchange, "method" | "params" | "timeoutMs" | "signal" | "notify" | "ask" | "logLevel">;

interface UnderWay {
  exchange: SessionRequest;
  headers: Record<string, string>;
  silence: Silence;
  settle(message: Message): void;
  fail(why: unknown): void;
  /** Questions of the upstream that are open. */
  asked: Map<Message["id"], AbortController>;
}

/** How long a cancelled request's own connection stays open, so that the cancellation overtakes its end. */
const CANCEL_GRACE_MS = 1_000;
const NOTIFICATION_MS = 5_000;
const QUESTIONS = new Set(["elicitation/create", "sampling/createMessage", "roots/list"]);
const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

/** `changed` hears what belongs to no request. */
export function legacySession(channel: LegacyChannel, changed: (change: PeerChange) => void): LegacySession {
  const underWay = new Map<number, UnderWay>();
  let lastId = 0;
  let level: string | undefined;

  const post = (message: Omit<Message, "jsonrpc">, headers: Record<string, string>) =>
    channel.notify({ jsonrpc: "2.0", ...message }, { headers, signal: AbortSignal.timeout(NOTIFICATION_MS) });

  /** A question that came on no stream of a request belongs to the only one that can answer questions. */
  const onlyAsking = (): UnderWay | undefined => {
    const able = [...underWay.values()].filter(({ exchange }) => exchange.ask);
    return able.length === 1 ? able[0] : undefined;
  };

  /** What is said on no stream of a request may be about any of them, and they may be of several workspaces. */
  const only = (): UnderWay | undefined => (underWay.size === 1 ? [...underWay.values()][0] : undefined);

  const answer = async (message: Message, owner: UnderWay | undefined): Promise<Omit<Message, "jsonrpc">> => {
    const { id, method = "", params = {} } = message;
    if (method === "ping") return { id: id!, result: {} };
    if (!QUESTIONS.has(method) || !owner?.exchange.ask)
      return { id: id!, error: { code: -32_601, message: `${method} cannot be answered here` } };
    const withdrawn = new AbortController();
    owner.asked.set(id, withdrawn);
    const back = owner.silence.excused();
    try {
      return { id: id!, result: await owner.exchange.ask({ method, params }, withdrawn.signal) };
    } catch (error) {
      const { code, message, data } =
        error instanceof RpcError ? error : new RpcError(-32_603, "The question could not be answered");
      return { id: id!, error: { code, message, ...(data !== undefined && { data }) } };
    } finally {
      owner.asked.delete(id);
      back();
    }
  };

  const tell = ({ method = "", params = {} }: Message, owner: UnderWay | undefined) => {
    if (method === "notifications/progress") {
      const { progressToken, ...progress } = params;
      const reported = underWay.get(Number(progressToken));
      reported?.silence.broken();
      reported?.exchange.notify?.({ method, params: progress });
    } else if (method === "notifications/cancelled") {
      for (const { asked } of underWay.values()) asked.get(params["requestId"] as Message["id"])?.abort(); // or nothing
    } else if (method === "notifications/message") {
      const wanted = owner?.exchange.logLevel;
      if (!owner) changed({ kind: "log", params });
      else if (!wanted || LEVELS.indexOf(String(params["level"])) >= LEVELS.indexOf(wanted))
        owner.exchange.notify?.({ method, params });
    } else {
      const change = changeOf(method, params);
      if (change) changed(change);
      else owner?.exchange.notify?.({ method, params });
    }
  };

  const hear = (message: Message, own?: UnderWay) => {
    const { id, method } = message;
    if (isResponse(message)) return underWay.get(Number(id))?.settle(message);
    if (method === undefined) return;
    if (id === undefined || id === null) return tell(message, own ?? only());
    const owner = own ?? onlyAsking();
    void answer(message, owner)
      .then((response) => post(response, owner?.headers ?? {}))
      .catch(() => undefined); // whoever asked is gone: it learns that from its own side
  };

  /** A session has one level for all: the most talkative that anybody wanted. */
  const raiseLevel = async ({ logLevel, timeoutMs }: SessionRequest, headers: Record<string, string>) => {
    if (!logLevel || (level && LEVELS.indexOf(level) <= LEVELS.indexOf(logLevel))) return;
    level = logLevel;
    // a server without logging refuses it, and then there is nothing to be quiet about
    await request({ method: "logging/setLevel", params: { level }, timeoutMs }, headers).catch(() => undefined);
  };

  const request = async (exchange: SessionRequest, headers: Record<string, string>): Promise<Json> => {
    if (exchange.logLevel) await raiseLevel(exchange, headers);
    exchange.signal?.throwIfAborted();
    const id = ++lastId;
    const answered = Promise.withResolvers<Message>();
    const stream = new AbortController();
    const asked: UnderWay["asked"] = new Map();
    const silence = boundSilence(exchange, (reason) => {
      answered.reject(reason);
      // An `initialize` must not be cancelled.
      if (exchange.method === "initialize") return stream.abort();
      setTimeout(() => stream.abort(), CANCEL_GRACE_MS).unref();
      const params = { requestId: id, reason: "The caller has given up" };
      void post({ method: "notifications/cancelled", params }, headers)
        .catch(() => undefined)
        .then(() => stream.abort());
    });
    const own: UnderWay = { exchange, headers, silence, settle: answered.resolve, fail: answered.reject, asked };
    underWay.set(id, own);
    const { _meta, ...rest } = exchange.params as { _meta?: Json }; // a member of MCP's own, an object
    // Always asked for, since it is progress that keeps a long request alive.
    const params = exchange.method === "initialize" ? rest : { ...rest, _meta: { ..._meta, progressToken: id } };
    const sent = channel.request(
      { jsonrpc: "2.0", id, method: exchange.method, params },
      { headers, signal: stream.signal, heard: (message) => hear(message, own) },
    );
    sent.catch(answered.reject);
    let late: NodeJS.Timeout | undefined;
    try {
      const { result, error } = await answered.promise;
      // A server that answered and does not end its stream holds a connection for nothing.
      late = setTimeout(() => stream.abort(), CANCEL_GRACE_MS).unref();
      if (error) throw new RpcError(error.code, String(error.message), error.data);
      return result ?? {};
    } finally {
      silence.end();
      underWay.delete(id);
      for (const open of asked.values()) open.abort();
      const quiet = () => clearTimeout(late);
      sent.then(quiet, quiet);
    }
  };

  return {
    get busy() {
      return underWay.size;
    },
    request,
    notify: (method, headers) => post({ method }, headers),
    hear,
    async end(why) {
      for (const { fail } of underWay.values()) fail(why instanceof CutOff ? why : new CutOff(why));
      await channel.close();
    },
  };
}

/** The change of a list or a resource that a notification announces. */
export function changeOf(method: string, params: Json): PeerChange | undefined {
  const [, kind] = /^notifications\/(tools|resources|prompts)\/list_changed$/.exec(method) ?? [];
  if (kind) return { kind: kind as "tools" | "resources" | "prompts" }; // as the expression says
  if (method !== "notifications/resources/updated" || typeof params["uri"] !== "string") return undefined;
  return { kind: "resource", uri: params["uri"] };
}
