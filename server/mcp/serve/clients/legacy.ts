import { randomUUID } from "node:crypto";
import type { Actor } from "../../../kernel/actor.ts";
import { RpcError, type Caller, type Json } from "../../exchange.ts";
import type { ToolGateway } from "../../gateway.ts";
import type { Answer } from "../wire/answer.ts";
import { mustBeAble, needsInput, questionsOf, type Question } from "./ask-client.ts";
import { followChanges } from "./changes.ts";
import { isLevel, reaches } from "../wire/log-levels.ts";
import type { OwnToolSource } from "../own-tools.ts";
import { CODE, invalidParams, LEGACY, objectAt, unknownMethod, type RpcId, type RpcRequest } from "../wire/rpc.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { Surface } from "../surface/surface.ts";

export interface LegacyDeps {
  gateway: ToolGateway;
  ownTools: OwnToolSource;
  sessions: Sessions;
}

export interface Visit {
  surface: Surface;
  actor: Actor;
  answer: Answer;
}

/** `initialize`: agrees on a revision and opens a session, whose id goes into the header. */
export async function initialize(
  { sessions }: LegacyDeps,
  { surface, actor, answer }: Visit,
  { id, params }: RpcRequest,
): Promise<void> {
  const asked = params["protocolVersion"];
  const protocol = LEGACY.find((known) => known === asked) ?? LEGACY[0];
  const { serverInfo, capabilities, instructions } = await surface.about(actor, "legacy");
  const client = objectAt(params, "clientInfo");
  const session = sessions.create(actor, surface.path, {
    protocol,
    capabilities: objectAt(params, "capabilities"),
    client: {
      name: String(client["name"] ?? "unknown").slice(0, 100),
      version: String(client["version"] ?? "").slice(0, 50),
    },
  });
  const result = {
    protocolVersion: protocol,
    capabilities,
    serverInfo,
    ...(instructions !== undefined && { instructions }),
  };
  answer.end({ jsonrpc: "2.0", id, result }, 200, { "Mcp-Session-Id": session.id });
}

/** A request within a session. */
export async function serveLegacy(
  visit: Visit & { session: Session; caller: Caller; timeoutMs: number },
  request: RpcRequest,
): Promise<void> {
  const { session, answer } = visit;
  const { id } = request;
  if (session.inflight.has(id)) throw new RpcError(CODE.request, `A request with the id ${id} is under way`);
  const abort = new AbortController();
  const leave = () => abort.abort(answer.signal.reason);
  answer.signal.addEventListener("abort", leave, { once: true });
  session.inflight.set(id, abort);
  try {
    const result = await answerRequest({ ...visit, signal: abort.signal }, request);
    answer.end({ jsonrpc: "2.0", id, result });
  } catch (thrown) {
    const { aborted, reason } = abort.signal;
    // What was cancelled is not answered: the client has stopped waiting for it.
    if (aborted && !(reason instanceof RpcError)) return answer.end(undefined, 202);
    const error: unknown = aborted ? reason : thrown;
    if (!(error instanceof RpcError)) throw error;
    // With the status of 2026-07-28 such a client would take its session for lost, or the connection for broken.
    const { code, message, data } = error;
    answer.end({ jsonrpc: "2.0", id, error: { code, message, ...(data !== undefined && { data }) } });
  } finally {
    session.inflight.delete(id);
  }
}

type Serving = Visit & { session: Session; caller: Caller; timeoutMs: number; signal: AbortSignal };

/** More rounds than any conversation needs. */
const MOST_ROUNDS = 32;

async function answerRequest(serving: Serving, { method, params }: RpcRequest): Promise<Json> {
  const { surface, actor, session, answer, signal, caller, timeoutMs } = serving;
  switch (method) {
    case "ping":
      return {};
    case "logging/setLevel":
      if (!isLevel(params["level"])) throw invalidParams("There is no such log level");
      session.logLevel = params["level"];
      return {};
    case "resources/subscribe":
      await subscribe(serving, params["uri"]);
      return {};
    case "resources/unsubscribe":
      session.watched.get(String(params["uri"]))?.stop();
      session.watched.delete(String(params["uri"]));
      return {};
    case "server/discover":
    case "subscriptions/listen":
      throw unknownMethod(method);
  }
  const { progressToken, ...meta } = objectAt(params, "_meta");
  const { _meta, inputResponses: _responses, requestState: _state, ...own } = params;
  const base: Json = { ...own, ...(_meta !== undefined && { _meta: meta }) };
  const notify = ({ method: what, params: said }: Question) => {
    if (what === "notifications/progress" && progressToken === undefined) return;
    if (what === "notifications/message" && !reaches(said["level"], session.logLevel)) return;
    answer.send({
      jsonrpc: "2.0",
      method: what,
      params: what === "notifications/progress" ? { ...said, progressToken } : said,
    });
  };
  const ask = (question: Question, withdrawn?: AbortSignal) =>
    askClient(session, answer, question, withdrawn ? AbortSignal.any([signal, withdrawn]) : signal);
  const call = {
    actor,
    era: "legacy" as const,
    method,
    capabilities: session.capabilities,
    logLevel: session.logLevel,
    caller,
    timeoutMs,
    signal,
    notify,
    ask,
  };
  let rounds: Json = {};
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const result = await surface.request({ ...call, params: { ...base, ...rounds } });
    if (!needsInput(result)) return withoutModern(result);
    // Of revision 2026-07-28: it asks by its result, and is asked again with the answers.
    const answers = await Promise.all(
      questionsOf(result).map(async ([key, question]) => [key, await ask(question)] as const),
    );
    const { requestState } = result;
    rounds = { inputResponses: Object.fromEntries(answers), ...(requestState !== undefined && { requestState }) };
  }
  throw new RpcError(CODE.internal, `The server asked more than ${MOST_ROUNDS} times`);
}

/** Sends a request to the client on the stream of the request that causes it; answers the client's result. */
async function askClient(session: Session, answer: Answer, question: Question, signal: AbortSignal): Promise<Json> {
  mustBeAble(question, session.capabilities);
  if (!answer.canStream) throw new RpcError(CODE.internal, "The client takes no event stream and so cannot be asked");
  const id = randomUUID();
  const answered = new Promise<Json>((resolve, reject) => {
    session.asked.set(id, { answer: resolve, refuse: reject });
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const { method, params } = question;
  // Pages to open had an id of their own until 2025-11-25.
  const named = params["mode"] === "url" && params["elicitationId"] === undefined ? { elicitationId: id } : {};
  answer.send({ jsonrpc: "2.0", id, method, params: { ...params, ...named } });
  try {
    return await answered;
  } catch (error) {
    if (signal.aborted) answer.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
    throw error;
  } finally {
    session.asked.delete(id);
  }
}

/** What only 2026-07-28 has in a result. */
function withoutModern({ resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...result }: Json): Json {
  return result;
}

const MOST_WATCHED = 200;

async function subscribe({ surface, actor, session, signal }: Serving, uri: unknown): Promise<void> {
  if (typeof uri !== "string") throw invalidParams("The URI of the resource is missing");
  if (session.watched.has(uri)) return;
  if (session.watched.size >= MOST_WATCHED) throw invalidParams(`At most ${MOST_WATCHED} resources can be watched`);
  const watched = await surface.watch(actor, uri);
  // Meanwhile the session may have ended, or the same have been asked for.
  if (signal.aborted || session.watched.has(uri)) watched.stop();
  else session.watched.set(uri, watched);
}

/** What a client says within a session besides requests. */
export type Aside =
  | { kind: "legacy-notification"; method: string; params: Json }
  | { kind: "response"; id: RpcId; result?: Json; error?: { code: number; message: string; data?: unknown } };

/** Hears it; false: it is about something that this process knows nothing of. */
export function hearAside(session: Session, aside: Aside): boolean {
  if (aside.kind === "response") {
    const { id, result, error } = aside;
    const waiting = session.asked.get(String(id));
    if (result) waiting?.answer(result);
    else if (error) waiting?.refuse(new RpcError(error.code, error.message, error.data));
    return waiting !== undefined;
  }
  // The gateway takes what a client declared when it began; of what it says later only this matters.
  if (aside.method !== "notifications/cancelled") return true;
  const id = aside.params["requestId"];
  const running = typeof id === "string" || typeof id === "number" ? session.inflight.get(id) : undefined;
  running?.abort(new Error("cancelled by the client"));
  return running !== undefined;
}

/** GET: what the endpoint announces, until the client goes or `closing` aborts. A second one replaces the first. */
export async function streamChanges(
  deps: LegacyDeps,
  { surface, actor, answer, session, closing }: Visit & { session: Session; closing: AbortSignal },
): Promise<void> {
  session.stream?.stop();
  answer.open();
  const tell = (method: string, params?: Json) => answer.send({ jsonrpc: "2.0", method, ...(params && { params }) });
  await new Promise<void>((done) => {
    const stop = followChanges(deps, surface, actor, (change) => {
      if (change.kind === "log") {
        if (reaches(change.params["level"], session.logLevel)) tell("notifications/message", change.params);
      } else if (change.kind === "resource") {
        for (const [uri, one] of session.watched)
          if (one.upstream === change.upstream && one.uri === change.uri)
            tell("notifications/resources/updated", { uri });
      } else tell(`notifications/${change.kind}/list_changed`);
    });
    const end = () => {
      stop();
      if (session.stream?.answer === answer) session.stream = undefined;
      answer.end();
      done();
    };
    session.stream = { answer, stop: end };
    for (const signal of [answer.signal, closing]) {
      signal.addEventListener("abort", end, { once: true });
      if (signal.aborted) end();
    }
  });
}
