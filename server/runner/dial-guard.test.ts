import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { job, pool, run, valueOf } from "./test-pool.ts";

describe("what a runner may dial", () => {
  const listening = async () => {
    const server = createServer((request, response) => {
      if (request.url === "/away") response.writeHead(302, { location: "/here" }).end();
      else response.end("reached");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return { server, port: (server.address() as AddressInfo).port }; // a listening TCP server has one
  };

  it("is public: no address and no name that leads to the machine, by fetch or as it is checked", async () => {
    const { server, port } = await listening();
    const one = pool();
    for (const host of ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
      for (const type of ["fetch", "check"])
        expect(await run(one, job(type, { url: `http://${host}:${port}/` })), `${type} ${host}`).toMatchObject({
          outcome: { status: "failed" },
        });
    expect(await run(one, job("check", { url: "file:///etc/passwd" }))).toMatchObject({
      outcome: { error: { code: "http.private" } },
    });
    server.close();
  });

  it.each([
    ["get", (port: number) => ({ url: `http://localhost:${port}/` })],
    ["get", (port: number) => ({ url: `https://127.0.0.1:${port}/` })],
    ["socket", (port: number) => ({ options: { port } })],
    ["socket", (port: number) => ({ options: { port, host: "localhost", family: 4 } })],
    ["socket", () => ({ options: { path: "/var/run/docker.sock" } })],
    ["listen", () => ({})],
    ["datagram", () => ({})],
  ])("is public whatever opens the socket: %s", async (type, node) => {
    const { server, port } = await listening();
    expect(await run(pool(), job(type, node(port)))).toMatchObject({ outcome: { error: { code: "http.private" } } });
    server.close();
  });

  it("is what an administrator allows, by name as well", async () => {
    const { server, port } = await listening();
    const one = pool({ allowPrivateHosts: ["127.0.0.0/8"] });
    for (const address of [`127.0.0.1:${port}/`, `localhost:${port}/away`])
      expect(valueOf(await run(one, job("fetch", { url: `http://${address}` })))).toBe("reached");
    server.closeAllConnections();
    server.close();
  });
});
