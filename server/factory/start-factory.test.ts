import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import type { FromPart } from "#server/kernel/part.ts";
import { IDEMPOTENCY_KEY } from "./serve/call.ts";
import { SERVERS } from "./servers.ts";
import { startFactory, type Factory } from "./start-factory.ts";

const FREE = { erp: 0, wms: 0, qms: 0, fertigung: 0, tms: 0 };
const MODERN = ["erp", "fertigung", "tms"];
const LEGACY = ["wms", "qms"];

const clock = { now: new Date("2026-03-12T09:17:00Z") };
let factory: Factory;

beforeAll(async () => {
  factory = await startFactory({ ports: FREE, seed: 21, now: () => clock.now, timeZone: "UTC" });
});
afterAll(() => factory.stop());

const urlOf = (name: string) => {
  const found = factory.servers.find((server) => server.name === name);
  if (!found) throw new Error(`No server ${name}`);
  return new URL(found.url);
};

interface Peer {
  listTools(): Promise<{
    tools: { name: string; annotations?: object | undefined; outputSchema?: object | undefined }[];
  }>;
  callTool(params: {
    name: string;
    arguments?: Record<string, unknown>;
    _meta?: Record<string, unknown>;
  }): Promise<unknown>;
}

const Answer = z.object({
  isError: z.boolean().optional(),
  content: z.array(z.object({ type: z.literal("text"), text: z.string() })),
  structuredContent: z
    .object({
      summary: z.string(),
      as_of: z.string(),
      period: z.string().optional(),
      total: z.int(),
      rows: z.array(z.record(z.string(), z.unknown())),
    })
    .optional(),
});

const call = async (peer: Peer, name: string, args: Record<string, unknown> = {}, meta?: Record<string, unknown>) =>
  Answer.parse(await peer.callTool({ name, arguments: args, ...(meta ? { _meta: meta } : {}) }));

async function modernClient(name: string, mode: "auto" | "legacy" | { pin: string } = { pin: "2026-07-28" }) {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(urlOf(name)));
  onTestFinished(() => client.close());
  return client;
}

async function legacyClient(name: string) {
  const client = new ClientV1({ name: "test", version: "1" });
  const transport = new TransportV1(urlOf(name));
  // SDK 1 declares `sessionId` as `| undefined` in the class only (exactOptionalPropertyTypes).
  await client.connect(transport as Transport);
  onTestFinished(() => client.close());
  return { client, transport };
}

async function expectAllTools(peer: Peer, name: string) {
  const { tools } = await peer.listTools();
  expect(tools.map((tool) => tool.name)).toEqual(
    SERVERS.find((it) => it.name === name)?.tools.map((tool) => tool.name),
  );
  for (const tool of tools) {
    expect(tool.outputSchema).toBeDefined();
    expect(tool.annotations).toMatchObject({
      readOnlyHint: expect.any(Boolean),
      destructiveHint: expect.any(Boolean),
      idempotentHint: expect.any(Boolean),
      openWorldHint: false,
    });
  }
}

describe("the factory's servers", () => {
  it.each(MODERN)("%s speaks revision 2026-07-28", async (name) => {
    const client = await modernClient(name);
    expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    await expectAllTools(client, name);
  });

  it.each(LEGACY)("%s speaks to the 1.x client", async (name) => {
    const { client, transport } = await legacyClient(name);
    await expectAllTools(client, name);
    expect(transport.sessionId !== undefined).toBe(name === "wms");
  });

  it("understands each other crosswise: the 1.x client a modern server, the 2.x client the older ones", async () => {
    await expectAllTools((await legacyClient("fertigung")).client, "fertigung");
    for (const name of LEGACY) {
      const client = await modernClient(name, "auto");
      expect(client.getNegotiatedProtocolVersion()).toBe("2025-11-25");
      await expectAllTools(client, name);
    }
    await expectAllTools(await modernClient("tms", "legacy"), "tms");
  });

  it("shows one plant: a late order's cause is found in the other systems over the wire", async () => {
    const late = await call(await modernClient("erp"), "list_orders_at_risk");
    expect(late.structuredContent?.rows.length).toBeGreaterThan(0);
    const [row] = late.structuredContent?.rows ?? [];
    const batch = await call((await legacyClient("qms")).client, "list_batches", { order_id: row?.order_id });
    expect(batch.structuredContent?.rows[0]).toMatchObject({ batch_id: row?.batch_id });
    const jobs = await call(await modernClient("fertigung"), "list_jobs", {
      order_id: row?.order_id,
      include_done: true,
    });
    expect(jobs.structuredContent?.rows.length).toBeGreaterThan(0);
  });

  it("gives the structured rows as text too", async () => {
    const { content, structuredContent } = await call(await modernClient("fertigung"), "list_oee", { below: 85 });
    expect(JSON.parse(content[0]?.text ?? "")).toEqual(structuredContent);
    expect(structuredContent?.rows[0]).toMatchObject({ machine_id: expect.stringMatching(/^M-/), target_percent: 85 });
  });

  it("goes with the clock between two calls", async () => {
    const client = await modernClient("fertigung");
    const before = await call(client, "list_oee");
    clock.now = new Date(clock.now.getTime() + 90 * 60_000);
    const after = await call(client, "list_oee");
    expect(before.structuredContent?.as_of).toBe("2026-03-12T09:17:00Z");
    expect(after.structuredContent?.as_of).toBe("2026-03-12T10:47:00Z");
    expect(after.structuredContent?.rows).not.toEqual(before.structuredContent?.rows);
  });

  it("answers an unknown machine with an error that names the known ones", async () => {
    const answer = await call(await modernClient("fertigung"), "list_oee", { machine_id: "M-999" });
    expect(answer.isError).toBe(true);
    expect(answer.content[0]?.text).toContain("M-203 (CNC mill 3)");
    const unknown = await call((await legacyClient("wms")).client, "transfer_stock", { item_id: "RM-9" });
    expect(unknown.isError).toBe(true);
    expect(unknown.content[0]?.text).toContain("list_inventory");
  });

  it("refuses arguments that do not fit", async () => {
    const answer = await call(await modernClient("fertigung"), "list_oee", { below: "much" });
    expect(answer.isError).toBe(true);
  });

  it("keeps what was booked, for every client", async () => {
    const { client } = await legacyClient("wms");
    const moved = await call(client, "transfer_stock", { item_id: "RM-4001", quantity: 10, by: "Eva" });
    expect(moved.isError).toBeFalsy();
    const other = await modernClient("wms", "auto");
    const { structuredContent } = await call(other, "list_stock_movements", { item_id: "RM-4001", reason: "transfer" });
    expect(structuredContent?.rows[0]).toMatchObject({
      quantity: 10,
      from_location: "EXT-01",
      to_location: "RAW-D1",
      by: "Eva",
    });
  });

  it.each([
    { name: "wms", connect: async () => (await legacyClient("wms")).client },
    { name: "wms from a 2.x client", connect: () => modernClient("wms", "auto") },
  ])("runs a write once for a repeated idempotency key: $name", async ({ name, connect }) => {
    const peer: Peer = await connect();
    const external = async () => {
      const { structuredContent } = await call(peer, "list_stock_by_location", {
        item_id: "RM-4003",
        location: "EXT-01",
      });
      return Number(structuredContent?.rows[0]?.quantity);
    };
    const before = await external();
    const args = { item_id: "RM-4003", quantity: 25 };
    const first = await call(peer, "transfer_stock", args, { [IDEMPOTENCY_KEY]: `once ${name}` });
    const second = await call(peer, "transfer_stock", args, { [IDEMPOTENCY_KEY]: `once ${name}` });
    expect(second).toEqual(first);
    expect(await external()).toBe(before - 25);
    const misused = await call(
      peer,
      "transfer_stock",
      { ...args, quantity: 26 },
      { [IDEMPOTENCY_KEY]: `once ${name}` },
    );
    expect(misused.isError).toBe(true);
    expect(misused.content[0]?.text).toContain("new key");
    await call(peer, "transfer_stock", args, { [IDEMPOTENCY_KEY]: `another ${name}` });
    expect(await external()).toBe(before - 50);
  });

  it("honours idempotency keys in the modern revision too", async () => {
    const client = await modernClient("erp");
    const args = { material_id: "RM-4002", quantity: 40 };
    const first = await call(client, "create_purchase_order", args, { [IDEMPOTENCY_KEY]: "buy" });
    const second = await call(client, "create_purchase_order", args, { [IDEMPOTENCY_KEY]: "buy" });
    expect(second).toEqual(first);
    const third = await call(client, "create_purchase_order", args);
    expect(third.structuredContent?.rows[0]?.purchase_order_id).not.toBe(
      first.structuredContent?.rows[0]?.purchase_order_id,
    );
  });

  it("runs a refused write again with the same key, once its cause is gone", async () => {
    const client = await modernClient("erp");
    const [order] = (await call(client, "list_orders", { limit: 1 })).structuredContent?.rows ?? [];
    const wrong = await call(
      client,
      "reschedule_order",
      { order_id: order?.order_id, due_at: "2020-01-01" },
      { [IDEMPOTENCY_KEY]: "move" },
    );
    expect(wrong.isError).toBe(true);
    const right = await call(
      client,
      "reschedule_order",
      { order_id: order?.order_id, due_at: "2026-06-30" },
      { [IDEMPOTENCY_KEY]: "move" },
    );
    expect(right.structuredContent?.rows[0]).toMatchObject({ due_at: "2026-06-30T16:00:00Z" });
  });

  it("ends a session on DELETE and forgets it", async () => {
    const { transport } = await legacyClient("wms");
    const headers = {
      "mcp-session-id": transport.sessionId ?? "",
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    };
    await transport.terminateSession();
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    const response = await fetch(urlOf("wms"), { method: "POST", headers, body });
    expect(response.status).toBe(404);
  });
});

/** `fetch` sets Host itself; this one lets it be forged. */
async function get(url: URL, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const sent = request(url, { headers });
  sent.end();
  const [response] = await once(sent, "response");
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, body };
}

describe("each server's HTTP face", () => {
  it.each([...MODERN, ...LEGACY])("%s is healthy, and deaf to rebound names and foreign pages", async (name) => {
    const url = new URL("/health", urlOf(name));
    const health = await get(url, {});
    expect(health.status).toBe(200);
    expect(JSON.parse(health.body)).toMatchObject({ status: "ok", server: name });
    expect((await get(url, { host: `localhost:${url.port}` })).status).toBe(200);
    expect((await get(url, { host: "evil.example" })).status).toBe(403);
    expect((await get(urlOf(name), { host: "evil.example" })).status).toBe(403);
    expect((await get(url, { origin: "https://evil.example" })).status).toBe(403);
    expect((await get(new URL("/other", url), {})).status).toBe(404);
  });
});

describe("starting and stopping", () => {
  it("takes a free port for a busy one, and lets go of all on stop", async () => {
    const busy = createServer();
    await new Promise<void>((done) => void busy.listen(0, "127.0.0.1", done));
    // A listening TCP server has an AddressInfo.
    const { port } = busy.address() as AddressInfo;
    onTestFinished(() => void busy.close());
    const other = await startFactory({ ports: { ...FREE, erp: port }, seed: 1, now: () => clock.now });
    const erp = other.servers[0];
    expect(erp?.port).not.toBe(port);
    expect((await fetch(new URL("/health", erp?.url))).status).toBe(200);
    await other.stop();
    await expect(fetch(new URL("/health", erp?.url))).rejects.toThrow("fetch failed");
  });

  it("fails when the address is not this machine's", async () => {
    await expect(startFactory({ host: "192.0.2.1", ports: FREE, seed: 1 })).rejects.toThrow(/EADDRNOTAVAIL/);
  });

  it("runs as a part: takes its configuration over IPC, tells its servers, ends when asked", async () => {
    const child = fork(new URL("main.ts", import.meta.url), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.send({ type: "start", config: { ports: FREE, seed: "demo" } });
    const [message]: FromPart[] = await once(child, "message");
    const ready = z.object({
      type: z.literal("ready"),
      info: z.object({ servers: z.array(z.object({ name: z.string(), url: z.url() })) }),
    });
    const { servers } = ready.parse(message).info;
    expect(servers.map((server) => server.name)).toEqual(["erp", "wms", "qms", "fertigung", "tms"]);
    expect((await fetch(new URL("/health", servers[0]?.url))).status).toBe(200);
    child.send({ type: "stop" });
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});
