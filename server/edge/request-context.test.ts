import { expect, it } from "vitest";
import { clientAddress } from "./request-context.ts";

it.each([
  ["nobody in front: what the caller writes does not count", "192.0.2.1", "203.0.113.9", 0, "192.0.2.1"],
  ["one proxy: whom it heard from", "10.0.0.1", "203.0.113.9", 1, "203.0.113.9"],
  ["one proxy: not what the caller wrote before", "10.0.0.1", "198.51.100.7, 203.0.113.9", 1, "203.0.113.9"],
  ["two proxies", "10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"],
  ["a proxy that was passed by", "192.0.2.1", undefined, 1, "192.0.2.1"],
])("%s", (_case, peer, forwardedFor, hops, address) => {
  expect(clientAddress(peer, forwardedFor, hops)).toBe(address);
});
