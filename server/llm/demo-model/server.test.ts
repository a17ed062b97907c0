import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startDemoModel, type DemoModel } from "./server.ts";
import { PLANT } from "./test-tools.ts";

let model: DemoModel;
beforeAll(async () => {
  model = await startDemoModel({ host: "127.0.0.1", port: 0, tokenDelayMs: 0 });
});
afterAll(() => model.stop());

const hello = { model: "osf-demo", messages: [{ role: "user", content: "hello" }] };
const tools = PLANT.map(({ tool }) => tool);
const call = (id: string) => ({ id, type: "function", function: { name: "shop__list_oee", arguments: "{}" } });

const post = (body: unknown, headers: Record<string, string> = {}, base = model.url) =>
  fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

interface Chunk {
  object: string;
  choices: {
    delta: {
      role?: string;
      content?: string | null;
      tool_calls?: { index: number; id?: string; function: { name?: string; arguments: string } }[];
    };
    finish_reason: string | null;
  }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
}

async function stream(body: object): Promise<Chunk[]> {
  const text = await (await post({ ...hello, ...body, stream: true })).text();
  const events = text.split("\n\n").filter(Boolean);
  expect(events.at(-1)).toBe("data: [DONE]");
  return events.slice(0, -1).map((event) => JSON.parse(event.replace(/^data: /, "")) as Chunk); // checked by what the tests read
}

describe("the protocol", () => {
  it("answers a question whole, with counted usage", async () => {
    const body = (await (await post(hello)).json()) as {
      choices: object[];
      usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
    };
    expect(body).toMatchObject({
      object: "chat.completion",
      model: "osf-demo",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", refusal: null } }],
    });
    expect(body.usage.prompt_tokens).toBe(6);
    expect(body.usage.total_tokens).toBe(6 + body.usage.completion_tokens);
  });

  it("streams the same text in pieces: role first, finish reason last, usage only when asked for", async () => {
    const whole = (await (await post(hello)).json()) as { choices: { message: { content: string } }[]; usage: object };
    const chunks = await stream({ stream_options: { include_usage: true } });
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(chunks.length).toBeGreaterThan(20);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(
      whole.choices[0]?.message.content,
    );
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect((await stream({})).every((chunk) => !("usage" in chunk))).toBe(true);
  });

  it("streams a tool call: id and name first, then its arguments in pieces", async () => {
    const chunks = await stream({ messages: [{ role: "user", content: "Show the OEE of machine M-03 today" }], tools });
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(deltas[0]).toMatchObject({
      index: 0,
      id: expect.stringMatching(/^call_/),
      function: { name: "shop__list_oee", arguments: "" },
    });
    expect(deltas.slice(1).every((delta) => delta.id === undefined && delta.function.name === undefined)).toBe(true);
    expect(deltas.length).toBeGreaterThan(3);
    expect(JSON.parse(deltas.map((delta) => delta.function.arguments).join(""))).toMatchObject({ machine_id: "M-03" });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  it("heeds the token limit, stop sequences and the demand for JSON", async () => {
    const short = (await (await post({ ...hello, max_completion_tokens: 5 })).json()) as {
      choices: { finish_reason: string }[];
      usage: object;
    };
    expect(short).toMatchObject({ choices: [{ finish_reason: "length" }], usage: { completion_tokens: 5 } });
    const stopped = (await (await post({ ...hello, stop: ["demo", "program"] })).json()) as object;
    expect(stopped).toMatchObject({ choices: [{ finish_reason: "stop", message: { content: "Hello! I am the " } }] });
    const json = (await (
      await post({
        ...hello,
        messages: [{ role: "user", content: 'As JSON: [{"name":"a","value":4}]' }],
        response_format: { type: "json_object" },
      })
    ).json()) as { choices: { message: { content: string } }[] };
    expect(JSON.parse(json.choices[0]?.message.content ?? "")).toMatchObject({
      data: [{ rows: [{ name: "a", value: 4 }] }],
    });
  });

  it("calls the tool that it is made to call, and some tool where one is required", async () => {
    const forced = { ...hello, tools, tool_choice: { type: "function", function: { name: "erp__list_late_orders" } } };
    expect(await (await post(forced)).json()).toMatchObject({
      choices: [
        {
          finish_reason: "tool_calls",
          message: { content: null, tool_calls: [{ function: { name: "erp__list_late_orders", arguments: "{}" } }] },
        },
      ],
    });
    const required = (await (await post({ ...hello, tools, tool_choice: "required" })).json()) as {
      choices: { message: { tool_calls: object[] } }[];
    };
    expect(required.choices[0]?.message.tool_calls).toHaveLength(1);
  });

  it("lists its one model and tells its health", async () => {
    expect(await (await fetch(`${model.url}/v1/models`)).json()).toMatchObject({
      object: "list",
      data: [{ id: "osf-demo", object: "model" }],
    });
    expect(await (await fetch(`${model.url}/v1/models/osf-demo`)).json()).toMatchObject({ id: "osf-demo" });
    expect((await fetch(`${model.url}/v1/models/gpt-9`)).status).toBe(404);
    expect(await (await fetch(`${model.url}/health`)).json()).toEqual({ status: "ok", model: "osf-demo", active: 0 });
  });
});

describe("what it refuses", () => {
  const user = { role: "user", content: "hi" };
  const tool = (name: string, parameters: object = { type: "object", properties: {} }) => ({
    type: "function",
    function: { name, parameters },
  });
  it.each<[string, unknown, number, string | null, string | null]>([
    ["another model", { ...hello, model: "gpt-4" }, 404, "model", "model_not_found"],
    ["no model", { messages: [user] }, 400, "model", "missing_required_parameter"],
    ["no messages", { model: "osf-demo" }, 400, "messages", "missing_required_parameter"],
    ["an empty conversation", { ...hello, messages: [] }, 400, "messages", "empty_array"],
    [
      "an unknown role",
      { ...hello, messages: [{ role: "robot", content: "x" }] },
      400,
      "messages[0].role",
      "invalid_value",
    ],
    [
      "content that is no text",
      { ...hello, messages: [{ role: "user", content: 7 }] },
      400,
      "messages[0].content",
      "invalid_type",
    ],
    ["an unknown member", { ...hello, frobnicate: 1 }, 400, "frobnicate", "unknown_parameter"],
    [
      "an unknown member of a message",
      { ...hello, messages: [{ ...user, mood: "good" }] },
      400,
      "messages[0].mood",
      "unknown_parameter",
    ],
    [
      "a picture",
      { ...hello, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] },
      400,
      "messages.[0].content",
      null,
    ],
    [
      "a dot in a tool's name",
      { ...hello, tools: [tool("shop.list")] },
      400,
      "tools[0].function.name",
      "invalid_value",
    ],
    [
      "a tool's name of 65 characters",
      { ...hello, tools: [tool("x".repeat(65))] },
      400,
      "tools[0].function.name",
      "string_above_max_length",
    ],
    [
      "two tools of one name",
      { ...hello, tools: [tool("a"), tool("a")] },
      400,
      "tools[1].function.name",
      "invalid_value",
    ],
    [
      "129 tools",
      { ...hello, tools: Array.from({ length: 129 }, (_, i) => tool(`t${i}`)) },
      400,
      "tools",
      "array_above_max_length",
    ],
    [
      "parameters that are no object",
      { ...hello, tools: [tool("a", { type: "string" })] },
      400,
      "tools[0].function.parameters",
      "invalid_function_parameters",
    ],
    [
      "a choice of a tool that is not there",
      { ...hello, tools: [tool("a")], tool_choice: { type: "function", function: { name: "b" } } },
      400,
      "tool_choice",
      null,
    ],
    ["a choice without tools", { ...hello, tool_choice: "auto" }, 400, "tool_choice", null],
    ["parallel calls without tools", { ...hello, parallel_tool_calls: true }, 400, "parallel_tool_calls", null],
    [
      "stream options without a stream",
      { ...hello, stream_options: { include_usage: true } },
      400,
      "stream_options",
      null,
    ],
    ["a temperature of 3", { ...hello, temperature: 3 }, 400, "temperature", "integer_above_max_value"],
    ["no tokens at all", { ...hello, max_tokens: 0 }, 400, "max_tokens", "integer_below_min_value"],
    ["two limits at once", { ...hello, max_tokens: 5, max_completion_tokens: 5 }, 400, "max_tokens", null],
    ["two answers", { ...hello, n: 2 }, 400, "n", "unsupported_value"],
    [
      "a JSON schema for the answer",
      { ...hello, response_format: { type: "json_schema", json_schema: {} } },
      400,
      "response_format",
      null,
    ],
    ["JSON that no message speaks of", { ...hello, response_format: { type: "json_object" } }, 400, "messages", null],
    [
      "an answer of a tool that nobody called",
      { ...hello, messages: [user, { role: "tool", tool_call_id: "c", content: "x" }] },
      400,
      "messages.[1].role",
      null,
    ],
    [
      "a call without an answer",
      {
        ...hello,
        messages: [
          user,
          { role: "assistant", content: null, tool_calls: [call("a"), call("b")] },
          { role: "tool", tool_call_id: "a", content: "x" },
        ],
      },
      400,
      "messages.[3].role",
      null,
    ],
    [
      "an answer to another call",
      {
        ...hello,
        messages: [
          user,
          { role: "assistant", tool_calls: [call("a")] },
          { role: "tool", tool_call_id: "z", content: "x" },
        ],
      },
      400,
      "messages.[2].tool_call_id",
      null,
    ],
    [
      "an assistant that says nothing",
      { ...hello, messages: [user, { role: "assistant" }, user] },
      400,
      "messages.[1].content",
      null,
    ],
    ["a body that is no JSON", "{", 400, null, null],
    ["a body that is a list", [], 400, null, null],
  ])("%s", async (_, body, status, param, code) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: "invalid_request_error", param, code },
    });
  });

  it("a body of more than 4 MB, and goes on serving", async () => {
    const response = await post({ ...hello, messages: [{ role: "user", content: "x".repeat(4 * 1024 * 1024) }] });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
    expect((await post(hello)).status).toBe(200);
  });

  it("another path, another method, another content type", async () => {
    expect((await fetch(`${model.url}/v1/embeddings`)).status).toBe(404);
    expect((await fetch(`${model.url}/v1/chat/completions`)).status).toBe(405);
    expect((await post(hello, { "content-type": "text/plain" })).status).toBe(400);
  });

  it("a foreign host name on loopback", async () => {
    const status = await new Promise((done, fail) => {
      httpRequest(`${model.url}/v1/models`, { headers: { host: "evil.example:80" } }, (response) =>
        done(response.resume().statusCode),
      )
        .on("error", fail)
        .end();
    });
    expect(status).toBe(403);
  });

  it("callers without the key, where one is set", async () => {
    const guarded = await startDemoModel({ host: "127.0.0.1", port: 0, tokenDelayMs: 0, apiKey: "sk-right" });
    try {
      expect((await post(hello, {}, guarded.url)).status).toBe(401);
      const wrong = await post(hello, { authorization: "Bearer sk-wrong" }, guarded.url);
      expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: { code: "invalid_api_key" } }]);
      expect((await post(hello, { authorization: "Bearer sk-right" }, guarded.url)).status).toBe(200);
      expect((await fetch(`${guarded.url}/health`)).status).toBe(200);
    } finally {
      await guarded.stop();
    }
  });
});

describe("its life", () => {
  it("takes a free port when its own is busy", async () => {
    const second = await startDemoModel({ host: "127.0.0.1", port: model.port, tokenDelayMs: 0 });
    expect(second.port).not.toBe(model.port);
    expect((await post(hello, {}, second.url)).status).toBe(200);
    await second.stop();
    await expect(fetch(`${second.url}/health`)).rejects.toThrow("fetch failed");
  });

  it("ends the work of a stream at once when the caller leaves, or when it stops", async () => {
    const slow = await startDemoModel({ host: "127.0.0.1", port: 0, tokenDelayMs: 60_000 });
    const open = async (signal: AbortSignal) => {
      const response = await fetch(`${slow.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...hello, stream: true }),
        signal,
      });
      const reader = response.body?.getReader();
      expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"role":"assistant"');
      return reader;
    };
    const active = async () => ((await (await fetch(`${slow.url}/health`)).json()) as { active: number }).active;
    const leave = new AbortController();
    await open(leave.signal);
    expect(await active()).toBe(1);
    leave.abort();
    await vi.waitFor(async () => expect(await active()).toBe(0));

    const reader = await open(new AbortController().signal);
    await slow.stop();
    await expect(
      (async () => {
        while (!(await reader?.read())?.done);
      })(),
    ).rejects.toThrow("terminated");
  });
});
