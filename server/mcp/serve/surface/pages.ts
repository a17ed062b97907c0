import type { Json } from "../../exchange.ts";
import { invalidParams } from "../wire/rpc.ts";

const PAGE = 500;
/** Lists may be kept so long; changes are announced to whoever listens. */
const TTL_MS = 5_000;

/** One page of a list, after the cursor in `params`. Lists are of what this person may see: nobody else may keep them. */
export function pageOf(key: string, all: readonly Json[], params: Json): Json {
  const from = positionOf(params["cursor"]);
  const end = from + PAGE;
  return {
    [key]: from === 0 && end >= all.length ? all : all.slice(from, end),
    ...(end < all.length && { nextCursor: Buffer.from(`after:${end}`).toString("base64url") }),
    ttlMs: TTL_MS,
    cacheScope: "private",
  };
}

function positionOf(cursor: unknown): number {
  if (cursor === undefined) return 0;
  const text = typeof cursor === "string" ? Buffer.from(cursor, "base64url").toString() : "";
  const position = /^after:(\d{1,9})$/.exec(text)?.[1];
  if (position === undefined) throw invalidParams("The cursor is not one of this list");
  return Number(position);
}
