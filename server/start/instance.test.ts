import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAlive, until } from "#tests/support/until.ts";
import { claim, holderOf, type Claim } from "./instance.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "osf-instance-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function own(at: string): Promise<Claim> {
  const claimed = await claim(at, "instance");
  if ("heldBy" in claimed) throw new Error(`held by ${claimed.heldBy.pid}`);
  return claimed;
}

async function launchElsewhere(): Promise<{ launcher: ChildProcess; partPid: number }> {
  const launcher = spawn(process.execPath, [path.join(import.meta.dirname, "test-launcher.ts"), folder]);
  let said = "";
  launcher.stdout.on("data", (chunk) => (said += String(chunk)));
  const pid = await until("the part of the launcher", () => /part (\d+)/.exec(said)?.[1], 20_000);
  return { launcher, partPid: Number(pid) };
}

it("tells a second start who is there and where, until the first lets go", async () => {
  const first = await own(folder);
  expect(await claim(folder, "instance")).toEqual({ heldBy: { pid: process.pid } });
  first.announce("http://localhost:8080");
  expect(await holderOf(folder, "instance")).toEqual({ pid: process.pid, url: "http://localhost:8080" });
  await first.release();
  expect(await holderOf(folder, "instance")).toBeUndefined();
  await (await own(folder)).release();
});

it("lets other names and other folders be claimed at the same time", async () => {
  const first = await own(folder);
  const other = await claim(folder, "instance-worker");
  expect(other).not.toHaveProperty("heldBy");
  const long = path.join(folder, "a".repeat(60), "b".repeat(60));
  mkdirSync(long, { recursive: true });
  const deep = await own(long);
  expect(await claim(long, "instance")).toEqual({ heldBy: { pid: process.pid } });
  await Promise.all([first.release(), deep.release(), "release" in other && other.release()]);
});

it("takes over what a killed process left, one of many that try; the part of that process ends too", async () => {
  const { launcher, partPid } = await launchElsewhere();
  expect(await claim(folder, "instance")).toEqual({ heldBy: { pid: launcher.pid, url: "http://localhost:1234" } });
  launcher.kill("SIGKILL");
  await until("the end of the launcher", () => launcher.signalCode);
  expect(existsSync(path.join(folder, "instance.sock"))).toBe(true);

  const claims = await Promise.all([1, 2, 3, 4].map(() => claim(folder, "instance")));
  const winners = claims.filter((one) => !("heldBy" in one));
  expect(winners).toHaveLength(1);
  await Promise.all(winners.map((one) => "release" in one && one.release()));
  await until("the end of the part", () => !isAlive(partPid) || undefined);
}, 30_000);
