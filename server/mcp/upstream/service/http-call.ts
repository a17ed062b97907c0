import { authRefused } from "../../credentials/source.ts";
import type { UpstreamDefinition } from "../../definition.ts";
import type { Exchange, Json } from "../../exchange.ts";
import { explain, toAppError, type Failure } from "../failure.ts";
import { guardedFetch, type GuardedFetch } from "../guarded-fetch.ts";
import { TooLate } from "../wire-errors.ts";
import type { OpenService } from "./tool-peer.ts";

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_DEFINITION_BYTES = 8 * 1024 * 1024;

/** The one way to a service, with all rules of dialling; `callService` sets the time. Whoever opens it closes it. */
export const openFetch = ({ policy: { privateNetwork } }: UpstreamDefinition, { dial, connectMs }: OpenService) =>
  guardedFetch({
    ...dial,
    privateNetwork,
    connectMs: Math.min(connectMs, 3_000),
    timeoutMs: null,
    maxResponseBytes: MAX_ANSWER_BYTES,
  });

/** What a service answered, read whole. */
export interface ServiceAnswer {
  status: number;
  contentType: string;
  bytes: Buffer;
}

/**
 * Sends one call within its timeout and reads the answer. Throws AppError for everything that is no answer of the
 * operation: no connection, timeouts, refused credentials, redirects, 429 and 5xx (`hints.detail.status`); an abort
 * rejects with the signal's reason.
 */
export async function callService(
  fetch: GuardedFetch,
  definition: UpstreamDefinition,
  tool: string,
  exchange: Pick<Exchange, "timeoutMs" | "signal"> & { caller?: Exchange["caller"] },
  { url, method, headers, body }: { url: string; method: string; headers: Record<string, string>; body?: BodyInit },
): Promise<ServiceAnswer> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), exchange.timeoutMs);
  const { requestId, traceparent } = exchange.caller ?? {};
  try {
    const response = await fetch(url, {
      method,
      headers: together(
        { accept: "application/json, text/*;q=0.8, */*;q=0.5" },
        requestId !== undefined && { "x-correlation-id": requestId },
        traceparent !== undefined && { traceparent },
        headers,
      ),
      ...(body !== undefined && { body }),
      signal: exchange.signal ? AbortSignal.any([exchange.signal, late.signal]) : late.signal,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    refuseFailure(definition, tool, response, bytes);
    return { status: response.status, contentType: response.headers.get("content-type") ?? "", bytes };
  } catch (error) {
    exchange.signal?.throwIfAborted();
    const why = explain(late.signal.aborted ? new TooLate(exchange.timeoutMs) : error);
    // What `explain` cannot tell apart is no MCP; here it is no HTTP.
    if (why.code === "tool.protocol" && why.cause === error && why.status === undefined)
      why.reason = "the answer could not be read";
    throw toAppError(definition, tool, why);
  } finally {
    clearTimeout(timer);
  }
}

/** Of headers of one name, in whatever case, the last counts: credentials, which come last, are not joined to anything. */
export const together = (...all: (Record<string, string> | false)[]): Record<string, string> =>
  Object.fromEntries(
    all.flatMap((some) => (some ? Object.entries(some).map(([name, value]) => [name.toLowerCase(), value]) : [])),
  );

function refuseFailure(definition: UpstreamDefinition, tool: string, response: Response, bytes: Buffer): void {
  const { status } = response;
  if (status === 401 || (status === 403 && response.headers.has("www-authenticate")))
    throw authRefused(definition, { status, wwwAuthenticate: response.headers.get("www-authenticate") });
  const refused = status === 429 || status >= 500;
  if (!refused && (status < 300 || status >= 400)) return;
  const said = refused ? shortText(bytes, response.headers.get("content-type") ?? "") : "";
  const failure: Failure = {
    code: "tool.protocol",
    reason: refused
      ? `it answered HTTP ${status}${said && `: ${said}`}`
      : "it redirects to another address, which is not followed",
    // Too many requests, or an intermediary that found no service: it was not carried out.
    mayHaveRun: status >= 500 && status !== 503,
    gone: false,
    status,
    cause: undefined,
  };
  throw toAppError(definition, tool, failure);
}

const shortText = (bytes: Buffer, contentType: string): string =>
  /json|text\/plain/.test(contentType)
    ? bytes.toString("utf8", 0, 2_000).replaceAll(/\s+/g, " ").trim().slice(0, 300)
    : "";

const TEXTUAL = /^(text\/|application\/([\w.+-]*\+)?(json|xml|yaml|x-ndjson|javascript|x-www-form-urlencoded))/i;
const isJson = (contentType: string) => /^application\/([\w.+-]*\+)?json\b/i.test(contentType);

/** The answer of an operation as a CallToolResult: JSON is structured; 4xx says that the call failed. */
export function resultOf({ status, contentType, bytes }: ServiceAnswer): Json {
  const failed = status >= 400;
  const type = contentType.split(";", 1)[0]!.trim();
  if (bytes.length > 0 && type !== "" && !TEXTUAL.test(type)) return { ...binary(type, bytes), isError: failed };
  const text = bytes.toString("utf8");
  const value = isJson(contentType) || type === "" ? parsed(text) : undefined;
  const shown = text || `HTTP ${status}`;
  return {
    content: [{ type: "text", text: failed ? `HTTP ${status}: ${shown}` : shown }],
    ...(!failed && isObject(value) && { structuredContent: value }),
    // A list is no object; it is wrapped as the output schema says.
    ...(!failed && Array.isArray(value) && { structuredContent: { items: value } }),
    isError: failed,
  };
}

function binary(mimeType: string, bytes: Buffer): Json {
  const data = bytes.toString("base64");
  if (mimeType.startsWith("image/")) return { content: [{ type: "image", data, mimeType }] };
  if (mimeType.startsWith("audio/")) return { content: [{ type: "audio", data, mimeType }] };
  return { content: [{ type: "resource", resource: { uri: "answer:body", mimeType, blob: data } }] };
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads a document of a service: its text. Throws AppError as a call does; `tool.protocol` for any other status than 2xx. */
export async function readDocument(
  fetch: GuardedFetch,
  definition: UpstreamDefinition,
  what: string,
  url: string,
  { connectMs, signal, headers }: OpenService,
): Promise<{ text: string; contentType: string }> {
  const sent = { accept: "application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5", ...(await headers()) };
  const exchange = { timeoutMs: connectMs, signal };
  const answer = await callService(fetch, definition, what, exchange, { url, method: "GET", headers: sent });
  const { status, bytes, contentType } = answer;
  if (status >= 300) throw protocolError(definition, `its ${what} is not at ${new URL(url).pathname} (HTTP ${status})`);
  if (bytes.length > MAX_DEFINITION_BYTES) throw protocolError(definition, `its ${what} is larger than 8 MB`);
  return { text: bytes.toString("utf8"), contentType };
}

export const protocolError = (definition: UpstreamDefinition, reason: string, cause?: unknown) =>
  toAppError(definition, "", { code: "tool.protocol", reason, mayHaveRun: false, gone: false, cause });
