import { sha256 } from "../../kernel/crypto.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Deps } from "../deps.ts";

export const MAX_FAILURES = 5;
export const LOCK_MS = 15 * 60_000;

type LockDeps = Pick<Deps, "sql" | "clock">;

const keyOf = (email: string) => sha256(`sign-in:${email}`);

function locked(until: Date, now: Date): AppError {
  const seconds = Math.ceil((until.getTime() - now.getTime()) / 1_000);
  const minutes = Math.ceil(seconds / 60);
  return new AppError(
    "locked",
    "auth.locked",
    `Too many failed sign-ins with this address: it is locked until ${until.toISOString().slice(11, 16)} UTC. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}`,
    { retryAfter: seconds, extra: { lockedUntil: until.toISOString() } },
  );
}

/** Throws `auth.locked` (423) while the address is locked, whether or not it has an account. */
export async function refuseLocked({ sql, clock }: LockDeps, email: string): Promise<void> {
  const now = clock.now();
  const { rows } = await sql.query<{ lockedUntil: Date }>(
    `SELECT "lockedUntil" FROM "SignInAttempt" WHERE "key" = $1 AND "lockedUntil" > $2`,
    [keyOf(email), now],
  );
  if (rows[0]) throw locked(rows[0].lockedUntil, now);
}

/**
 * Counts a try before the password is looked at, so that tries at the same time cannot be more than the limit.
 * A pause of 15 minutes starts the count anew. Throws `auth.locked`, or `auth.busy` (429) while that many tries are
 * being looked at. Follow with `tryFailed` or `trySucceeded`.
 */
export async function countTry(deps: LockDeps, email: string): Promise<void> {
  const { sql, clock } = deps;
  const now = clock.now();
  const { rows } = await sql.query<{ failures: number }>(
    `INSERT INTO "SignInAttempt" AS a ("key", "failures", "at") VALUES ($1, 1, $2)
     ON CONFLICT ("key") DO UPDATE SET
       "failures" = CASE WHEN a."at" <= $3 OR a."lockedUntil" IS NOT NULL THEN 1 ELSE a."failures" + 1 END,
       "lockedUntil" = NULL, "at" = $2
     WHERE a."lockedUntil" IS NULL OR a."lockedUntil" <= $2
     RETURNING "failures"`,
    [keyOf(email), now, new Date(now.getTime() - LOCK_MS)],
  );
  const [row] = rows;
  if (!row) await refuseLocked(deps, email);
  else if (row.failures > MAX_FAILURES)
    throw new AppError(
      "limited",
      "auth.busy",
      "Too many sign-ins with this address at once; try again in a few seconds",
      {
        retryAfter: 5,
      },
    );
  else if (row.failures === 1)
    await sql.query(`DELETE FROM "SignInAttempt" WHERE "at" <= $1`, [new Date(now.getTime() - 2 * LOCK_MS)]);
}

/** Locks the address after the fifth failure in a row. */
export async function tryFailed({ sql, clock }: LockDeps, email: string): Promise<void> {
  const until = new Date(clock.now().getTime() + LOCK_MS);
  await sql.query(`UPDATE "SignInAttempt" SET "lockedUntil" = $2 WHERE "key" = $1 AND "failures" >= $3`, [
    keyOf(email),
    until,
    MAX_FAILURES,
  ]);
}

export async function trySucceeded({ sql }: LockDeps, email: string): Promise<void> {
  await sql.query(`DELETE FROM "SignInAttempt" WHERE "key" = $1`, [keyOf(email)]);
}
