import type { IncomingMessage } from "node:http";
import { CODE, WireError } from "./rpc.ts";

export const MAX_BODY = 4 * 1024 * 1024;
export const MAX_DEPTH = 100;

/** The body as JSON. Throws 413, or 400 for what is no JSON or is nested more deeply than any message needs. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY) throw tooLarge();
  const bytes = await readBytes(request);
  if (isDeeperThan(bytes, MAX_DEPTH))
    throw new WireError(400, CODE.request, `The body is nested more than ${MAX_DEPTH} levels deep`);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new WireError(400, CODE.parse, "Parse error: the body is not valid JSON");
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((done, failed) => {
    const unreadable = () => failed(new WireError(400, CODE.parse, "Parse error: the body could not be read"));
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY) return void chunks.push(chunk);
      request.pause();
      failed(tooLarge());
    });
    request.once("end", () => done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once("error", unreadable);
    request.once("close", unreadable);
    if (request.destroyed) unreadable(); // the client went while it was looked up who it is
  });
}

const tooLarge = () =>
  new WireError(413, CODE.request, `The body is larger than ${MAX_BODY / 1024 / 1024} MiB`, undefined, {
    Connection: "close", // the rest of the body is not read
  });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Whether JSON text is nested more deeply, looking at its brackets outside of strings only. */
export function isDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  let within = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (within) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) within = false;
    } else if (byte === QUOTE) within = true;
    else if (OPEN.has(byte)) {
      if (++depth > limit) return true;
    } else if (CLOSE.has(byte)) depth--;
  }
  return false;
}
