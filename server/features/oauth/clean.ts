import { z } from "zod";
import { defineJob } from "../../kernel/jobs.ts";
import type { Deps } from "../deps.ts";

export const cleanOAuth = defineJob(
  "oauth.clean",
  z
    .object({})
    .nullish()
    .transform(() => ({})),
);

const BATCH = 2_000;
/** A client that registered and was never allowed anything goes after a day. */
const UNUSED_CLIENT_MS = 86_400_000;

/** Clients without a grant. */
const UNUSED = `"model" = 'Client' AND NOT EXISTS (
  SELECT FROM "OAuthRecord" g WHERE g."model" IN ('App', 'Grant') AND g."payload"->>'clientId' = c."id")`;

/**
 * Deletes what has expired, the grants that nothing can be got from any more, what people who are gone left behind, and
 * clients that nobody uses. Answers how many rows.
 */
export async function deleteOldOAuth({ sql, clock }: Pick<Deps, "sql" | "clock">): Promise<number> {
  const now = clock.now();
  const statements: [string, unknown[]][] = [
    [`SELECT r.ctid FROM "OAuthRecord" r WHERE r."expiresAt" < $1`, [now]],
    [
      `SELECT r.ctid FROM "OAuthRecord" r WHERE r."model" IN ('App', 'Grant') AND r."createdAt" < $1 AND NOT EXISTS (
         SELECT FROM "OAuthRecord" t WHERE t."grantId" = r."id" AND t."model" IN ('RefreshToken', 'AccessToken', 'AuthorizationCode'))`,
      [new Date(now.getTime() - 3_600_000)],
    ],
    [
      `SELECT r.ctid FROM "OAuthRecord" r WHERE r."userId" IS NOT NULL
         AND NOT EXISTS (SELECT FROM "User" u WHERE u."id" = r."userId")`,
      [],
    ],
    [
      `SELECT c.ctid FROM "OAuthRecord" c WHERE ${UNUSED} AND c."createdAt" < $1`,
      [new Date(now.getTime() - UNUSED_CLIENT_MS)],
    ],
  ];
  let deleted = 0;
  for (const [select, values] of statements)
    for (let count = BATCH; count === BATCH; deleted += count) {
      const done = await sql.query(
        `DELETE FROM "OAuthRecord" WHERE ctid = ANY (ARRAY(${select} LIMIT ${BATCH}))`,
        values,
      );
      count = done.rowCount ?? 0;
    }
  return deleted;
}

/** Clients that have registered and are allowed nothing (yet), at most. */
export const MAX_UNUSED_CLIENTS = 1_000;
const YOUNG_MS = 30 * 60_000;

/**
 * Whether another client may register. Where too many wait for their first use, those that had their half hour make
 * room; younger ones may be on their way to the consent page.
 */
export async function hasRoomForClient(
  { sql, clock }: Pick<Deps, "sql" | "clock">,
  most = MAX_UNUSED_CLIENTS,
): Promise<boolean> {
  const count = async () => {
    const { rows } = await sql.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT FROM "OAuthRecord" c WHERE ${UNUSED} LIMIT $1) few`,
      [most],
    );
    return rows[0]?.n ?? 0;
  };
  if ((await count()) < most) return true;
  await sql.query(`DELETE FROM "OAuthRecord" c WHERE ${UNUSED} AND c."createdAt" < $1`, [
    new Date(clock.now().getTime() - YOUNG_MS),
  ]);
  return (await count()) < most;
}
