import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "#server/kernel/ids.ts";
import { createLog } from "#server/kernel/log.ts";
import { driverSuite } from "#tests/support/driver-suite.ts";
import { isAlive, until } from "#tests/support/until.ts";
import { createPodTokens } from "../tokens.ts";
import { openLocalDriver } from "./local-driver.ts";
import { factsOf } from "./process-facts.ts";

const SECRET = "a secret that no pod may have in its arguments";
const tokens = createPodTokens("a secret of tests that is long enough");
const log = createLog("test", "silent");
let gateway: http.Server;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), `osf-test-${process.pid}-driver-`));
  // A gateway that gives tokens is all that a pod needs to be ready.
  gateway = http.createServer((_request, response) =>
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ token: "osfp_test" })),
  );
  await new Promise<void>((listening) => gateway.listen(0, "127.0.0.1", listening));
});
afterAll(async () => {
  gateway.closeAllConnections();
  gateway.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const open = (launcherPid = process.pid) =>
  openLocalDriver({ dataDir, launcherPid, version: "test", tokens, log, lookMs: 100 });
const spec = (id: string) => ({
  id,
  secret: SECRET,
  gatewayUrl: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`, // it listens on TCP
  publicKey: tokens.publicKey,
  memoryMb: 256,
  version: "test",
});
const pidOf = (id: string) =>
  (JSON.parse(readFileSync(path.join(dataDir, "pods", id, "state.json"), "utf8")) as { pid: number }).pid; // the driver's own file
const running = async (driver: Awaited<ReturnType<typeof open>>, id: string) =>
  until("it runs", async () => (await driver.list()).find((pod) => pod.id === id && pod.phase === "running"), 30_000);

describe("the local driver", { timeout: 60_000 }, () => {
  driverSuite(async () => ({
    open: () => open(),
    spec,
    kill: async (_driver, id) => void process.kill(pidOf(id), "SIGKILL"),
    survives: true,
  }));

  it("puts no secret where others of the machine see it", async () => {
    const driver = await open();
    const id = newId("pod");
    await driver.create(spec(id));
    await running(driver, id);
    const pid = pidOf(id);
    for (const file of ["cmdline", "environ"])
      expect(readFileSync(`/proc/${pid}/${file}`, "utf8")).not.toContain(SECRET);
    for (const name of readdirSync(path.join(dataDir, "pods"), { recursive: true, encoding: "utf8" })) {
      if (!/state\.json$|\.log$/.test(name)) continue;
      expect(readFileSync(path.join(dataDir, "pods", name), "utf8"), name).not.toContain(SECRET);
    }
    await driver.delete(id, 0);
    await driver.close();
  });

  it("takes no other process for a pod because it has the number of one", async () => {
    const id = newId("pod");
    const folder = path.join(dataDir, "pods", id);
    execFileSync("mkdir", ["-p", folder]);
    const home = path.join(dataDir, "nowhere");
    const state = { id, pid: process.pid, startTime: "1", address: "127.0.0.1:1", uid: null, home };
    writeFileSync(path.join(folder, "state.json"), JSON.stringify(state));
    const driver = await open();
    expect(await driver.list()).toEqual([]);
    expect(readdirSync(path.join(dataDir, "pods"))).not.toContain(id);
    await driver.close();
  });

  it("ends its pods when the launcher is gone", async () => {
    const { spawn } = await import("node:child_process");
    const launcher = spawn("sleep", ["60"]);
    const driver = await open(launcher.pid);
    const id = newId("pod");
    await driver.create(spec(id));
    await running(driver, id);
    const pid = pidOf(id);
    await driver.close();
    launcher.kill("SIGKILL");
    await until("the pod has ended", () => !isAlive(pid));
    const next = await open();
    expect(await next.list()).toEqual([]);
    await next.close();
  });

  it("ends a pod whose event loop is held up", async () => {
    const driver = await open();
    const id = newId("pod");
    await driver.create(spec(id));
    await running(driver, id);
    const pid = pidOf(id);
    process.kill(pid, "SIGSTOP"); // takes no signal that it could handle
    await driver.delete(id, 200);
    expect(await factsOf(pid)).toBeUndefined();
    await driver.close();
  });

  it.runIf(process.getuid?.() === 0)("gives each pod a user of its own, who cannot read the others'", async () => {
    const driver = await open();
    const ids = [newId("pod"), newId("pod")];
    await Promise.all(ids.map((id) => driver.create(spec(id))));
    await Promise.all(ids.map((id) => running(driver, id)));
    const uids = ids.map((id) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pidOf(id)}/status`, "utf8"))?.[1]));
    expect(new Set([0, ...uids]).size).toBe(3);
    await Promise.all(ids.map((id) => driver.delete(id, 0)));
    await driver.close();
  });
});
