import { describe, expect, it } from "vitest";
import { addressRule, ANY_ADDRESS } from "./address-rules.ts";

describe("which addresses may be dialled", () => {
  const may = addressRule([]);

  it.each(["93.184.216.34", "8.8.8.8", "172.32.0.1", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::8.8.8.8"])(
    "lets a public one through: %s",
    (address) => expect(may(address)).toBe(true),
  );

  it.each(
    "127.0.0.1 127.8.9.1 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 100.64.1.1 169.254.169.254 224.0.0.1 239.1.1.1 255.255.255.255 192.0.0.8 198.18.0.1 203.0.113.5 ::1 :: fe80::1 fe80::1%eth0 fd00:ec2::254 fc00::1 ff02::1 2001:db8::1 2001:0:1::1".split(
      " ",
    ),
  )("refuses what is not public: %s", (address) => expect(may(address)).toBe(false));

  it.each([
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
  ])("sees an address of IPv4 in one of IPv6: %s", (address) => expect(may(address)).toBe(false));

  it.each(["example.com", "", "127.1", "2130706433", "0x7f.1", "1.2.3.4.5"])("refuses what is none: %j", (text) =>
    expect(may(text)).toBe(false),
  );

  it("lets through what an administrator allows, also as it is mapped into IPv6", () => {
    const lenient = addressRule(["127.0.0.0/8", "10.7.0.9", "fd00::/8"]);
    expect(["127.0.0.1", "::ffff:127.0.0.1", "10.7.0.9", "fd12::1"].every(lenient)).toBe(true);
    expect(["10.7.0.8", "192.168.0.1", "fe80::1", "::1"].some(lenient)).toBe(false);
  });

  it.each([
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
  ])("lets nobody allow a cloud's metadata service: %s", (address) => {
    expect(addressRule(ANY_ADDRESS)(address)).toBe(false);
    expect(addressRule([address])(address)).toBe(false);
  });

  it("lets everything else through where private addresses are allowed", () => {
    const any = addressRule(ANY_ADDRESS);
    expect(["127.0.0.1", "::1", "10.0.0.1", "fd12::1", "169.254.1.1", "8.8.8.8"].every(any)).toBe(true);
  });
});
