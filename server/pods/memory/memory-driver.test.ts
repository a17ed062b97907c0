import { describe } from "vitest";
import { driverSuite } from "#tests/support/driver-suite.ts";
import { createMemoryDriver, type MemoryDriver } from "./memory-driver.ts";

describe("the memory driver", () => {
  driverSuite(async () => ({
    open: async () => createMemoryDriver(),
    spec: (id) => ({ id, secret: "", gatewayUrl: "", publicKey: "", memoryMb: 100, version: "1" }),
    kill: async (driver, id) => (driver as MemoryDriver).crash(id), // opened above
    survives: false,
  }));
});
