import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { CLIENT_IDS, clientGuides } from "./client-guides.ts";
import { askForTools } from "./ask-for-tools.ts";

const given = { url: "https://osf.example/mcp", server: "osf" };
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

it("has the address in each client's configuration, and a key only where one is wanted and taken", () => {
  const plain = clientGuides({ ...given, key: null });
  expect(plain.map(({ id }) => id)).toEqual([...CLIENT_IDS]);
  for (const { blocks } of plain) expect(blocks.map(({ code }) => code).join("\n")).toContain(given.url);
  const signed = clientGuides({ ...given, key: "osf_secret" });
  const withKey = signed.filter(({ blocks }) => blocks.some(({ code }) => code.includes("osf_secret")));
  // Claude takes none, VS Code asks for it itself
  expect(withKey.map(({ id }) => id)).toEqual(CLIENT_IDS.filter((id) => id !== "claude" && id !== "vscode"));
});

it("writes configuration files that are JSON", () => {
  for (const key of [null, 'a "quoted" key']) {
    const files = clientGuides({ ...given, key }).flatMap(({ blocks }) =>
      blocks.filter(({ title }) => title.endsWith(".json")),
    );
    expect(files.map(({ code }) => typeof JSON.parse(code))).toEqual(["object", "object"]);
  }
});

async function answering(status: number, type: string, body: string) {
  const seen: { authorization?: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      seen.push({ authorization: request.headers.authorization, body: text });
      response.writeHead(status, { "Content-Type": type }).end(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const stop = () => new Promise((closed) => server.close(closed));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, seen, stop }; // a listening TCP server has one
}

it("counts the tools of a JSON answer and of an event stream, asked for with the key", async () => {
  const message = JSON.stringify({ jsonrpc: "2.0", id: 1, result: { tools: [{ name: "erp.list" }, { name: "b" }] } });
  for (const [type, body] of [
    ["application/json", message],
    ["text/event-stream", `event: message\ndata: ${message}\n\n`],
  ] as const) {
    const { url, seen, stop } = await answering(200, type, body);
    ends.push(stop);
    expect(await askForTools(url, "k")).toEqual({ kind: "works", tools: ["erp.list", "b"] });
    expect(seen[0]?.authorization).toBe("Bearer k");
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ method: "tools/list" });
  }
});

it("says why it was refused, and that nobody answered", async () => {
  const { url, stop } = await answering(401, "application/problem+json", JSON.stringify({ detail: "Unknown key" }));
  expect(await askForTools(url, "k")).toEqual({ kind: "refused", status: 401, message: "Unknown key" });
  await stop();
  expect(await askForTools(url, "k")).toEqual({ kind: "unreachable" });
});
