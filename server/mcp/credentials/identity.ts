import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { deriveKey, sha256 } from "../../kernel/crypto.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { UpstreamDefinition } from "../definition.ts";
import type { Exchange } from "../exchange.ts";

export const IDENTITY_HEADER = "X-OSF-Identity";
const LIFE_S = 60;
/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Tells upstreams who calls, so that they can verify it: a JWT (EdDSA, RFC 8037) for one request. */
export interface Identity {
  /**
   * `iss` the gateway's address, `aud` the upstream's origin, `sub` the person; `workspace`, `role`, `through` (what makes
   * the call), `run`, `approver`; of `tools/call` `tool` (the upstream's own name) and `args` (sha-256 of their canonical
   * JSON). Good for 60 seconds, `jti` is used once.
   */
  sign(definition: UpstreamDefinition, exchange: Exchange): string;
  /** The public keys, as /.well-known/jwks.json serves them (RFC 7517). */
  readonly jwks: { keys: Record<string, string>[] };
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The key follows from the installation's secret: all processes have the same, and none is stored. */
export function createIdentity(options: { jwtSecret: string; publicUrl: string; clock: Clock }): Identity {
  const { jwtSecret, publicUrl, clock } = options;
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, deriveKey(jwtSecret, "upstream-identity")]),
    format: "der",
    type: "pkcs8",
  });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  // RFC 7638: the thumbprint of the required members, in this order
  const kid = createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url");
  const header = encoded({ alg: "EdDSA", typ: "JWT", kid });

  return {
    jwks: { keys: [{ kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" }] },
    sign(definition, { caller, method, params }) {
      const { actor, through, runId, approverId } = caller;
      const iat = Math.floor(clock.now().getTime() / 1_000);
      const isCall = method === "tools/call";
      const claims = {
        iss: publicUrl,
        aud: URL.parse(definition.url)?.origin ?? definition.name,
        sub: actor.userId,
        iat,
        exp: iat + LIFE_S,
        jti: randomUUID(),
        workspace: actor.workspaceId,
        role: actor.role,
        via: actor.via,
        through,
        ...(runId && { run: runId }),
        ...(approverId && { approver: approverId }),
        ...(isCall && { tool: params["name"], args: sha256(canonicalJson(params["arguments"] ?? {})) }),
      };
      const text = `${header}.${encoded(claims)}`;
      return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
    },
  };
}
