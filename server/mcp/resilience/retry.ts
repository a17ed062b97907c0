import { AppError } from "../../kernel/errors.ts";
import { challengeOf } from "../credentials/source.ts";
import { RpcError, type Exchange, type Target } from "../exchange.ts";
import type { Bounds } from "./bounds.ts";

/** Failures that are the upstream's or the network's: they count for the breaker. */
const OF_THE_UPSTREAM = new Set(["tool.unreachable", "tool.timeout", "tool.protocol"]);

/** HTTP status behind an error, where an upstream answered one. */
const statusOf = (error: AppError): number | undefined => {
  const status = error.hints.detail?.["status"];
  return typeof status === "number" ? status : undefined;
};

/** HTTP 5xx, time-outs, connections that fail, answers that are no MCP; not what the caller did wrong. */
export function isUpstreamFailure(error: unknown): error is AppError {
  if (!(error instanceof AppError) || !OF_THE_UPSTREAM.has(error.code)) return false;
  const status = statusOf(error);
  return status === undefined || status >= 500;
}

/** Whether an error is the upstream's own word: that it does not want this, or not with these credentials. */
export const hasAnswered = (error: unknown): boolean =>
  error instanceof RpcError ||
  (error instanceof AppError && (statusOf(error) !== undefined || challengeOf(error) !== undefined));

/** Requests that change nothing by themselves, whatever the upstream says about its tools. */
const READS = /^(?:.*\/list|resources\/read|prompts\/get|completion\/complete|tasks\/get|ping)$/;

/**
 * Whether another try cannot do harm: the request provably never left, or a second one changes nothing more. What timed
 * out has used up the caller's patience; an upstream that says "too many requests" has not executed anything.
 */
export function mayRepeat(
  error: unknown,
  { method }: Pick<Exchange, "method">,
  { tool }: Pick<Target, "tool">,
): boolean {
  if (!(error instanceof AppError)) return false;
  const refused = statusOf(error) === 429;
  if (!refused && (!isUpstreamFailure(error) || error.code === "tool.timeout")) return false;
  return refused || error.hints.extra?.["mayHaveRun"] === false || tool?.repeatable === true || READS.test(method);
}

/**
 * Milliseconds before the `n`th repetition (1, 2 …), with full jitter: anything up to the delay of the policy. Null where
 * the upstream itself asks for a longer wait than the policy allows.
 */
export function delayBefore(n: number, retry: Bounds["retry"], error: AppError, random = Math.random): number | null {
  const grown = retry.initialDelayMs * (retry.backoff === "linear" ? n : 2 ** (n - 1));
  const asked = (error.hints.retryAfter ?? 0) * 1_000;
  if (asked > retry.maxDelayMs) return null;
  return Math.max(asked, Math.floor(random() * Math.min(grown, retry.maxDelayMs)));
}
