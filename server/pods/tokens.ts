import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import { deriveKey } from "../kernel/crypto.ts";
import { seatKey, type Seat } from "./deps.ts";

/** DER of a PKCS #8 Ed25519 key up to its 32 bytes (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const LIVES_S = 300;
/** A token is used again for this long: signing and checking cost more than the rest of a small request. */
const REUSE_S = 120;

export const POD_TOKEN_HEADER = "x-osf-pod-token";

/** What a pod needs to know of its seat; it learns it by a signed token only. */
export interface Assignment {
  seat: string;
  workspaceId: string;
  userId: string;
  userName: string;
  /** Encrypts the credentials of the seat's flows. */
  credentialSecret: string;
  /** Show the flows, do not start them. */
  safe: boolean;
}

export interface PodTokens {
  /** PEM, for the pods. */
  publicKey: string;
  /** For requests of the seat's person to the editor and to `http in` nodes. */
  use(podId: string, seat: Seat): string;
  /** For the gateway's own requests: health, reload. */
  control(podId: string): string;
  assign(podId: string, assignment: Assignment): string;
}

/**
 * Tokens by which a pod knows the gateway: JWS compact, EdDSA over Ed25519 (RFC 8037), for one pod (`aud`), five
 * minutes. The key is derived from the installation's secret, so that web and worker have the same one; a pod has its
 * public half and can make none, neither for itself nor for another.
 */
export function createPodTokens(jwtSecret: string, now: () => number = Date.now): PodTokens {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, deriveKey(jwtSecret, "pod-tokens")]),
    format: "der",
    type: "pkcs8",
  });
  const made = new Map<string, { token: string; until: number }>();
  const reused = (name: string, make: () => string): string => {
    const at = now();
    const known = made.get(name);
    if (known && known.until > at) return known.token;
    if (made.size > 2_000) made.clear();
    const token = make();
    made.set(name, { token, until: at + REUSE_S * 1_000 });
    return token;
  };
  const mint = (podId: string, claims: Record<string, unknown>) => signed(key, podId, claims, now());
  return {
    // SPKI as PEM is text
    publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }) as string,
    use: (podId, seat) => reused(`${podId} ${seatKey(seat)}`, () => mint(podId, { act: "use", seat: seatKey(seat) })),
    control: (podId) => reused(podId, () => mint(podId, { act: "control" })),
    assign: (podId, assignment) => mint(podId, { act: "control", assignment }),
  };
}

function signed(key: KeyObject, podId: string, claims: Record<string, unknown>, at: number): string {
  const iat = Math.floor(at / 1_000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "EdDSA" })}.${part({ aud: podId, iat, exp: iat + LIVES_S, ...claims })}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
}

/** What a new pod trades for its token, once. Derived, so that nobody need keep it. */
export const podSecretOf = (jwtSecret: string, podId: string): string =>
  deriveKey(jwtSecret, `pod-secret:${podId}`).toString("hex");
