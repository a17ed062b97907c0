import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, until } from "#tests/support/until.ts";
import { startProcess, type PartProcess } from "./child.ts";
import { openPartLog, type PartLog } from "./part-log.ts";
import { supervise, type SupervisorEvents } from "./supervise.ts";
import type { TestPartConfig } from "./test-part.ts";

let folder: string;
let log: PartLog;
let shown: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "osf-part-"));
  shown = [];
  log = openPartLog(path.join(folder, "part.log"), (line) => shown.push(line));
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

const launch = (config: TestPartConfig, file = path.join(import.meta.dirname, "test-part.ts")) =>
  startProcess({ name: "part", file, config, readyDeadlineMs: 20_000 }, log);

describe("one process", () => {
  it("gets its configuration and says what it is, stops when asked, and is gone then", async () => {
    const part = await launch({ info: { url: "http://localhost:1" } });
    expect(part.info).toEqual({ url: "http://localhost:1" });
    await part.stop(10_000);
    expect(isAlive(part.pid)).toBe(false);
    expect(await part.ended).toBe("ended with code 0");
  });

  it("is ended the hard way when it does not stop in time", async () => {
    const part = await launch({ stubborn: true });
    await part.stop(50);
    expect(await part.ended).toBe("ended by SIGKILL");
    expect(isAlive(part.pid)).toBe(false);
  });

  it("that cannot start says why, or the last error it printed", async () => {
    await expect(launch({ failWith: "no rows" })).rejects.toThrow(
      /part does not start: no rows\. Its log: .*part\.log/,
    );
    const broken = path.join(folder, "broken.ts");
    writeFileSync(broken, "throw new TypeError('out of order');");
    await expect(launch({}, broken)).rejects.toThrow(/TypeError: out of order/);
  });

  it("writes all that it says to its log, and shows the person only warnings and worse", async () => {
    const warning = { level: 40, msg: "no answer", err: { message: "refused" } };
    const part = await launch({ say: ["plain", JSON.stringify({ level: 30, msg: "fine" }), JSON.stringify(warning)] });
    await until("the warning", () => shown.length);
    await part.stop(10_000);
    expect(shown).toEqual(["no answer: refused"]);
    await log.close();
    expect(readFileSync(log.file, "utf8").trim().split("\n")).toHaveLength(3);
    await openPartLog(log.file, () => undefined).close();
    expect(readFileSync(`${log.file}.1`, "utf8")).toContain("fine");
  });
});

describe("a supervised process", () => {
  interface Told {
    died: string[];
    recovered: number;
    gaveUp: string[];
  }
  const listen = (): [Told, SupervisorEvents] => {
    const told: Told = { died: [], recovered: 0, gaveUp: [] };
    return [
      told,
      {
        died: (how) => told.died.push(how),
        recovered: () => told.recovered++,
        gaveUp: (how) => told.gaveUp.push(how),
      },
    ];
  };
  const asLife = (part: PartProcess) => ({ ...part, stop: () => part.stop(10_000) });
  /** Restarts at once, `times` times. */
  const patience = (times: number) => ({ afterDeath: () => (times-- > 0 ? 0 : undefined) });

  it("is started again when it dies, and not when it is stopped", async () => {
    const [told, events] = listen();
    const part = await supervise(async () => asLife(await launch({})), events);
    const first = part.current().pid;
    process.kill(first, "SIGKILL");
    await until("the second life", () => told.recovered);
    const second = part.current().pid;
    expect(second).not.toBe(first);
    expect(isAlive(second)).toBe(true);
    expect(told.died).toEqual(["ended by SIGKILL"]);
    await part.stop();
    expect(isAlive(second)).toBe(false);
    expect(told).toEqual({ died: ["ended by SIGKILL"], recovered: 1, gaveUp: [] });
  });

  it("is given up when it dies too often, also while it starts", async () => {
    const [told, events] = listen();
    let lives = 0;
    const start = async () => asLife(await launch(lives++ ? { failWith: "disk full" } : {}));
    const part = await supervise(start, events, patience(2));
    process.kill(part.current().pid, "SIGKILL");
    await until("the end", () => told.gaveUp.length, 20_000);
    expect(lives).toBe(3);
    expect(told.gaveUp[0]).toContain("disk full");
    await part.stop();
  }, 30_000);

  it("is not started again once the stop has begun, though it died just before", async () => {
    const [, events] = listen();
    let lives = 0;
    const start = async () => {
      lives++;
      return asLife(await launch({}));
    };
    const part = await supervise(start, events, { afterDeath: () => 60_000 });
    process.kill(part.current().pid, "SIGKILL");
    await part.current().ended;
    await part.stop();
    expect(lives).toBe(1);
  });

  it("does not hide that the first start failed", async () => {
    const [told, events] = listen();
    await expect(supervise(async () => asLife(await launch({ failWith: "never" })), events)).rejects.toThrow(/never/);
    expect(told.died).toEqual([]);
  });
});
