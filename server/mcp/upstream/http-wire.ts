import { StringDecoder } from "node:string_decoder";
import { createParser } from "eventsource-parser";
import { request, type Agent, type Dispatcher } from "undici";
import { isResponse, messagesOf, type Message } from "./message.ts";
import { CutOff, HttpRefusal, NotMcp } from "./wire-errors.ts";

/** Streamable HTTP to one address, a message at a time; knows neither sessions nor revisions. */
export interface HttpWire {
  /**
   * Posts a message. Of a request: tells everything that comes in answer to it, the response last, and resolves then.
   * Throws HttpRefusal, CutOff, NotMcp, and what the network says; an abort ends it with whatever undici throws.
   */
  post(message: Message, options: PostOptions): Promise<Answer>;
  /** Follows the stream of GET until it ends. Throws HttpRefusal where there is none (405). */
  follow(options: FollowOptions): Promise<void>;
  /** Ends a session; best effort. */
  delete(headers: Record<string, string>, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  sessionId: string | undefined;
}

interface PostOptions {
  headers: Record<string, string>;
  signal?: AbortSignal | undefined;
  heard(message: Message): void;
  /** The answer begins. */
  opened?(answer: Answer): void;
  /**
   * Of the revisions of 2025 a stream that ends early is taken up again after its last event, and a 404 is the loss of
   * a session whatever its body says.
   */
  era: "modern" | "legacy";
  /** Of HTTP+SSE: the answer comes elsewhere, this one only says that the message was taken. */
  taken?: boolean;
}

interface FollowOptions {
  headers: Record<string, string>;
  signal?: AbortSignal | undefined;
  heard(message: Message): void;
  /** Each id of an event, and how long to wait before the stream is taken up again. */
  mark?(position: StreamPosition): void;
  /** It is open. */
  opened?(): void;
  /** Of HTTP+SSE: the event `endpoint`. */
  event?(data: string): void;
}

interface StreamPosition {
  lastEventId?: string | undefined;
  retryMs?: number | undefined;
}

const MAX_REDIRECTS = 3;
const REFUSAL_CHARACTERS = 2_000;
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const RESUME_ATTEMPTS = 3;

export function httpWire(url: URL, agent: Agent): HttpWire {
  /** The place that the server names within its own origin; elsewhere nothing is sent. */
  const send = async (
    method: "POST" | "GET" | "DELETE",
    headers: Record<string, string>,
    body: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Dispatcher.ResponseData> => {
    let at = url;
    for (let hops = 0; ; hops++) {
      const response = await request(at, { method, headers, body, dispatcher: agent, signal: signal ?? null });
      const { statusCode } = response;
      // 307 and 308 alone keep method and body; the others would make a GET of a POST.
      if (statusCode < 300 || statusCode >= 400) return response;
      const location = one(response.headers["location"]);
      const next = location && (statusCode === 307 || statusCode === 308) ? URL.parse(location, at.href) : null;
      await response.body.dump();
      if (next?.origin !== at.origin || hops === MAX_REDIRECTS) throw new HttpRefusal(statusCode, "", null);
      at = next;
    }
  };

  const refused = async ({ statusCode, headers, body }: Dispatcher.ResponseData) =>
    new HttpRefusal(statusCode, await textOf(body, REFUSAL_CHARACTERS), one(headers["www-authenticate"]) ?? null);

  const follow = async ({ headers, signal, heard, mark, opened, event }: FollowOptions) => {
    const response = await send("GET", { ...headers, accept: "text/event-stream" }, null, signal);
    if (response.statusCode !== 200) throw await refused(response);
    if (mediaType(response) !== "text/event-stream") {
      await response.body.dump();
      throw new NotMcp();
    }
    opened?.();
    await readEvents(response.body, heard, mark, event);
  };

  /** Goes on with an answer that ended early, from where it was, as often as that brings something new. */
  const resume = async (from: StreamPosition, options: PostOptions, answered: () => boolean): Promise<void> => {
    let at = from;
    for (let failures = 0; failures < RESUME_ATTEMPTS && !answered(); failures++) {
      if (!at.lastEventId) return;
      await pause(Math.min(at.retryMs ?? RETRY_MS, LONGEST_RETRY_MS), options.signal);
      try {
        await follow({
          headers: { ...options.headers, "last-event-id": at.lastEventId },
          signal: options.signal,
          heard: options.heard,
          mark(position) {
            if (position.lastEventId && position.lastEventId !== at.lastEventId) failures = -1;
            at = { ...at, ...position };
          },
        });
      } catch (error) {
        options.signal?.throwIfAborted();
        if (error instanceof HttpRefusal) throw error;
      }
    }
  };

  return {
    async post(message, options) {
      const response = await send(
        "POST",
        { ...options.headers, ...POST_HEADERS },
        JSON.stringify(message),
        options.signal,
      );
      const status = response.statusCode;
      const answer = { status, sessionId: one(response.headers["mcp-session-id"]) };
      options.opened?.(answer);
      const isRequest = message.method !== undefined && message.id !== undefined;
      const type = mediaType(response);
      if (status < 200 || status >= 300) {
        const refusal = await refused(response);
        const error = isRequest && type === "application/json" && errorOf(refusal, message.id, options.era);
        if (!error) throw refusal;
        options.heard(error);
        return answer;
      }
      if (!isRequest || options.taken) {
        await response.body.dump();
        return answer;
      }
      let answered = false;
      const heard = (one: Message) => {
        if (isResponse(one) && one.id === message.id) answered = true;
        options.heard(one);
      };
      if (type === "application/json") {
        for (const one of messagesOf(await textOf(response.body))) heard(one);
      } else if (type === "text/event-stream") {
        let position: StreamPosition = {};
        let ended: unknown;
        await readEvents(response.body, heard, (next) => (position = next)).catch((error: unknown) => (ended = error));
        if (!answered) options.signal?.throwIfAborted();
        if (!answered && ended instanceof NotMcp) throw ended;
        if (!answered && options.era === "legacy") await resume(position, { ...options, heard }, () => answered);
        if (!answered) throw new CutOff(ended);
      } else {
        await response.body.dump();
        throw new NotMcp();
      }
      if (!answered) throw new NotMcp();
      return answer;
    },
    follow,
    async delete(headers, signal) {
      const response = await send("DELETE", headers, null, signal);
      await response.body.dump();
    },
    close: () => agent.destroy(),
  };
}

const POST_HEADERS = { accept: "application/json, text/event-stream", "content-type": "application/json" };

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
const mediaType = ({ headers }: Dispatcher.ResponseData) =>
  one(headers["content-type"])?.split(";", 1)[0]?.trim().toLowerCase();

/** The JSON-RPC error that a refusal carries: for this request, or for none where the server did not get as far. */
function errorOf(refusal: HttpRefusal, id: Message["id"], era: "modern" | "legacy"): Message | undefined {
  const { status, text, wwwAuthenticate } = refusal;
  if (status === 401 || (status === 403 && wwwAuthenticate) || (status === 404 && era === "legacy")) return undefined;
  try {
    const [message] = messagesOf(text);
    if (!message?.error) return undefined;
    const ours = message.id === id || (era === "modern" && (message.id === null || message.id === undefined));
    return ours ? { ...message, id: id ?? null } : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(body: Dispatcher.ResponseData["body"], most = Infinity): Promise<string> {
  if (most === Infinity) return body.text();
  let text = "";
  const decoder = new StringDecoder("utf8");
  for await (const chunk of body) {
    text += decoder.write(chunk as Buffer); // undici's body reads as buffers
    if (text.length >= most) break; // leaving the loop closes the body
  }
  return text.slice(0, most);
}

/** Reads until the stream ends, or throws what ended it. */
async function readEvents(
  body: Dispatcher.ResponseData["body"],
  heard: (message: Message) => void,
  mark?: (position: StreamPosition) => void,
  endpoint?: (data: string) => void,
): Promise<void> {
  const position: StreamPosition = {};
  const parser = createParser({
    onEvent({ event, data }) {
      if (event === "endpoint") endpoint?.(data);
      else if (data && (event === undefined || event === "message"))
        for (const message of messagesOf(data)) heard(message);
    },
    onId: mark && ((id) => mark({ ...Object.assign(position, { lastEventId: id }) })),
    onRetry: mark && ((ms) => mark({ ...Object.assign(position, { retryMs: ms }) })),
  });
  const decoder = new StringDecoder("utf8");
  for await (const chunk of body) parser.feed(decoder.write(chunk as Buffer)); // undici's body reads as buffers
}

export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((done, failed) => {
    const abort = () => (clearTimeout(timer), failed(signal?.reason as Error)); // whatever the signal was aborted with
    const timer = setTimeout(() => (signal?.removeEventListener("abort", abort), done()), ms);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
  });
