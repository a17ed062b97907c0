import { chromium } from "@playwright/test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { systemChromium } from "#server/start/doctor/chromium.ts";

/** The browser for the tests: the named one, one of the system, Playwright's own. */
export function findChromium(named = process.env["CHROMIUM_PATH"]): string | undefined {
  return [named, systemChromium(), chromium.executablePath()].find((file) => file && existsSync(file));
}

/** Installs one with apt where that is possible without asking: Debian and its kin, as root. */
export function installChromium(): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return undefined;
  console.log("Installing chromium with apt …");
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "chromium"]])
    if (spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env: environment }).status !== 0)
      return undefined;
  return findChromium();
}
