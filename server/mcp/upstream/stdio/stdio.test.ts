import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { definition, operator, silent } from "#tests/support/tool-gateway.ts";
import type { Exchange, Json } from "../../exchange.ts";
import type { Vault } from "../../vault.ts";
import type { Peer } from "../peer.ts";
import { startChild } from "./child.ts";
import { stdioServers, type StdioServers } from "./open-stdio-peer.ts";
import { stdioWire } from "./stdio-wire.ts";

const PROGRAM = path.join(import.meta.dirname, "test-stdio-server.ts");
const dataDir = mkdtempSync(path.join(os.tmpdir(), "osf-stdio-"));
const peers: Peer[] = [];
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const SECRET = "s3cr3t-value";
const vault: Vault = {
  resolve: async (_scope, text) => text.replaceAll("${TOOL_TOKEN}", SECRET),
  seal: async (value) => value,
  open: async (value) => value,
};

const servers = (more: Partial<Parameters<typeof stdioServers>[0]> = {}): StdioServers =>
  stdioServers({
    commands: [process.execPath],
    dataDir,
    environment: { path: process.env["PATH"] ?? "", lang: "C.UTF-8" },
    memoryMb: 1_024,
    now: () => new Date(),
    ...more,
  });
const upstream = (kind: string, command = process.execPath) =>
  definition("local", command, {
    transport: { kind: "stdio", command, args: [PROGRAM, kind], env: { TOKEN: "${TOOL_TOKEN}", LINE: "L1" } },
  });

async function open(kind: string, from = servers(), command?: string): Promise<Peer> {
  const peer = await from.open(upstream(kind, command), {
    clientInfo: { name: "test", title: "Test", version: "1" },
    headers: async () => ({}),
    connectMs: 5_000,
    signal: new AbortController().signal,
    dial: { allow: [] },
    vault,
    log: silent,
  });
  peers.push(peer);
  return peer;
}

const ask = (peer: Peer, method: string, params: Json, more: Partial<Exchange> = {}) =>
  peer.request(
    {
      caller: { actor: operator, through: { kind: "page" } },
      method,
      params,
      capabilities: {},
      timeoutMs: 10_000,
      ...more,
    },
    {},
  );
async function call(peer: Peer, name: string, args: Json = {}, more: Partial<Exchange> = {}): Promise<Json> {
  const result = await ask(peer, "tools/call", { name, arguments: args }, more);
  return JSON.parse((result["content"] as { text: string }[])[0]!.text) as Json; // as the program below answers
}
/** One that has ended may wait for whoever started it to notice. */
const runs = (pid: unknown) => {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${Number(pid)}/stat`, "utf8"));
  } catch {
    return false;
  }
};

describe.each([
  ["modern", "2026-07-28"],
  ["legacy", "2025-11-25"],
])("a process of the %s era", (kind, protocol) => {
  it("is spoken to in its revision, lists and calls", async () => {
    const peer = await open(kind);
    expect(peer).toMatchObject({ era: kind, protocol, serverInfo: { name: "test" } });
    const { tools } = await ask(peer, "tools/list", {});
    expect((tools as { name: string }[]).map(({ name }) => name)).toContain("about");
    const [a, b] = await Promise.all([call(peer, "slow", { ms: 30 }), call(peer, "say", { line: "x" })]);
    expect([a, b]).toEqual([{ slept: 30 }, { said: "x" }]);
  });

  it("has an environment, a folder and, where that is possible, a user of its own", async () => {
    const about = await call(await open(kind), "about");
    // What a shell adds by itself is no secret of anybody.
    const own = (about["env"] as string[]).filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name));
    expect(own).toEqual(["HOME", "LANG", "LINE", "PATH", "TOKEN"]);
    expect(about["token"]).toBe(SECRET);
    expect(String(about["cwd"])).toMatch(/local-[0-9a-f]{8}$/);
    expect(about["openFiles"]).toBeLessThan(40);
    if (process.getuid?.() === 0 && about["uid"] !== 0) expect(about["uid"]).toBeGreaterThanOrEqual(60_578);
  });

  it("fails what was under way when it dies, as something that may have run, and says that it is gone", async () => {
    const peer = await open(kind);
    const gone = new Promise<Error>((resolve) => peer.onGone(resolve));
    const slow = call(peer, "slow", { ms: 60_000 });
    slow.catch(() => undefined);
    await call(peer, "about");
    const died = call(peer, "die");
    await expect(died).rejects.toThrow("closed in the middle of the answer");
    await expect(slow).rejects.toThrow("closed in the middle of the answer");
    if (kind === "modern") expect((await gone).message).toBe("its process ended with code 3");
    else expect(await call(peer, "about")).toHaveProperty("pid");
  });

  it("is ended with all that it started", async () => {
    const peer = await open(kind);
    const { pid } = await call(peer, "about");
    const { pid: child } = await call(peer, "spawn");
    expect([runs(pid), runs(child)]).toEqual([true, true]);
    await peer.close();
    await expect.poll(() => [runs(pid), runs(child)]).toEqual([false, false]);
  });

  it("is told when the caller gives up", async () => {
    const peer = await open(kind);
    const abort = new AbortController();
    const slow = call(peer, "slow", { ms: 60_000 }, { signal: abort.signal });
    slow.catch(() => undefined);
    await call(peer, "about");
    abort.abort(new Error("enough"));
    await expect(slow).rejects.toThrow("enough");
    expect(await call(peer, "say", { line: "still there" })).toEqual({ said: "still there" });
  });

  it("cannot take more memory than it is given, and others do not notice", async () => {
    const [hungry, other] = await Promise.all([open(kind, servers({ memoryMb: 512 })), open(kind)]);
    await expect(call(hungry, "eat")).rejects.toThrow("closed in the middle of the answer");
    expect(await call(other, "about")).toHaveProperty("pid");
  });
});

it("asks back whoever can be asked, and nobody else", async () => {
  const peer = await open("legacy");
  const asked: string[] = [];
  const person = (line: string): Partial<Exchange> => ({
    capabilities: { elicitation: { form: {} } },
    async ask({ params }) {
      asked.push(String(params["message"]));
      return { action: "accept", content: { line } };
    },
  });
  const answers = await Promise.all(["L1", "L2", "L3"].map((line) => call(peer, "ask", {}, person(line))));
  expect(answers.map(({ content }) => content)).toEqual([{ line: "L1" }, { line: "L2" }, { line: "L3" }]);
  expect(asked).toHaveLength(3);
  const { isError } = await ask(peer, "tools/call", { name: "ask", arguments: {} });
  expect(isError).toBe(true);
});

it("keeps what it says on the standard error, without its secrets", async () => {
  const all = servers();
  const peer = await open("modern", all);
  await call(peer, "say", { line: `token is ${SECRET} \u001B[31mred\u001B[0m` });
  for (let n = 0; n < 250; n++) await call(peer, "say", { line: `line ${n}` });
  await expect.poll(() => all.log("local").at(-1)?.text).toBe("line 249");
  expect(all.log("local")).toHaveLength(200);
  const early = servers();
  const again = await open("modern", early);
  await call(again, "say", { line: `token is ${SECRET} \u001B[31mred\u001B[0m` });
  await expect.poll(() => early.log("local").map(({ text }) => text)).toContain("token is [secret] red");
});

it("lives on when a program asks something and reads no more", async () => {
  const question = JSON.stringify({ jsonrpc: "2.0", id: "q", method: "roots/list" });
  const code = `require("fs").closeSync(0); setTimeout(() => console.log(${JSON.stringify(question)}), 400)`;
  const heard: unknown[] = [];
  const child = startChild({
    command: process.execPath,
    args: ["-e", code],
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: "/",
    memoryMb: 512,
    heard(message) {
      // What this throws is thrown by an event of a stream, and ends the gateway.
      try {
        heard.push(message.id);
        hear(message);
      } catch (error) {
        heard.push(error);
      }
    },
    said: () => undefined,
  });
  const { hear } = stdioWire(child);
  const writing = setInterval(() => {
    try {
      child.send({ jsonrpc: "2.0", method: "notifications/x" });
    } catch {
      clearInterval(writing); // it was noticed that nobody reads
    }
  }, 20);
  await child.ended;
  clearInterval(writing);
  expect(heard).toEqual(["q"]);
});

it("takes a silent server for one of 2025", async () => {
  expect(await open("mute")).toMatchObject({ era: "legacy", protocol: "2025-06-18", serverInfo: { name: "mute" } });
});

it("says why a program does not start, without its secrets", async () => {
  const error: Error = await open("none").then(
    () => new Error("started"),
    (reason: Error) => reason,
  );
  expect(error).toMatchObject({ kind: "upstream", code: "tool.unreachable" });
  expect(error.message).toContain("its process ended with code 7");
  expect(error.message).not.toContain(SECRET);
});

it("starts only commands that are allowed", async () => {
  await expect(open("modern", servers({ commands: [] }))).rejects.toMatchObject({
    code: "upstream.command",
    message: expect.stringContaining("MCP_STDIO_COMMANDS names no command"),
  });
  await expect(open("modern", servers({ commands: ["npx"] }))).rejects.toThrow("allows: npx");
  await expect(open("modern", servers({ commands: ["no-such-program"] }), "no-such-program")).rejects.toThrow(
    "its command was not found",
  );
});

it("ends a program that sends a message without end", async () => {
  await expect(open("flood")).rejects.toThrow("more than 16 MB");
});

it("gives a program five seconds to end by itself, and then ends it", { timeout: 15_000 }, async () => {
  const peer = await open("deaf");
  const { pid } = await call(peer, "about");
  const began = performance.now();
  await peer.close();
  expect(performance.now() - began).toBeGreaterThan(4_500);
  expect(performance.now() - began).toBeLessThan(9_000);
  await expect.poll(() => runs(pid)).toBe(false);
});

it("ends with the gateway, by whatever death", { timeout: 30_000 }, async () => {
  const code = `
    import { startChild } from ${JSON.stringify(path.join(import.meta.dirname, "child.ts"))};
    const child = startChild({ command: process.execPath, args: [${JSON.stringify(PROGRAM)}, "deaf"], env: process.env,
      cwd: "/", memoryMb: 1024, heard: ({ result }) => console.log(result.content[0].text), said: console.error });
    child.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "about", arguments: {}, _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {} } } });
    setInterval(() => undefined, 1000);`;
  const gateway = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const text = await new Promise<string>((resolve) =>
    gateway.stdout.once("data", (data: Buffer) => resolve(data.toString())),
  );
  const { pid } = JSON.parse(text) as { pid: number }; // as the program answers
  expect(runs(pid)).toBe(true);
  gateway.kill("SIGKILL");
  await expect.poll(() => runs(pid), { timeout: 15_000, interval: 100 }).toBe(false);
});
