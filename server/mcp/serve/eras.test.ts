import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEverything, type Fixture } from "#tests/conformance/server/everything.ts";
import { startCountingUpstream, type TestUpstream } from "#tests/support/mcp-upstream.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import { startTestEndpoint, type TestEndpoint } from "./test-endpoint.ts";

let fixtures: Record<"modern" | "legacy", Fixture>;
let counting: Record<"modern" | "legacy", TestUpstream>;
let endpoint: TestEndpoint;
beforeAll(async () => {
  fixtures = { modern: await startEverything("modern"), legacy: await startEverything("legacy") };
  counting = { modern: await startCountingUpstream(), legacy: await startCountingUpstream({ era: "legacy" }) };
  endpoint = await startTestEndpoint([
    definition("modern", fixtures.modern.url),
    definition("legacy", fixtures.legacy.url),
    definition("modern-count", counting.modern.url),
    definition("legacy-count", counting.legacy.url),
  ]);
});
afterAll(async () => {
  await endpoint.stop();
  await Promise.all([...Object.values(fixtures), ...Object.values(counting)].map((one) => one.stop()));
});

/** What a client is asked, in order. */
interface Asked {
  method: string;
  params: Record<string, unknown> | undefined;
}
interface AnyClient {
  call(
    name: string,
    args?: Record<string, unknown>,
    how?: { signal?: AbortSignal; onprogress?: (progress: { progress: number }) => void },
  ): Promise<{ content: unknown; isError?: boolean }>;
  names(): Promise<string[]>;
  read(uri: string): Promise<unknown>;
  prompt(name: string): Promise<unknown>;
  complete(ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string }): Promise<string[]>;
  asked: Asked[];
  close(): Promise<void>;
}

const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const ANSWERS: Record<string, Record<string, unknown>> = {
  "elicitation/create": { action: "accept", content: { name: "Olga", ok: true, color: "blue", response: "yes" } },
  "sampling/createMessage": {
    role: "assistant",
    content: { type: "text", text: "Paris" },
    model: "m",
    stopReason: "endTurn",
  },
  "roots/list": { roots: [{ uri: "file:///plant", name: "Plant" }] },
};
const open: AnyClient[] = [];
const requestInit = { headers: { authorization: "Bearer olga" } };

const CLIENTS = {
  async modern(path: string): Promise<AnyClient> {
    const asked: Asked[] = [];
    const client = new Client(
      { name: "new", version: "1" },
      { capabilities: CAPABILITIES, versionNegotiation: { mode: "auto" } },
    );
    for (const method of ["elicitation/create", "sampling/createMessage", "roots/list"] as const)
      client.setRequestHandler(method, async (request: { params?: unknown }) => {
        asked.push({ method, params: request.params as Record<string, unknown> });
        return ANSWERS[method] as never; // each is the result of its method
      });
    await client.connect(new StreamableHTTPClientTransport(new URL(endpoint.url + path), { requestInit }));
    expect(client.getNegotiatedProtocolVersion()).toBe("2026-07-28");
    return keep({
      asked,
      call: (name, args = {}, how = {}) =>
        client.callTool({ name, arguments: args }, how) as ReturnType<AnyClient["call"]>,
      names: async () => (await client.listTools()).tools.map(({ name }) => name),
      read: async (uri) => (await client.readResource({ uri })).contents,
      prompt: async (name) => (await client.getPrompt({ name })).messages,
      complete: async (ref) =>
        (await client.complete({ ref, argument: { name: "arg1", value: "par" } })).completion.values,
      close: () => client.close(),
    });
  },
  async legacy(path: string): Promise<AnyClient> {
    const asked: Asked[] = [];
    const client = new OldClient({ name: "old", version: "1" }, { capabilities: CAPABILITIES });
    const answer = (method: string) => async (request: { params?: unknown }) => {
      asked.push({ method, params: request.params as Record<string, unknown> });
      return ANSWERS[method] as never; // each is the result of its method
    };
    client.setRequestHandler(ElicitRequestSchema, answer("elicitation/create"));
    client.setRequestHandler(CreateMessageRequestSchema, answer("sampling/createMessage"));
    client.setRequestHandler(ListRootsRequestSchema, answer("roots/list"));
    const transport = new OldTransport(new URL(endpoint.url + path), { requestInit });
    await client.connect(transport as Parameters<OldClient["connect"]>[0]); // its own class misses exactOptionalPropertyTypes
    return keep({
      asked,
      call: (name, args = {}, how = {}) =>
        client.callTool({ name, arguments: args }, undefined, how) as ReturnType<AnyClient["call"]>,
      names: async () => (await client.listTools()).tools.map(({ name }) => name),
      read: async (uri) => (await client.readResource({ uri })).contents,
      prompt: async (name) => (await client.getPrompt({ name })).messages,
      complete: async (ref) =>
        (await client.complete({ ref, argument: { name: "arg1", value: "par" } })).completion.values,
      close: () => client.close(),
    });
  },
};
const keep = (client: AnyClient) => (open.push(client), client);
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

const CELLS = (["modern", "legacy"] as const).flatMap((client) =>
  (["modern", "legacy"] as const).map((upstream) => ({ client, upstream })),
);

describe.each(CELLS)("a $client client of a $upstream server", ({ client: era, upstream }) => {
  const connect = () => CLIENTS[era]("/mcp");
  const text = (words: unknown) => ({ content: [{ type: "text", text: words }] });

  it("lists and calls, prefixed and not", async () => {
    const whole = await connect();
    expect(await whole.names()).toContain(`${upstream}.test_simple_text`);
    expect(await whole.call(`${upstream}.test_simple_text`)).toMatchObject(
      text(expect.stringContaining("simple text")),
    );
    const one = await CLIENTS[era](`/mcp/servers/${upstream}`);
    expect(await one.names()).toContain("test_simple_text");
    expect(await one.call("test_simple_text")).toMatchObject(text(expect.stringContaining("simple text")));
    expect(await one.call("test_error_handling")).toMatchObject({ isError: true });
  });

  it("reads resources, listed and by template, and prompts", async () => {
    const whole = await connect();
    const uri = `osf:${upstream}:test://static-text`;
    expect(await whole.read(uri)).toMatchObject([{ uri, text: expect.stringContaining("static text") }]);
    expect(await whole.read("test://template/7/data")).toMatchObject([{ text: expect.stringContaining("ID: 7") }]);
    expect(await whole.prompt(`${upstream}.test_simple_prompt`)).toHaveLength(1);
    const one = await CLIENTS[era](`/mcp/servers/${upstream}`);
    expect(await one.read("test://static-text")).toMatchObject([{ uri: "test://static-text" }]);
    expect(await one.prompt("test_simple_prompt")).toHaveLength(1);
    await expect(one.read("test://nothing")).rejects.toMatchObject({ code: -32602 });
    await expect(whole.read("none://nothing")).rejects.toMatchObject({ code: -32602 });
  });

  it("completes arguments of prompts and templates", async () => {
    const whole = await connect();
    const prompt = { type: "ref/prompt", name: `${upstream}.test_prompt_with_arguments` } as const;
    expect(await whole.complete(prompt)).toContain("paris");
    const template = { type: "ref/resource", uri: `osf:${upstream}:test://template/{id}/data` } as const;
    expect(await whole.complete(template)).toContain("park");
    const one = await CLIENTS[era](`/mcp/servers/${upstream}`);
    expect(await one.complete({ ...prompt, name: "test_prompt_with_arguments" })).toContain("party");
    await expect(whole.complete({ ...prompt, name: "none.none" })).rejects.toMatchObject({ code: -32602 });
  });

  it("is asked by a form in the middle of a call", async () => {
    const client = await connect();
    expect(await client.call(`${upstream}.test_elicitation`, { message: "Sure?" })).toMatchObject(
      text(expect.stringContaining("action=accept")),
    );
    expect(client.asked).toMatchObject([{ method: "elicitation/create", params: { message: "Sure?" } }]);
  });

  it("is sent to a page", async () => {
    const client = await connect();
    expect(await client.call(`${upstream}.test_elicitation_url`)).toMatchObject(text("action=accept"));
    expect(client.asked).toMatchObject([{ params: { mode: "url", url: "https://plant.example.com/sign-in" } }]);
  });

  it("is asked for its model and its roots", async () => {
    const client = await connect();
    expect(await client.call(`${upstream}.test_sampling`, { prompt: "Capital?" })).toMatchObject(
      text("LLM response: Paris"),
    );
    expect(await client.call(`${upstream}.test_input_required_result_list_roots`)).toMatchObject(
      text(expect.stringContaining("file:///plant")),
    );
    expect(client.asked.map(({ method }) => method)).toEqual(["sampling/createMessage", "roots/list"]);
  });

  it("is asked several things at once, again and again, and by a prompt", async () => {
    const client = await connect();
    expect(await client.call(`${upstream}.test_input_required_result_multiple_inputs`)).toMatchObject(
      text("all three answered"),
    );
    expect(await client.call(`${upstream}.test_input_required_result_multi_round`)).toMatchObject(
      text("both steps answered"),
    );
    expect(client.asked).toHaveLength(5);
    expect(await client.prompt(`${upstream}.test_input_required_result_prompt`)).toHaveLength(1);
  });

  it("is told of progress", async () => {
    const client = await connect();
    const seen: number[] = [];
    await client.call(`${upstream}.test_tool_with_progress`, {}, { onprogress: ({ progress }) => seen.push(progress) });
    expect(seen).toEqual([0, 50, 100]);
  });

  it("cancels what runs there", async () => {
    const client = await connect();
    const stop = new AbortController();
    const before = counting[upstream].calls().length;
    const gone = counting[upstream].cancelled().length;
    const call = client.call(`${upstream}-count.slow`, { ms: 60_000 }, { signal: stop.signal });
    call.catch(() => undefined);
    await expect.poll(() => counting[upstream].calls().length).toBe(before + 1);
    stop.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await expect.poll(() => counting[upstream].cancelled().length).toBe(gone + 1);
  });
});
