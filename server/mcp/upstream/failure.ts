import { AppError } from "../../kernel/errors.ts";
import { authRefused, challengeOf, type Challenge } from "../credentials/source.ts";
import { RpcError } from "../exchange.ts";
import { shownUrl } from "./address.ts";
import { Closed, CutOff, HttpRefusal, NotMcp, SessionLost, TooLate } from "./wire-errors.ts";

/** What went wrong between the gateway and an upstream. */
export interface Failure {
  code: "tool.unreachable" | "tool.timeout" | "tool.protocol" | "upstream.auth";
  /** For people, the end of a sentence: `connection refused`. */
  reason: string;
  /** Whether the request may have reached the tool: false only where it provably did not. */
  mayHaveRun: boolean;
  /** Whether the connection is of no use any more. */
  gone: boolean;
  challenge?: Challenge;
  /** Of the answer, where there was one. */
  status?: number;
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
  "dial.refused":
    "its address is not public; the platform's owner allows others with OSF_ALLOW_PRIVATE_HOSTS or for this server alone",
};
/** Errors of a connection that was there. */
const BROKEN_OFF: Record<string, string> = {
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  UND_ERR_SOCKET: "the connection was closed",
  UND_ERR_DESTROYED: "the connection was closed",
  UND_ERR_CLOSED: "the connection was closed",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "its answer is larger than 16 MB",
};

const failure = (
  code: Failure["code"],
  reason: string,
  cause: unknown,
  { mayHaveRun = true, gone = false, ...more }: Partial<Failure> = {},
): Failure => ({ code, reason, mayHaveRun, gone, ...more, cause });

/** In words. */
export function explain(error: unknown): Failure {
  const known = failureOf(error);
  if (known) return known;
  if (error instanceof CutOff && !isTooLarge(error.cause))
    return failure("tool.unreachable", error.message, error, { gone: true });
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 6; e = e.cause, depth++) {
    const code = String((e as { code?: unknown }).code); // Node's and undici's errors carry one
    const before = NEVER_LEFT[code];
    if (before) return failure("tool.unreachable", before, error, { mayHaveRun: false, gone: true });
    const after = BROKEN_OFF[code];
    if (after) return failure("tool.unreachable", after, error, { gone: true });
  }
  if (error instanceof HttpRefusal) return explainStatus(error);
  if (error instanceof RpcError)
    return failure("tool.protocol", `it answered an error: ${oneLine(error.message)}`, error);
  if (error instanceof TooLate) return failure("tool.timeout", error.message, error);
  if (error instanceof Closed || error instanceof SessionLost)
    return failure("tool.unreachable", error.message, error, { mayHaveRun: false, gone: true });
  if (error instanceof NotMcp) return failure("tool.protocol", error.message, error);
  return failure("tool.protocol", "it answered something that is not MCP", error);
}

const isTooLarge = (cause: unknown) =>
  cause instanceof Error && "code" in cause && cause.code === "UND_ERR_RES_EXCEEDED_MAX_SIZE";

function explainStatus(error: HttpRefusal): Failure {
  const { status, wwwAuthenticate } = error;
  if (status >= 300 && status < 400)
    return failure("tool.protocol", "it redirects to another address, which is not followed", error, { status });
  if (status === 401 || (status === 403 && wwwAuthenticate !== null))
    return failure("upstream.auth", `it wants other credentials (HTTP ${status})`, error, {
      mayHaveRun: false,
      status,
      challenge: { status, wwwAuthenticate },
    });
  if (status === 403) return failure("tool.protocol", "it wants other credentials (HTTP 403)", error, { status });
  if (status === 404 || status === 405)
    return failure("tool.protocol", `there is no MCP server at this address (HTTP ${status})`, error, { status });
  // Too many requests, or an intermediary that found no server: it was not carried out.
  const mayHaveRun = status !== 429 && status !== 503;
  return failure("tool.protocol", `it answered HTTP ${status}`, error, { mayHaveRun, status });
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 300);

/** `The WMS does not answer at http://…: connection refused`. */
export function sentence({ title, url }: { title: string; url: string }, { code, reason }: Failure): string {
  const name = title.split(":")[0]!.trim(); // `WMS: inventory and locations` is the WMS
  const subject = /^the /i.test(name) ? name : `The ${name}`;
  return code === "tool.protocol" || code === "upstream.auth"
    ? `${subject} cannot be used at ${shownUrl(url)}: ${reason}`
    : `${subject} does not answer at ${shownUrl(url)}: ${reason}`;
}

/** `failureOf` reads it back. */
export function toAppError(upstream: { title: string; url: string }, tool: string, failed: Failure): AppError {
  const { code, mayHaveRun, gone, challenge, status, cause } = failed;
  if (challenge) return authRefused(upstream, challenge);
  if (cause instanceof AppError && cause.code === code) return cause;
  return new AppError("upstream", code, sentence(upstream, failed), {
    extra: { mayHaveRun },
    detail: { tool, reason: failed.reason, gone, ...(status !== undefined && { status }) },
    cause,
  });
}

/** What an AppError of a connection says; undefined for every other error. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof AppError)) return undefined;
  const { code, message, hints } = error;
  const mayHaveRun = hints.extra?.["mayHaveRun"] !== false;
  const challenge = challengeOf(error);
  const status = hints.detail?.["status"];
  return {
    code: code === "tool.unreachable" || code === "tool.timeout" || code === "upstream.auth" ? code : "tool.protocol",
    reason: typeof hints.detail?.["reason"] === "string" ? hints.detail["reason"] : message,
    mayHaveRun,
    gone: hints.detail?.["gone"] === true,
    ...(challenge && { challenge }),
    ...(typeof status === "number" && { status }),
    cause: error,
  };
}
