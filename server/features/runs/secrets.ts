import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { deriveKey } from "#server/kernel/crypto.ts";

/** Keys whose values are credentials. Checked against whole texts first: most messages hold none and are not parsed. */
const CREDENTIAL =
  /authori[sz]ation|passw(?:or)?d|passphrase|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|cookie|credential/i;
const MARK = "•••";
const SEALED = /•••:v1:([\w-]+)/g;
const SEALED_WHOLE = /"•••:v1:([\w-]+)"/g;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What people are shown of JSON that went through `masked`: a mark in place of each credential. */
export const veiled = (json: string): string => (json.includes(MARK) ? json.replace(SEALED, MARK) : json);

/**
 * The single place through which a step's inputs and outputs pass before they are stored. What stands under a key that
 * looks like a credential is sealed (AES-256-GCM), not dropped: a run that goes on after a crash or an approval must
 * send the header that the flow had set. Equal values are sealed equally, so that equal messages stay equal.
 */
export interface Secrets {
  /** JSON text → the same with credentials sealed. */
  masked(json: string): string;
  /** The reverse, for whoever goes on with the run. Never for people. */
  restored(json: string): string;
}

export function createSecrets(installationSecret: string): Secrets {
  const key = deriveKey(installationSecret, "run-secrets");
  const seal = (text: string): string => {
    const iv = createHmac("sha256", key).update(text).digest().subarray(0, IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return `${MARK}:v1:${Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url")}`;
  };
  const unseal = (sealed: string): string | null => {
    const bytes = Buffer.from(sealed, "base64url");
    try {
      const opened = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES));
      opened.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return opened.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + opened.final("utf8");
    } catch {
      return null; // a text that only looks like one of ours, or from before the installation's secret was changed
    }
  };
  return {
    masked(json) {
      if (!CREDENTIAL.test(json)) return json;
      try {
        const root: unknown[] = [JSON.parse(json)];
        sealWithin(root, seal);
        return JSON.stringify(root[0]);
      } catch {
        return JSON.stringify(MARK); // nested too deep to be looked through: better lost than readable
      }
    },
    restored: (json) =>
      json.includes(MARK) ? json.replace(SEALED_WHOLE, (whole, body: string) => unseal(body) ?? whole) : json,
  };
}

/** Replaces in place: `__proto__` among the keys of a message stays what it is. Without recursion: messages may be deep. */
function sealWithin(root: object, seal: (text: string) => string): void {
  const open: { at: Record<string, unknown>; secret: boolean }[] = [{ at: root as never, secret: false }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at } = next;
    const list = Array.isArray(at);
    for (const key of Object.keys(at)) {
      const secret = next.secret || (!list && CREDENTIAL.test(key));
      const value = at[key];
      if (typeof value === "object" && value !== null) open.push({ at: value as never, secret });
      else if (secret && typeof value === "string" && value !== "") at[key] = seal(JSON.stringify(value)); // as JSON, which has an escape for every half of a pair
    }
  }
}
