export const STATUS = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  missing: 404,
  method: 405,
  conflict: 409,
  large: 413,
  unprocessable: 422,
  locked: 423,
  limited: 429,
  bug: 500,
  upstream: 502,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof STATUS;

/** What the caller can be told beside the message. */
export interface ErrorHints {
  /** Wrong fields: `path` as `a.b[0]`, `message` with the remedy. */
  fields?: { path: string; message: string }[];
  /** Seconds after which another try makes sense: becomes `Retry-After`. */
  retryAfter?: number;
  /** Headers of the answer, for example `RateLimit-*`. */
  headers?: Record<string, string>;
  /** Further public members of the problem document, for example `needsVerification`. */
  extra?: Record<string, unknown>;
  /** Only for the log. */
  detail?: Record<string, unknown>;
  cause?: unknown;
}

/** An anticipated failure: `message` may reach the person, `detail` only the log. `code` is stable (`flow.cyclic`). */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hints: ErrorHints;

  constructor(kind: ErrorKind, code: string, message: string, hints: ErrorHints = {}) {
    super(message, hints.cause === undefined ? undefined : { cause: hints.cause });
    this.kind = kind;
    this.code = code;
    this.hints = hints;
  }
}

/** The one answer for an id that does not exist or belongs to somebody else: the two cannot be told apart. */
export const missing = (what: string, code = `${what.toLowerCase().replaceAll(" ", "-")}.missing`) =>
  new AppError("missing", code, `This ${what} does not exist`);

const CONNECTION_LOST = new Set([
  "P1001",
  "P1002",
  "P1008",
  "P1017",
  "P2024",
  "ECONNREFUSED",
  "ECONNRESET",
  "57P01",
  "57P02",
  "57P03",
  "08006",
  "08001",
  "08003",
  "53300", // too many connections
  "25006", // read only: on its way to being a standby
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  // A name that is not found: in Kubernetes and Compose that of a database that is being replaced.
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Whether an error means that the database cannot be reached at present, looking through causes. */
export function isDatabaseAway(error: unknown): boolean {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if (e instanceof AppError) return e.code === "database.away"; // foreseen: it says itself what it is
    if (e.message === "fetch failed") return false; // another server: PostgreSQL is not reached by HTTP
    const code = (e as { code?: unknown }).code; // both pg and Prisma put their code here
    if (typeof code === "string" && CONNECTION_LOST.has(code)) return true;
    if (
      /Can't reach database server|Connection terminated|timeout exceeded when trying to connect|Server has closed the connection|ECONNREFUSED|the database system is (starting up|shutting down)|terminating connection/.test(
        e.message,
      )
    )
      return true;
    const driver = (e as { meta?: { driverAdapterError?: unknown } }).meta?.driverAdapterError;
    if (driver instanceof Error && driver !== e && isDatabaseAway(driver)) return true;
  }
  return false;
}

export const shuttingDown = () =>
  new AppError("unavailable", "shutting.down", "This server is being stopped; try again in a few seconds", {
    retryAfter: 5,
  });

export const databaseAway = (cause: unknown) =>
  new AppError(
    "unavailable",
    "database.away",
    "The database cannot be reached at the moment. Nothing was lost; try again in a few seconds",
    { retryAfter: 2, cause },
  );

/** PostgreSQL knows neither NUL in text nor half of a surrogate pair in JSON. */
const UNSTORABLE = new Set(["22021", "22P05"]);

function isUnstorable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // pg puts its code on the error, Prisma on what its driver threw
  const { code, meta } = error as { code?: unknown; meta?: { driverAdapterError?: { cause?: { code?: unknown } } } };
  return [code, meta?.driverAdapterError?.cause?.code].some((one) => typeof one === "string" && UNSTORABLE.has(one));
}

/** The AppError behind anything thrown; undefined: a bug. */
export function anticipated(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) return databaseAway(error);
  if (isUnstorable(error))
    return new AppError("invalid", "request.characters", "A text holds characters that cannot be stored, such as NUL", {
      cause: error,
    });
  return undefined;
}
