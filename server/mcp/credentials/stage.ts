import type { Stage } from "../exchange.ts";
import { IDENTITY_HEADER, type Identity } from "./identity.ts";
import { challengeOf, type CredentialSource } from "./source.ts";

/** What could be the caller's own credential never goes to an upstream, whatever an earlier stage put there. */
const CALLERS_OWN = new Set(["authorization", "proxy-authorization", "cookie", "x-api-key", "x-nr-pod-secret"]);

/**
 * The last stage before the connection: adds the gateway's credentials and the signed identity of the caller. Where the
 * upstream refuses the credentials and there are better ones, the request, which was not carried out, is sent once more.
 */
export const createCredentialStage =
  ({ source, identity }: { source: CredentialSource; identity: Identity }): Stage =>
  async (exchange, target, next) => {
    const { definition } = target;
    const who = exchange.caller.actor;
    const others = Object.entries(target.headers).filter(([name]) => !CALLERS_OWN.has(name.toLowerCase()));
    for (let first = true; ; first = false) {
      const sent = await source.headersFor(definition, who);
      const headers = {
        ...Object.fromEntries(others),
        ...sent,
        [IDENTITY_HEADER]: identity.sign(definition, exchange),
      };
      try {
        return await next(exchange, { ...target, headers });
      } catch (error) {
        const challenge = challengeOf(error);
        if (!challenge || !first || !(await source.refused(definition, who, challenge, sent))) throw error;
      }
    }
  };
