import { randomUUID } from "node:crypto";
import { AppError } from "../kernel/errors.ts";

const WELL_FORMED = /^[A-Za-z0-9._:-]{8,128}$/;

/** The caller's request id, under either name, where it is well-formed; else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = [headers.get("x-request-id"), headers.get("x-correlation-id")];
  return given.find((id) => id !== null && WELL_FORMED.test(id)) ?? randomUUID();
}

/** How an answer names its request. */
export const requestIdHeaders = (requestId: string) => ({
  "X-Request-Id": requestId,
  "X-Correlation-ID": requestId,
});

const MAX_IDEMPOTENCY_KEY = 255;

/** `Idempotency-Key`. Throws `invalid` for one that is too long to be kept. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key") ?? "";
  if (key.length <= MAX_IDEMPOTENCY_KEY) return key || undefined;
  const message = `At most ${MAX_IDEMPOTENCY_KEY} characters`;
  throw new AppError("invalid", "request.invalid", `Idempotency-Key: ${message}`, {
    fields: [{ path: "Idempotency-Key", message }],
  });
}

/** Set by server/main.ts from the socket; whatever the client sends under this name is removed there. */
export const PEER_HEADER = "x-osf-peer";

/**
 * The caller's address. `hops` proxies of one's own stand in front, each of which appends to `X-Forwarded-For` whom it
 * heard from: the entry that the outermost of them wrote counts, and nothing that the caller wrote itself.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, hops: number): string {
  if (hops === 0) return peer;
  const heard = (forwardedFor ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
  return heard.at(-hops) ?? heard[0] ?? peer;
}

export const ipOf = (headers: Headers): string => headers.get(PEER_HEADER) ?? "unknown";
