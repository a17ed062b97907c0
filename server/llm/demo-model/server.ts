import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { completeReply, completionBody } from "./protocol/completion.ts";
import { MODEL_ID, modelById, modelList } from "./protocol/model-list.ts";
import { parseRequest } from "./protocol/parse-request.ts";
import { streamCompletion } from "./protocol/stream.ts";
import { errorBody, WireError } from "./protocol/wire-error.ts";
import { decideReply } from "./rules/decide-reply.ts";

export interface DemoModelOptions {
  host: string;
  /** 0, or a port that is busy: a free one is taken. */
  port: number;
  /** Pause in milliseconds between the pieces of a stream, so that streaming is visible. Default 12. */
  tokenDelayMs?: number;
  /** When set, `Authorization: Bearer <apiKey>` is required. */
  apiKey?: string;
  /** Source of "today". Default: the system's clock. */
  now?: () => Date;
}

export interface DemoModel {
  /** Base address without path; the API is below `/v1`. */
  url: string;
  port: number;
  stop(): Promise<void>;
}

const BODY_LIMIT = 4 * 1024 * 1024;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/**
 * Starts the demo model: `POST /v1/chat/completions`, `GET /v1/models[/{id}]`, `GET /health` in the OpenAI protocol,
 * answered by rules (no AI). On a loopback host, requests under a foreign `Host` are refused (DNS rebinding).
 */
export async function startDemoModel(options: DemoModelOptions): Promise<DemoModel> {
  const now = options.now ?? (() => new Date());
  const tokenDelayMs = options.tokenDelayMs ?? 12;
  const closing = new AbortController();
  let active = 0;

  const server = createServer((request, response) => {
    response.setHeader("x-request-id", `req_${randomUUID().replaceAll("-", "")}`);
    active++;
    response.once("close", () => active--);
    answer(request, response).catch((error: unknown) => refuse(request, response, error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (LOOPBACK.has(options.host)) checkHost(request);
    // The request for health itself is not counted.
    if (path === "/health") return json(response, 200, { status: "ok", model: MODEL_ID, active: active - 1 });
    if (options.apiKey) checkKey(request, options.apiKey);
    if (path === "/v1/models") return (allow(request, "GET", path), json(response, 200, modelList()));
    if (path.startsWith("/v1/models/")) {
      allow(request, "GET", path);
      const id = decodeURIComponent(path.slice("/v1/models/".length));
      const model = modelById(id);
      if (!model) throw new WireError(404, `The model '${id}' does not exist`, "model", "model_not_found");
      return json(response, 200, model);
    }
    if (path !== "/v1/chat/completions")
      throw new WireError(404, `Invalid URL (${request.method} ${path})`, null, "unknown_url");
    allow(request, "POST", path);
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const chat = parseRequest(await readJson(request));
    const completion = completeReply(chat, decideReply(chat, now()), now());
    if (!chat.stream) return json(response, 200, completionBody(completion));
    const signal = AbortSignal.any([gone.signal, closing.signal]);
    await streamCompletion(response, completion, {
      includeUsage: chat.stream_options?.include_usage ?? false,
      tokenDelayMs,
      signal,
    });
  }

  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  const host = options.host.includes(":") ? `[${options.host.replace(/^\[|\]$/g, "")}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    port,
    async stop() {
      closing.abort();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const attempt = (at: number) =>
    new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(at, host.replace(/^\[|\]$/g, ""), () => {
        server.off("error", fail);
        done();
      });
    });
  try {
    await attempt(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || port === 0) throw error; // listen fails with system errors only
    await attempt(0);
  }
}

function checkHost(request: IncomingMessage): void {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!LOOPBACK.has(name))
    throw new WireError(
      403,
      `The demo model answers on this machine only, not under the host '${name}'.`,
      null,
      "host_not_allowed",
    );
}

function checkKey(request: IncomingMessage, apiKey: string): void {
  const given = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (given === undefined)
    throw new WireError(401, "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'.");
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(given), digest(apiKey)))
    throw new WireError(401, "Incorrect API key provided.", null, "invalid_api_key");
}

function allow(request: IncomingMessage, method: string, path: string): void {
  if (request.method !== method)
    throw new WireError(
      405,
      `Not allowed to ${request.method} on ${path}. (HINT: use ${method} instead)`,
      null,
      "method_not_supported",
    );
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type))
    throw new WireError(
      400,
      `Unsupported content type: '${type}'. This API method only accepts 'application/json' requests.`,
      null,
      "unsupported_content_type",
    );
  const tooLarge = () =>
    new WireError(
      413,
      `The request is too large: at most ${BODY_LIMIT / 1024 / 1024} MB are read.`,
      null,
      "request_too_large",
    );
  if (Number(request.headers["content-length"] ?? 0) > BODY_LIMIT) throw tooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  // The socket must outlive a refusal, to carry it.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_LIMIT) throw tooLarge();
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new WireError(
      400,
      "We could not parse the JSON body of your request. (HINT: this likely means that you aren't using your HTTP library correctly.)",
    );
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.destroyed || (request.destroyed && !request.complete)) return void response.destroy();
  const known = error instanceof WireError;
  if (!known) console.error("demo model:", error);
  if (response.headersSent) return void response.destroy();
  // The rest of a refused body is read into nothing: closing on a client that still sends would lose it the answer.
  request.resume();
  json(
    response,
    known ? error.status : 500,
    errorBody(known ? error : new WireError(500, "The demo model failed on this request. Please report it.")),
  );
}
