import { randomUUID } from "node:crypto";

const WELL_FORMED = /^[A-Za-z0-9._:-]{8,128}$/;

/** The caller's request id where it is well-formed, else a new one. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("x-request-id") ?? headers.get("x-correlation-id");
  return given && WELL_FORMED.test(given) ? given : randomUUID();
}

/** Set by server/main.ts from the socket; whatever the client sends under this name is removed there. */
export const PEER_HEADER = "x-osf-peer";

export const ipOf = (headers: Headers): string => headers.get(PEER_HEADER) ?? "unknown";
