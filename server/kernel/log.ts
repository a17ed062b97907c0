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

/** JSON lines on standard error. Values under names that hold secrets are replaced at any of the first levels. */
export function createLog(part: string, level: string, stream: pino.DestinationStream = pino.destination(2)): Log {
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
