import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import { AppError } from "../../kernel/errors.ts";
import { shownUrl } from "./address.ts";
import { CUT_OFF } from "./transport.ts";

/** What went wrong between the gateway and an upstream. */
export interface Failure {
  code: "tool.unreachable" | "tool.timeout" | "tool.protocol";
  /** For people, the end of a sentence: `connection refused`. */
  reason: string;
  /** Whether the request may have reached the tool: false only where it provably did not. */
  mayHaveRun: boolean;
  /** Whether the connection is of no use any more. */
  gone: boolean;
  cause: unknown;
}

/** Errors before anything was sent: name resolution, connecting, TLS. */
const NEVER_LEFT: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "its host name is not known",
  EAI_AGAIN: "its host name cannot be resolved at the moment",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  EHOSTDOWN: "its host is down",
  UND_ERR_CONNECT_TIMEOUT: "no connection within the time allowed",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is not trusted",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
};
/** Errors of a connection that was there. */
const BROKEN_OFF: Record<string, string> = {
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "its answer is larger than 16 MB",
};

const failure = (
  code: Failure["code"],
  reason: string,
  cause: unknown,
  { mayHaveRun = true, gone = false } = {},
): Failure => ({ code, reason, mayHaveRun, gone, cause });

/**
 * `session`: whether the request named a session of the 2025 revisions, whose loss is a 404. `timeoutMs`: what was
 * allowed.
 */
export function explain(error: unknown, { session = false, timeoutMs = 0 } = {}): Failure {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 6; e = e.cause, depth++) {
    const code = String((e as { code?: unknown }).code); // Node's and undici's errors carry one
    const before = NEVER_LEFT[code];
    if (before) return failure("tool.unreachable", before, error, { mayHaveRun: false, gone: true });
    const after = BROKEN_OFF[code];
    if (after) return failure("tool.unreachable", after, error, { gone: true });
  }
  if (error instanceof SdkHttpError) return explainStatus(error, session);
  if (error instanceof ProtocolError) {
    if (error.code === CUT_OFF) return failure("tool.unreachable", error.message, error, { gone: true });
    return failure("tool.protocol", `it answered an error: ${oneLine(error.message)}`, error);
  }
  if (error instanceof SdkError) {
    if (error.code === SdkErrorCode.RequestTimeout)
      return failure("tool.timeout", `no answer within ${timeoutMs / 1_000} s`, error);
    if (error.code === SdkErrorCode.NotConnected || error.code === SdkErrorCode.ConnectionClosed)
      return failure("tool.unreachable", "the connection was closed", error, {
        mayHaveRun: error.code === SdkErrorCode.ConnectionClosed,
        gone: true,
      });
  }
  if (error instanceof Error && error.message === "Not connected")
    return failure("tool.unreachable", "the connection was closed", error, { mayHaveRun: false, gone: true });
  return failure("tool.protocol", "it answered something that is not MCP", error);
}

function explainStatus(error: SdkHttpError, session: boolean): Failure {
  const { status } = error;
  const text = typeof error.data["text"] === "string" ? error.data["text"] : "";
  // MCP 2025-11-25, Session Management: 404 to a request with a session id means that the session is over.
  if (session && (status === 404 || (status === 400 && /session/i.test(text))))
    return failure("tool.unreachable", "it has forgotten the session", error, { mayHaveRun: false, gone: true });
  if (status >= 300 && status < 400)
    return failure("tool.protocol", "it redirects to another address, which is not followed", error);
  if (status === 401 || status === 403)
    return failure("tool.protocol", `it wants other credentials (HTTP ${status})`, error);
  if (status === 404 || status === 405)
    return failure("tool.protocol", `there is no MCP server at this address (HTTP ${status})`, error);
  return failure("tool.protocol", `it answered HTTP ${status}`, error);
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 300);

/** `The WMS does not answer at http://…: connection refused`. */
export function sentence({ title, url }: { title: string; url: string }, { code, reason }: Failure): string {
  const name = title.split(":")[0]!.trim(); // `WMS: inventory and locations` is the WMS
  const subject = /^the /i.test(name) ? name : `The ${name}`;
  return code === "tool.protocol"
    ? `${subject} cannot be used at ${shownUrl(url)}: ${reason}`
    : `${subject} does not answer at ${shownUrl(url)}: ${reason}`;
}

export const toAppError = (upstream: { title: string; url: string }, tool: string, failed: Failure): AppError =>
  new AppError("upstream", failed.code, sentence(upstream, failed), {
    extra: { mayHaveRun: failed.mayHaveRun },
    detail: { tool },
    cause: failed.cause,
  });
