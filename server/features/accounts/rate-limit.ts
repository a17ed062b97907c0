import type { Pool } from "pg";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from "rate-limiter-flexible";
import { sha256 } from "../../kernel/crypto.ts";
import { AppError } from "../../kernel/errors.ts";

/** Requests a minute, by what they are counted for. */
export const LIMITS = {
  register: { perMinute: 3, what: "registrations from this address" },
  "login-ip": { perMinute: 10, what: "sign-ins from this address" },
  "login-email": { perMinute: 5, what: "sign-ins with this e-mail address" },
} as const;
export type LimitName = keyof typeof LIMITS;

const WINDOW_SECONDS = 60;

/** `headers`: those of draft-ietf-httpapi-ratelimit-headers in their widespread form, and `Retry-After`. */
export class RateLimitError extends AppError {
  readonly headers: Record<string, string>;
  constructor(message: string, retryAfter: number, headers: Record<string, string>) {
    super("limited", "rate.limited", message, { retryAfter, headers });
    this.headers = headers;
  }
}

type Limiters = Record<LimitName, RateLimiterPostgres>;
// The counters are rows; what is kept here are only the limiters' own objects, once for each pool.
const limitersOf = new WeakMap<Pool, Limiters>();

function createLimiters(sql: Pool): Limiters {
  const limiter = (name: LimitName) => {
    const options = { keyPrefix: name, points: LIMITS[name].perMinute, duration: WINDOW_SECONDS };
    return new RateLimiterPostgres({
      ...options,
      storeClient: sql,
      storeType: "pool",
      tableName: "RateLimit",
      tableCreated: true,
      clearExpiredByTimeout: name === "register", // one of them clears the table of all
      // While the database is away each process counts by itself.
      insuranceLimiter: new RateLimiterMemory(options),
    });
  };
  return {
    register: limiter("register"),
    "login-ip": limiter("login-ip"),
    "login-email": limiter("login-email"),
  };
}

/** An IPv6 subscriber has a /64 of addresses: they count as one. IPv4 in IPv6 notation counts as IPv4. */
export function countedAddress(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped) return mapped;
  if (!ip.includes(":")) return ip;
  const [head = "", tail] = ip.toLowerCase().split("%")[0]?.split("::") ?? [];
  const groups = head.split(":").filter(Boolean);
  const rest = tail?.split(":").filter(Boolean) ?? [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill("0");
  const four = [...groups, ...zeros, ...rest].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${four.join(":")}::/64`;
}

/**
 * Counts one for the key: an IP address, for `login-email` the address in lower case. Answers the `RateLimit-*`
 * headers. Throws `RateLimitError` (429 `rate.limited`) above the limit.
 */
export async function holdRate({ sql }: { sql: Pool }, name: LimitName, key: string): Promise<Record<string, string>> {
  let limiters = limitersOf.get(sql);
  if (!limiters) limitersOf.set(sql, (limiters = createLimiters(sql)));
  const counted = name === "login-email" ? sha256(key) : countedAddress(key);
  return consume(limiters[name], counted, LIMITS[name]);
}

/**
 * The general limit of the HTTP API. Each process counts by itself: it bounds what one address can cost, and a row
 * written for every request would cost more than it saves.
 */
export function apiRate(perMinute: number): (ip: string) => Promise<Record<string, string>> {
  const limiter = new RateLimiterMemory({ keyPrefix: "api", points: perMinute, duration: WINDOW_SECONDS });
  return (ip) => consume(limiter, countedAddress(ip), { perMinute, what: "requests from this address" });
}

async function consume(
  limiter: RateLimiterAbstract,
  counted: string,
  limit: { perMinute: number; what: string },
): Promise<Record<string, string>> {
  const headers = (state: RateLimiterRes) => ({
    "RateLimit-Limit": String(limit.perMinute),
    "RateLimit-Remaining": String(Math.max(0, state.remainingPoints)),
    "RateLimit-Reset": String(Math.ceil(state.msBeforeNext / 1_000)),
    "RateLimit-Policy": `${limit.perMinute};w=${WINDOW_SECONDS}`,
  });
  try {
    return headers(await limiter.consume(counted));
  } catch (state) {
    if (!(state instanceof RateLimiterRes)) throw state;
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1_000));
    throw new RateLimitError(
      `More than ${limit.perMinute} ${limit.what} in a minute; try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}`,
      seconds,
      { ...headers(state), "Retry-After": String(seconds) },
    );
  }
}
