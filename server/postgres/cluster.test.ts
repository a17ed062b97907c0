import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isAlive, until } from "#tests/support/until.ts";
import { ensureDatabase, runningCluster, startCluster } from "./cluster.ts";
import { runningPostmaster } from "./postmaster.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "osf-cluster-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const data = () => path.join(folder, "cluster");

async function ask<T extends pg.QueryResultRow>(url: string, statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that holds the cluster; resolves with the address when it serves. */
async function holdElsewhere(): Promise<{ holder: ChildProcess; url: string }> {
  const holder = spawn(process.execPath, [path.join(import.meta.dirname, "test-holder.ts"), folder]);
  let said = "";
  holder.stdout.on("data", (chunk) => (said += String(chunk)));
  const url = await until("the holder's address", () => /postgresql:\S+/.exec(said)?.[0], 30_000);
  return { holder, url };
}

it("creates a cluster, keeps its data and its port from start to start, and lets in nobody without the password", async () => {
  const first = await startCluster({ folder, durable: false });
  await ensureDatabase(first, "kept");
  await ensureDatabase(first, "kept");
  await ask(first.url("kept"), "create table note as select 'here' as text");
  await expect(ask(`postgresql://postgres:wrong@127.0.0.1:${first.port}/kept`, "select 1")).rejects.toThrow(/password/);
  expect(statSync(path.join(folder, "password")).mode & 0o077).toBe(0);
  expect(runningCluster(folder, "kept")).toBe(first.url("kept"));
  await first.stop();
  expect(runningCluster(folder, "kept")).toBeUndefined();

  const second = await startCluster({ folder, durable: false });
  expect(second.port).toBe(first.port);
  expect(await ask(second.url("kept"), "select text from note")).toEqual([{ text: "here" }]);
  await second.stop();
}, 30_000);

it("ends with the process that holds it, and the next start finds everything", async () => {
  const { holder, url } = await holdElsewhere();
  await ask(url, "create table note as select 'here' as text");
  const { pid } = runningPostmaster(data()) ?? { pid: 0 };
  holder.kill("SIGKILL");
  await until("the end of the server", () => !isAlive(pid) || undefined, 20_000);
  const cluster = await startCluster({ folder, durable: false });
  expect(await ask(cluster.url("held"), "select text from note")).toEqual([{ text: "here" }]);
  await cluster.stop();
}, 60_000);

it("takes over at once from a server that still shuts down, and one that lost its guard", async () => {
  const { holder } = await holdElsewhere();
  const orphan = runningPostmaster(data()) ?? { pid: 0 };
  const guard = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${orphan.pid}/status`, "utf8"))?.[1]);
  process.kill(guard, "SIGKILL");
  holder.kill("SIGKILL");
  const cluster = await startCluster({ folder, durable: false });
  expect(runningPostmaster(data())?.pid).not.toBe(orphan.pid);
  await cluster.stop();
}, 60_000);

it("says when the server dies, and starts again on the same port", async () => {
  const first = await startCluster({ folder, durable: false });
  process.kill(runningPostmaster(data())?.pid ?? 0, "SIGKILL");
  await first.ended;
  const second = await startCluster({ folder, durable: false, port: first.port });
  expect(second.port).toBe(first.port);
  await second.stop();
}, 60_000);

it("is not deceived by a pid that now belongs to somebody else, nor by an interrupted creation", async () => {
  mkdirSync(path.join(folder, "cluster.new"));
  writeFileSync(path.join(folder, "cluster.new", "half"), "");
  mkdirSync(data());
  writeFileSync(path.join(data(), "postmaster.pid"), `${process.pid}\n${data()}\n1\n5432\n\n127.0.0.1\n\nready\n`);
  expect(runningPostmaster(data())).toBeUndefined();
  const cluster = await startCluster({ folder, durable: false });
  expect(await ask(cluster.url("postgres"), "select 1 as one")).toEqual([{ one: 1 }]);
  await cluster.stop();
}, 30_000);
