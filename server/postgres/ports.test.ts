import net, { type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { freePort, nextFreePort, portProblem } from "./ports.ts";

async function occupy(): Promise<{ port: number; free(): Promise<void> }> {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", () => done()));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  return { port, free: () => new Promise((done) => server.close(() => done())) };
}

it("says why a port cannot be used, and takes another one instead", async () => {
  const { port, free } = await occupy();
  expect(await portProblem(port)).toBe("EADDRINUSE");
  expect(await freePort(port)).not.toBe(port);
  expect(await nextFreePort(port - 1, "127.0.0.1")).toBeGreaterThan(port);
  await free();
  expect(await portProblem(port)).toBeUndefined();
  expect(await freePort(port)).toBe(port);
});

it("knows an address that this machine does not have", async () => {
  expect(await portProblem(8080, "192.0.2.1")).toBe("EADDRNOTAVAIL");
});
