import net from "node:net";
import { Agent, buildConnector } from "undici";
import { addressRule, ANY_ADDRESS } from "../../kernel/address-rules.ts";
import { guardedLookup, type Lookup } from "../../kernel/guarded-lookup.ts";
import type { UpstreamPolicy } from "../definition.ts";

/** What a connection that may not be opened fails with. */
export class DialRefused extends Error {
  override readonly name = "DialRefused";
  readonly code = "dial.refused";
}

export interface DialOptions {
  /** Networks (CIDR) that may be reached though they are not public: OSF_ALLOW_PRIVATE_HOSTS. */
  allow: readonly string[];
  /** All private addresses may be reached: `policy.privateNetwork`. Never a cloud's metadata service. */
  privateNetwork?: boolean | undefined;
  /** Milliseconds to open a connection. */
  connectMs: number;
  /** Bytes of one answer. */
  maxResponseBytes?: number;
  /** Connections to one host at a time. */
  connections?: number;
  /** In place of the system's resolver. */
  lookup?: Lookup;
}

/** The rule of an upstream: what everybody may reach, and what its own registration admits. */
export const ruleOf = (allow: readonly string[], { privateNetwork }: Pick<UpstreamPolicy, "privateNetwork">) =>
  addressRule(privateNetwork ? ANY_ADDRESS : allow);

const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/**
 * Opens connections only to addresses that may be reached. The very address that is dialled is judged, after its name
 * was looked up: a name that changes its mind between a check and the dial reaches nothing. There is no timeout of
 * silence: whoever asks sets one.
 */
export function guardedAgent(options: DialOptions): Agent {
  const { allow, privateNetwork, connectMs, maxResponseBytes = MAX_RESPONSE_BYTES, connections = 64 } = options;
  const may = ruleOf(allow, privateNetwork === undefined ? {} : { privateNetwork });
  const lookup = guardedLookup(options.lookup, may, refusal);
  const open = buildConnector({ timeout: connectMs, lookup, allowH2: false });
  return new Agent({
    connect(target, done) {
      const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
      // Node looks up no address: an address is judged here, a name when it was looked up.
      if (net.isIP(host) !== 0 && !may(host)) return done(refusal(host), null);
      open(target, done);
    },
    allowH2: false, // its streams share a connection, which one of them could hold up
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxResponseBytes,
    connections,
  });
}

const refusal = (host: string) =>
  new DialRefused(
    `${host} is not a public address. The platform's owner allows others with OSF_ALLOW_PRIVATE_HOSTS or for this server alone`,
  );
