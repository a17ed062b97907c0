import { randomToken, sameSecret, sha256 } from "#server/kernel/crypto.ts";
import { AppError } from "#server/kernel/errors.ts";
import { podSecretOf } from "#server/pods/tokens.ts";
import type { Deps } from "../../deps.ts";

/**
 * Trades the secret that a pod was started with for its token: once, before it is ready. The token is good for the
 * seat that the pod will have, and for `/internal` alone. Throws `unauthenticated` (`pod.exchange`).
 */
export async function exchangeSecret(
  { sql, settings }: Pick<Deps, "sql" | "settings">,
  { id, secret }: { id: string; secret: string },
): Promise<{ token: string }> {
  const refused = new AppError("unauthenticated", "pod.exchange", "This secret is not of a pod that is starting");
  if (!sameSecret(secret, podSecretOf(settings.jwtSecret, id))) throw refused;
  const token = `osfp_${randomToken()}`;
  const { rowCount } = await sql.query(
    `UPDATE "Pod" SET "tokenHash" = $2 WHERE "id" = $1 AND "tokenHash" IS NULL AND "state" = 'starting'`,
    [id, sha256(token)],
  );
  if (rowCount !== 1) throw refused;
  return { token };
}
