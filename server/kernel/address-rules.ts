import { BlockList, isIP, isIPv6 } from "node:net";

/** Not the public internet: IANA's special-purpose registries for IPv4 and IPv6, and multicast. */
const SPECIAL_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, and the clouds' metadata services
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3", // multicast, reserved, broadcast
];
const SPECIAL_V6 = [
  "::/127",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23", // with Teredo, whose addresses carry others
  "2001:db8::/32",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7", // with the metadata address of AWS
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];
/** Where clouds hand out credentials to whoever asks from within a machine: nobody can allow these. */
const METADATA = [
  "169.254.169.254", // AWS, Azure, Google, Oracle, DigitalOcean …
  "169.254.170.2", // AWS, tasks of ECS
  "169.254.170.23", // AWS, pods of EKS
  "168.63.129.16", // Azure, the machine's agent
  "100.100.100.200", // Alibaba
  "192.0.0.192", // Oracle
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254", // Google
];
/** Addresses of IPv6 that stand for one of IPv4: prefix, and where the four bytes begin. */
const CARRIES_V4 = [
  { prefix: "::ffff:0:0/96", at: 12 },
  { prefix: "::ffff:0:0:0/96", at: 12 },
  { prefix: "::/96", at: 12 },
  { prefix: "64:ff9b::/96", at: 12 },
  { prefix: "2002::/16", at: 2 },
];

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return list;
};
const special = { ipv4: listOf(SPECIAL_V4), ipv6: listOf(SPECIAL_V6) };
const metadata = { ipv4: listOf(METADATA.filter((one) => !isIPv6(one))), ipv6: listOf(METADATA.filter(isIPv6)) };
const carriers = CARRIES_V4.map(({ prefix, at }) => ({ list: listOf([prefix]), at }));

/** Whether an address may be dialled; not for names. */
export type AddressRule = (address: string) => boolean;

/** `allow` of a rule that knows no private addresses: all but those of metadata services. */
export const ANY_ADDRESS: readonly string[] = ["0.0.0.0/0", "::/0"];

/**
 * Public addresses, and those in `allow` (CIDR, single addresses too); never a cloud's metadata service. What stands
 * for an IPv4 address (mapped, translated, 6to4) is judged as that address.
 */
export function addressRule(allow: readonly string[]): AddressRule {
  const allowed = listOf(allow);
  const may = (address: string): boolean => {
    const bare = address.split("%", 1)[0] ?? ""; // without the zone of a link-local address
    const family = isIP(bare);
    if (family === 0) return false;
    if (family === 4 && metadata.ipv4.check(bare, "ipv4")) return false;
    if (family === 4) return allowed.check(bare, "ipv4") || !special.ipv4.check(bare, "ipv4");
    if (metadata.ipv6.check(bare, "ipv6")) return false;
    const carrier = carriers.find(({ list }) => list.check(bare, "ipv6"));
    const carried = carrier && v4Of(bare, carrier.at);
    if (carried && metadata.ipv4.check(carried, "ipv4")) return false;
    if (allowed.check(bare, "ipv6")) return true;
    if (special.ipv6.check(bare, "ipv6")) return false;
    return carried ? may(carried) : true;
  };
  return may;
}

const v4Of = (address: string, at: number) =>
  bytesOf(address)
    .slice(at, at + 4)
    .join(".");

/** The sixteen bytes of a valid IPv6 address. */
function bytesOf(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [, head = "", a, b, c, d] = dotted ?? [];
  const hex = (high: unknown, low: unknown) => ((Number(high) << 8) | Number(low)).toString(16);
  const [left = "", right] = (dotted ? `${head}${hex(a, b)}:${hex(c, d)}` : address).split("::");
  const words = (text: string | undefined) => (text ? text.split(":").map((word) => Number.parseInt(word, 16)) : []);
  const [front, back] = [words(left), words(right)];
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return all.flatMap((word) => [word >> 8, word & 255]);
}
