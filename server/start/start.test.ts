import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claim } from "./instance.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "osf-start-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The real launcher, in starts that end before any part runs. */
function start(variables: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const environment = {
    NODE_ENV: "test",
    PATH: process.env["PATH"] ?? "",
    OSF_DATA_DIR: folder,
    ...variables,
  } as const;
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "../start.ts")], { env: environment });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

it("names every wrong variable at once", async () => {
  const { code, said } = await start({ PORT: "nine", LOG_LEVEL: "loud", JWT_SECRET: "short" });
  expect(code).toBe(1);
  expect(said.split("\n").filter((line) => /PORT|LOG_LEVEL|JWT_SECRET/.test(line))).toHaveLength(3);
  expect(said).not.toContain("short");
  expect(said).not.toContain("    at ");
});

it("wants a database of its own for a web or worker process that runs alone", async () => {
  const { code, said } = await start({ OSF_ROLE: "worker" });
  expect(code).toBe(1);
  expect(said).toMatch(/OSF_ROLE: worker alone needs DATABASE_URL/);
});

it("says in one line that the chosen port is busy", async () => {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  const { code, said } = await start({ PORT: String(port) });
  server.close();
  expect(code).toBe(1);
  expect(said.match(/Port.*/g)).toEqual([
    `Port ${port} is in use by another program. Stop it, or choose another port with PORT`,
  ]);
});

it("says where it is running already", async () => {
  const claimed = await claim(folder, "instance");
  if ("heldBy" in claimed) throw new Error("a fresh folder is held");
  claimed.announce("http://localhost:8088");
  const { code, said } = await start({});
  await claimed.release();
  expect(code).toBe(1);
  expect(said).toContain(`Already running at http://localhost:8088 (pid ${process.pid})`);
});
