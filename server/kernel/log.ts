import pino from "pino";

export type Log = pino.Logger;

const SECRET_KEYS = [
  "password",
  "passwordHash",
  "token",
  "refreshToken",
  "accessToken",
  "apiKey",
  "secret",
  "authorization",
  "cookie",
  "jwtSecret",
  "databaseUrl",
  "key",
];

/**
 * Standard error, line by line. When nobody reads it any more, because the launcher died, lines are lost: pino's own
 * destination would try again for ever at the exit, and so keep the process.
 */
function standardError(): pino.DestinationStream {
  process.stderr.on("error", () => undefined);
  return { write: (line) => void process.stderr.write(line) };
}

/** JSON lines on standard error. Values under names that hold secrets are replaced at any of the first levels. */
export function createLog(part: string, level: string, stream: pino.DestinationStream = standardError()): Log {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  return pino(
    {
      level,
      base: { part },
      redact: { paths: [...paths, 'headers["x-api-key"]', '*.headers["x-api-key"]'], censor: "[secret]" },
      serializers: { err: pino.stdSerializers.errWithCause },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    stream,
  );
}
