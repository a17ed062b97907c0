import { defineConfig } from "@playwright/test";

// The launcher is started by the tests themselves (tests/support/instance.ts), each with a data folder of its own.
export default defineConfig({
  testDir: "tests/e2e",
  workers: 1,
  timeout: 120_000, // up to a minute of it may be the wait for a further sign-in
  globalTimeout: 15 * 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  outputDir: "test-results",
  use: {
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
      args: [
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
