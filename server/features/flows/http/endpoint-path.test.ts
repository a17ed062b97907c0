import { createRequire } from "node:module";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpointPath } from "./endpoint-path.ts";

const PATHS = [
  "/",
  "/orders",
  "/orders/",
  "/Orders",
  "/orders/7",
  "/orders/7/",
  "/orders/a%20b",
  "/orders/7/lines",
  "/orders/7/lines/3",
  "/files/a/b.txt",
  "/files/",
  "/files",
  "/lot-7.json",
  "/lot-.json",
  "/LOT-x.JSON",
  "/orders//lines",
  "//orders",
  "/x",
];
const PATTERNS = [
  "/",
  "/orders",
  "/orders/",
  "/orders/:id",
  "/orders/:id/lines/:line?",
  "/files/*",
  "/lot-:n.json",
  "/*",
];

/** Express 4 as Node-RED brings it along: the measure. */
const require = createRequire(import.meta.url);
const nodeRed = createRequire(require.resolve("node-red/package.json"));

interface Express4 {
  (): Express4 & ((request: unknown, response: unknown) => void);
  get(pattern: string, handle: (request: { params: object }, response: { json(value: unknown): void }) => void): void;
}

let address: string;
let server: http.Server;
beforeAll(async () => {
  const express = nodeRed("express") as Express4;
  const version = (nodeRed(path.join(path.dirname(nodeRed.resolve("express")), "package.json")) as { version: string })
    .version;
  expect(version).toMatch(/^4\./);
  const apps = PATTERNS.map((pattern) => {
    const app = express();
    app.get(pattern, (request, response) => response.json({ ...request.params }));
    return app;
  });
  server = http.createServer((request, response) => {
    const app = apps[Number(request.headers["x-pattern"])];
    app?.(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((closed) => server.close(closed)));

const ask = (pattern: number, target: string) =>
  new Promise<object | null>((resolve, reject) => {
    const [hostname, port] = address.split(":");
    http
      .get({ hostname, port, path: target, headers: { "x-pattern": pattern }, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve(response.statusCode === 200 ? (JSON.parse(text) as object) : null));
      })
      .on("error", reject);
  });

describe("paths of http in nodes", () => {
  it.each(PATTERNS)("%s matches what Express 4 matches, with the same parameters", async (pattern) => {
    for (const target of PATHS) {
      const params = endpointPath(pattern)?.match(target) ?? null;
      expect([target, params]).toEqual([target, await ask(PATTERNS.indexOf(pattern), target)]);
    }
  });

  it("with patterns of people's own are left to the pod", () => {
    for (const pattern of ["/a/:id(\\d+)", "/a(b)?", "/a+", "/a*b", "/*/x", "/:a?/b", "/a/:b-:c"])
      expect(endpointPath(pattern)).toBeNull();
  });
});
