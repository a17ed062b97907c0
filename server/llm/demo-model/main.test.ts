import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("runs as a process of its own: starts on its configuration, answers, ends when told", async () => {
  const child = fork(fileURLToPath(new URL("main.ts", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: [],
  });
  const exit = once(child, "exit");
  child.send({ type: "start", config: { host: "127.0.0.1", port: 0, tokenDelayMs: 0 } });
  const [ready] = (await once(child, "message")) as [{ type: string; info: { url: string } }]; // FromPart
  expect(ready.type).toBe("ready");
  expect(await (await fetch(`${ready.info.url}/health`)).json()).toMatchObject({ status: "ok" });
  child.send({ type: "stop" });
  expect((await exit)[0]).toBe(0);
});
