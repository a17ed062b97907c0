import type { IncomingHttpHeaders } from "node:http";
import type { Actor } from "../../../kernel/actor.ts";
import type { Caller, Json } from "../../exchange.ts";
import type { ToolGateway } from "../../gateway.ts";
import type { Answer } from "../wire/answer.ts";
import { mustBeAble, needsInput, questionsOf } from "./ask-client.ts";
import { forUpstream } from "../surface/connect-first.ts";
import { listen } from "./listen.ts";
import type { OwnToolSource } from "../own-tools.ts";
import type { RequestStates, Waiting } from "./request-state.ts";
import {
  CAPABILITIES_KEY,
  CLIENT_KEY,
  invalidParams,
  isObject,
  LOG_LEVEL_KEY,
  MODERN,
  objectAt,
  SERVER_KEY,
  unknownMethod,
  VERSION_KEY,
  type RpcRequest,
} from "../wire/rpc.ts";
import type { Surface } from "../surface/surface.ts";
import type { Round, Suspended } from "./suspended.ts";

export interface ModernDeps {
  gateway: ToolGateway;
  ownTools: OwnToolSource;
  states: RequestStates;
  suspended: Suspended;
  /** Names this process among others. */
  processId: string;
}

export interface ModernRequest {
  surface: Surface;
  actor: Actor;
  request: RpcRequest;
  meta: Json;
  headers: IncomingHttpHeaders;
  answer: Answer;
  caller: Caller;
  timeoutMs: number;
  /** Aborts when a stream must end although the client is there. */
  closing: AbortSignal;
}

/** Methods whose result may ask the client for something. */
const ROUNDS = new Set(["tools/call", "prompts/get", "resources/read"]);
const CACHED = new Set([
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
]);

/** Serves a request of revision 2026-07-28. */
export async function serveModern(deps: ModernDeps, asked: ModernRequest): Promise<void> {
  const { surface, actor, request, answer } = asked;
  if (request.method === "subscriptions/listen") return listen(deps, asked);
  const about = surface.about(actor, "modern");
  const named = about.then(
    ({ serverInfo }) => serverInfo,
    () => undefined, // the request itself says why
  );
  const result =
    request.method === "server/discover"
      ? await about.then(({ capabilities, instructions }) => ({
          supportedVersions: [MODERN],
          capabilities,
          ...(instructions !== undefined && { instructions }),
        }))
      : await answerRequest(deps, asked);
  answer.end({
    jsonrpc: "2.0",
    id: request.id,
    result: complete(request.method, result, await named),
  });
}

async function answerRequest(deps: ModernDeps, asked: ModernRequest): Promise<Json> {
  const { surface, actor, request, meta, headers, answer, caller, timeoutMs } = asked;
  const { method } = request;
  const { requestState, inputResponses, ...own } = request.params;
  const capabilities = objectAt(meta, CAPABILITIES_KEY);
  const logLevel = typeof meta[LOG_LEVEL_KEY] === "string" ? meta[LOG_LEVEL_KEY] : undefined;
  const base = { ...own, _meta: withoutProtocol(meta) };
  const call = { actor, era: "modern" as const, method, capabilities, logLevel, caller, timeoutMs, headers };
  if (!ROUNDS.has(method))
    return surface.request({ ...call, params: base, signal: answer.signal, notify: (said) => say(said) });

  const progressToken = meta["progressToken"];
  const say = ({ method: what, params }: { method: string; params: Json }) => {
    if (what === "notifications/progress" && progressToken === undefined) return;
    if (what === "notifications/message" && logLevel === undefined) return;
    answer.send({
      jsonrpc: "2.0",
      method: what,
      params: what === "notifications/progress" ? { ...params, progressToken } : params,
    });
  };
  const client = { signal: answer.signal, notify: say };
  const about = { endpoint: surface.path, method, params: own };
  if (inputResponses !== undefined && !isObject(inputResponses)) throw invalidParams("inputResponses is not an object");
  const answers = inputResponses && forUpstream(inputResponses);
  const waiting = requestState === undefined ? undefined : await deps.states.open(actor, about, requestState);
  const round = await (waiting && "process" in waiting
    ? resume(deps, waiting, inputResponses ?? {}, client)
    : deps.suspended.begin(
        principalOf(actor),
        capabilities,
        (kit) =>
          surface.request({
            ...call,
            ...kit,
            params: {
              ...base,
              ...(answers && { inputResponses: answers }),
              ...(waiting && { requestState: waiting.upstream }),
            },
          }),
        client,
      ));
  return sealed(deps, round, actor, about, capabilities);
}

const principalOf = ({ workspaceId, userId, credentialId }: Actor) => `${workspaceId} ${userId} ${credentialId}`;

async function resume(
  { suspended, processId }: ModernDeps,
  waiting: Extract<Waiting, { process: string }>,
  answers: Json,
  client: Parameters<Suspended["resume"]>[3],
): Promise<Round> {
  if (waiting.process !== processId) throw invalidParams("The server that asked has been stopped since; begin anew");
  return suspended.resume(waiting.id, waiting.round, answers, client);
}

/** A result that asks, with a state that only we can read. */
function sealed(
  { states, processId }: ModernDeps,
  round: Round,
  actor: Actor,
  about: { endpoint: string; method: string; params: Json },
  capabilities: Json,
): Json {
  if ("questions" in round)
    return {
      resultType: "input_required",
      inputRequests: round.questions,
      requestState: states.seal(actor, about, { process: processId, id: round.id, round: round.round }),
    };
  const { result } = round;
  if (!needsInput(result)) return result;
  for (const [, question] of questionsOf(result)) mustBeAble(question, capabilities);
  const upstream = result["requestState"];
  if (typeof upstream !== "string") return result;
  return { ...result, requestState: states.seal(actor, about, { upstream }) };
}

/** The request's own `_meta`: what the protocol put there was for us, and upstreams are told anew. */
function withoutProtocol(meta: Json): Json {
  const {
    [VERSION_KEY]: _version,
    [CLIENT_KEY]: _client,
    [CAPABILITIES_KEY]: _capabilities,
    [LOG_LEVEL_KEY]: _level,
    progressToken: _token,
    ...own
  } = meta;
  return own;
}

/** What every result of the revision says: its type, how long it may be kept, who answers. */
function complete(method: string, result: Json, serverInfo: Json | undefined): Json {
  const type = result["resultType"] ?? "complete";
  const meta = objectAt(result, "_meta");
  return {
    ...result,
    resultType: type,
    // Whoever asks sees what they may see: nobody else may be given it, whatever the upstream says.
    ...(CACHED.has(method) &&
      type === "complete" && {
        ttlMs: Number.isInteger(result["ttlMs"]) && Number(result["ttlMs"]) >= 0 ? result["ttlMs"] : 0,
        cacheScope: "private",
      }),
    _meta: { ...(serverInfo && { [SERVER_KEY]: serverInfo }), ...meta },
  };
}

/** Methods that this revision no longer has are as unknown as those that never were. */
export function mustExist(method: string): void {
  if (REMOVED.has(method)) throw unknownMethod(method);
}
const REMOVED = new Set(["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"]);
