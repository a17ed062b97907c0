import dns, { type LookupAddress } from "node:dns";
import type net from "node:net";
import type { AddressRule } from "./address-rules.ts";

export type Lookup = NonNullable<net.TcpNetConnectOpts["lookup"]>;

/**
 * Looks a name up and lets through only addresses that may be dialled; fails with `refusal` of the name where none is
 * left. `given`: in place of the system's resolver.
 */
export function guardedLookup(
  given: Lookup | undefined,
  may: AddressRule,
  refusal: (name: string) => NodeJS.ErrnoException,
): Lookup {
  const lookup = given ?? (dns.lookup as Lookup); // the overloads of dns.lookup are narrower than its use
  return (name, options, callback) =>
    lookup(name, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      if (!Array.isArray(found)) return may(found) ? callback(null, found, family) : callback(refusal(name), "", 0);
      const left = found.filter(({ address }: LookupAddress) => may(address));
      return left.length > 0 ? callback(null, left) : callback(refusal(name), []);
    });
}
