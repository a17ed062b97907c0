import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

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

/** AES-256-GCM, bound to `context` (for example the row's id): `v1.<iv>.<tag>.<text>`, base64url. */
export function seal(key: Buffer, text: string, context: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return ["v1", ...[iv, cipher.getAuthTag(), sealed].map((part) => part.toString("base64url"))].join(".");
}

/** Opens what `seal` made; throws on any other key, context or changed byte. */
export function open(key: Buffer, sealed: string, context: string): string {
  const [version, ...parts] = sealed.split(".");
  const [iv, tag, text] = parts.map((part) => Buffer.from(part, "base64url"));
  if (version !== "v1" || !iv || !tag || !text) throw new Error("not a sealed value");
  const decipher = createDecipheriv("aes-256-gcm", key, iv).setAAD(Buffer.from(context)).setAuthTag(tag);
  return Buffer.concat([decipher.update(text), decipher.final()]).toString("utf8");
}
