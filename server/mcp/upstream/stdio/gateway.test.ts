import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { definition, operator, startTestGateway, type TestGateway } from "#tests/support/tool-gateway.ts";
import { stdioServers } from "./open-stdio-peer.ts";

const PROGRAM = path.join(import.meta.dirname, "test-stdio-server.ts");
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(kind: string, commands = [process.execPath]): Promise<TestGateway> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), "osf-stdio-"));
  ends.push(async () => rmSync(dataDir, { recursive: true, force: true }));
  const environment = { path: process.env["PATH"] ?? "", lang: "C.UTF-8" };
  const servers = stdioServers({ commands, dataDir, environment, memoryMb: 1_024, now: () => new Date() });
  const args = [PROGRAM, kind, "--key=hidden"];
  const gateway = await startTestGateway(
    [
      definition("local", `${process.execPath} ${args.join(" ")}`, {
        transport: { kind: "stdio", command: process.execPath, args, env: {} },
      }),
    ],
    { openers: { stdio: servers.open }, pace: { connectMs: 5_000 } },
  );
  ends.push(() => gateway.stop());
  return gateway;
}
const call = ({ tools }: TestGateway, name: string, args: Record<string, unknown> = {}) =>
  tools.call({ actor: operator, name: `local.${name}`, args });

it.each(["modern", "legacy"])(
  "a %s process is an upstream as any other, and is started again when it dies",
  async (kind) => {
    const gateway = await start(kind);
    const before = (await call(gateway, "about")).value as { pid: number };
    expect((await gateway.tools.list(operator)).map(({ name }) => name)).toContain("local.slow");
    await expect(call(gateway, "die")).rejects.toMatchObject({
      code: "tool.unreachable",
      hints: { extra: { mayHaveRun: true } },
    });
    await expect
      .poll(async () => ((await call(gateway, "about").catch(() => null))?.value as { pid: number } | undefined)?.pid, {
        timeout: 10_000,
      })
      .not.toBe(undefined);
    const after = (await call(gateway, "about")).value as { pid: number };
    expect(after.pid).not.toBe(before.pid);
    const [state] = await gateway.tools.upstreams(null);
    expect(state).toMatchObject({ state: "ok", transport: "stdio", url: process.execPath, era: kind });
  },
);

it("says why it cannot be used, without its arguments", async () => {
  const gateway = await start("modern", []);
  const state = await gateway.tools.check("local", null);
  expect(state).toMatchObject({
    state: "down",
    problem: `The LOCAL cannot be used at ${process.execPath}: MCP_STDIO_COMMANDS does not name the command ${process.execPath}`,
  });
  const broken = await (await start("none")).tools.check("local", null);
  expect(broken.problem).toContain("its process ended with code 7; it said: no such kind");
  expect(JSON.stringify([state, broken])).not.toContain("hidden");
});
