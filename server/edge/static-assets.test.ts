import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compressFolder } from "../start/compress.ts";
import { loadStaticAssets } from "./static-assets.ts";

const SCRIPT = "export const answer = 42; // and again\n".repeat(200);
const STYLE = ".row { color: rebeccapurple; }\n".repeat(100);

let root: string;
let server: http.Server;
let port: number;

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), "osf-static-"));
  const put = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  };
  put("static/chunks/page.js", SCRIPT);
  put("static/chunks/[id] page.js", SCRIPT);
  put("static/css/page.css", STYLE);
  put("static/chunks/small.js", "export {};");
  put("static/media/font.woff2", SCRIPT);
  put("secrets.json", JSON.stringify({ secret: SCRIPT }));
  await compressFolder(root);
  const assets = await loadStaticAssets(path.join(root, "static"));
  server = http.createServer((request, response) => {
    if (!assets(request, response)) response.writeHead(418).end("next");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  port = (server.address() as AddressInfo).port; // of TCP
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(root, { recursive: true, force: true });
});

/** As it goes over the wire: nothing is decoded, no path is tidied up. */
function ask(target: string, { method = "GET", accept = "gzip, deflate, br" } = {}) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    http
      .request({ port, path: target, method, headers: { "Accept-Encoding": accept } }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
        );
      })
      .on("error", reject)
      .end();
  });
}

it.each([
  ["/_next/static/chunks/page.js", "application/javascript; charset=UTF-8", SCRIPT],
  ["/_next/static/chunks/page.js?v=1", "application/javascript; charset=UTF-8", SCRIPT],
  ["/_next/static/chunks/%5Bid%5D%20page.js", "application/javascript; charset=UTF-8", SCRIPT],
  ["/_next/static/css/page.css", "text/css; charset=UTF-8", STYLE],
])("sends %s compressed, to be kept for ever", async (target, type, text) => {
  const { status, headers, body } = await ask(target);
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    "content-type": type,
    "content-encoding": "br",
    "content-length": String(body.length),
    "cache-control": "public, max-age=31536000, immutable",
    vary: "Accept-Encoding",
  });
  expect(body.length).toBeLessThan(text.length / 10);
  expect(brotliDecompressSync(body).toString()).toBe(text);
});

it("answers HEAD with the same headers and no body", async () => {
  const { date: _, ...got } = (await ask("/_next/static/chunks/page.js")).headers;
  const { status, headers, body } = await ask("/_next/static/chunks/page.js", { method: "HEAD" });
  expect(status).toBe(200);
  expect(headers).toMatchObject(got);
  expect(body).toHaveLength(0);
});

it.each([
  ["a browser that does not take brotli", "/_next/static/chunks/page.js", { accept: "gzip, deflate" }],
  ["a browser that refuses brotli", "/_next/static/chunks/page.js", { accept: "gzip, br;q=0" }],
  ["a file too small to be compressed", "/_next/static/chunks/small.js", {}],
  ["a file of another kind", "/_next/static/media/font.woff2", {}],
  ["a file that does not exist", "/_next/static/chunks/none.js", {}],
  ["the compressed file by its own name", "/_next/static/chunks/page.js.br", {}],
  ["a path out of the folder", "/_next/static/../secrets.json", {}],
  ["an encoded path out of the folder", "/_next/static/%2e%2e/secrets.json", {}],
  ["an encoded slash", "/_next/static/..%2fsecrets.json", {}],
  ["another method", "/_next/static/chunks/page.js", { method: "POST" }],
  ["a page", "/chat", {}],
])("leaves %s to Next", async (_, target, options) => {
  const { status, headers } = await ask(target, options);
  expect(status).toBe(418);
  expect(headers["content-encoding"]).toBeUndefined();
});

it("serves nothing where there is no build", async () => {
  const assets = await loadStaticAssets(path.join(root, "none"));
  const request = { method: "GET", url: "/_next/static/chunks/page.js", headers: { "accept-encoding": "br" } };
  // only these are read, and the answer stays untouched
  expect(assets(request as http.IncomingMessage, {} as http.ServerResponse)).toBe(false);
});
