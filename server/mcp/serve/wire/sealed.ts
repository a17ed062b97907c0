import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { canonicalJson } from "../../canonical-json.ts";
import type { Json } from "../../exchange.ts";

/** What only we can have written, and what is read only where it was meant for. */
export interface Sealer {
  /**
   * `purpose` is bound to it, and not in it: who opens must say the same. `steady`: the same content for the same
   * purpose always gives the same text.
   */
  seal(content: Json, purpose: Json, how?: { steady?: boolean }): string;
  /** Undefined for what was changed, was sealed elsewhere or for another purpose. */
  open(sealed: string, purpose: Json): Json | undefined;
}

const CIPHER = "aes-256-gcm";
const IV = 12;
const TAG = 16;

/** AES-256-GCM, as base64url text. */
export function createSealer(key: Buffer): Sealer {
  const nonceKey = createHmac("sha256", key).update("nonce").digest();
  const bound = (purpose: Json) => Buffer.from(canonicalJson(purpose));
  return {
    seal(content, purpose, { steady = false } = {}) {
      const plain = JSON.stringify(content);
      const aad = bound(purpose);
      // A nonce made of all that is sealed repeats only where everything does, as in AES-SIV.
      const iv = steady
        ? createHmac("sha256", nonceKey).update(aad).update("\0").update(plain).digest().subarray(0, IV)
        : randomBytes(IV);
      const cipher = createCipheriv(CIPHER, key, iv).setAAD(aad);
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64url");
    },
    open(sealed, purpose) {
      const bytes = Buffer.from(sealed, "base64url");
      // Node's decoder skips what is no base64url: two texts must not open as one.
      if (bytes.length < IV + TAG || bytes.toString("base64url") !== sealed) return undefined;
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV), { authTagLength: TAG });
      decipher.setAAD(bound(purpose)).setAuthTag(bytes.subarray(IV, IV + TAG));
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]);
        return JSON.parse(text.toString("utf8")) as Json; // we wrote it: nobody else has the key
      } catch {
        return undefined;
      }
    },
  };
}
