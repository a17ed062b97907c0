import { createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

/** sha-256 as hex: for tokens of high entropy that are stored only to be recognised. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** `bytes` random bytes as hex. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString("hex");

/** A 32-byte key for one purpose, derived from the installation's secret (HKDF, RFC 5869). */
export const deriveKey = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "osf-gateway", purpose, 32));

export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
