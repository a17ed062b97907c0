import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "server/**/*.test.ts",
      "app/**/*.test.ts",
      "nodered-nodes/**/*.test.ts",
      "tests/unit/**/*.test.ts",
      "tests/attack/**/*.test.ts",
      "tests/differential/**/*.test.ts",
      "tests/conformance/**/*.test.ts",
      "tests/chaos/**/*.test.ts",
    ],
    globalSetup: "tests/support/database.ts",
    pool: "forks",
    testTimeout: 15_000,
    hookTimeout: 30_000,
  },
});
