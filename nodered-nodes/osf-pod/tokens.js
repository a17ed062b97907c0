"use strict";
const { createPublicKey, verify } = require("node:crypto");

const json = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));

/**
 * Reads tokens of the gateway: JWS compact, EdDSA over Ed25519 (RFC 8037), for this pod alone (`aud`) and for minutes.
 * Answers the claims, or null for everything else.
 */
exports.createVerifier = (publicKeyPem, podId, now = Date.now) => {
  const key = createPublicKey(publicKeyPem);
  const known = new Map(); // the gateway sends the same token for a while; checking costs 0.1 ms each time
  return (token) => {
    if (typeof token !== "string" || token.length > 16_384) return null;
    const seconds = now() / 1_000;
    const seen = known.get(token);
    if (seen) return seen.exp > seconds ? seen : null;
    try {
      const [head, body, signature, ...more] = token.split(".");
      if (more.length > 0 || json(head).alg !== "EdDSA") return null;
      if (!verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) return null;
      const claims = json(body);
      if (claims.aud !== podId || !(claims.exp > seconds)) return null;
      if (known.size > 200) known.clear();
      known.set(token, claims);
      return claims;
    } catch {
      return null;
    }
  };
};
