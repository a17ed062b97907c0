import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { deriveKey } from "#server/kernel/crypto.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Settings } from "#server/kernel/settings.ts";

/** A user in a workspace: who has an editor, with one document. */
export interface Seat {
  workspaceId: string;
  userId: string;
}

/** By node id: what Node-RED keeps apart from the flow, such as passwords. */
export type Credentials = Record<string, Record<string, unknown>>;

const ALGORITHM = "aes-256-ctr"; // Node-RED's own, so that a pod reads what we wrote and the other way round
const IV_HEX = 32;

/** Node-RED's `credentialSecret` of a seat: its pod encrypts with it, the engine decrypts. */
export const credentialSecretOf = ({ jwtSecret }: Pick<Settings, "jwtSecret">, { workspaceId, userId }: Seat): string =>
  deriveKey(jwtSecret, `flow-credentials:${workspaceId}:${userId}`).toString("hex");

const keyOf = (secret: string) => createHash("sha256").update(secret).digest();

const sealedText = (stored: unknown): string | null => {
  if (typeof stored !== "object" || stored === null || !("$" in stored)) return null;
  return typeof stored.$ === "string" ? stored.$ : null;
};

/**
 * What a document's `credentials` column holds, by node. Throws AppError `flow.credentials` when it was encrypted with
 * another secret, for example before JWT_SECRET was changed.
 */
export function decryptCredentials(secret: string, stored: unknown): Credentials {
  const sealed = sealedText(stored);
  if (sealed === null) return {};
  try {
    const decipher = createDecipheriv(ALGORITHM, keyOf(secret), Buffer.from(sealed.slice(0, IV_HEX), "hex"));
    const text = decipher.update(sealed.slice(IV_HEX), "base64", "utf8") + decipher.final("utf8");
    return JSON.parse(text) as Credentials; // only what was encrypted with the seat's secret parses
  } catch (cause) {
    throw new AppError(
      "conflict",
      "flow.credentials",
      "The passwords of this flow's nodes cannot be read: the installation's secret was changed. Enter them in the editor again and deploy",
      { cause },
    );
  }
}

/** The reverse, as Node-RED writes it: `{ "$": <iv as hex><cipher text as base64> }`. */
export function encryptCredentials(secret: string, credentials: Credentials): { $: string } {
  const iv = randomBytes(IV_HEX / 2);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret), iv);
  return {
    $: iv.toString("hex") + cipher.update(JSON.stringify(credentials), "utf8", "base64") + cipher.final("base64"),
  };
}
