import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, isStepCount, jsonSchema, streamText, tool, type ToolSet } from "ai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDemoModel, type DemoModel } from "./server.ts";
import { PLANT } from "./test-tools.ts";

let model: DemoModel;
beforeAll(async () => {
  model = await startDemoModel({ host: "127.0.0.1", port: 0, tokenDelayMs: 0, apiKey: "sk-test" });
});
afterAll(() => model.stop());

const QUESTION = "Which machines are below 85 % OEE?";
const ANSWER = "4 of 12 machines are below 85 % OEE: Press 1 (61.2 %)";
const wire = PLANT.map((one) => one.tool);
const run = (name: string, args: string) =>
  JSON.stringify(
    PLANT.find((one) => one.tool.function.name === name)?.run(JSON.parse(args) as Record<string, unknown>),
  ); // arguments are an object

describe("the openai client", () => {
  const client = () => new OpenAI({ baseURL: `${model.url}/v1`, apiKey: "sk-test", maxRetries: 0 });

  it("goes through a tool call and back", async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: QUESTION }];
    const first = await client().chat.completions.create({
      model: "osf-demo",
      messages,
      tools: wire as OpenAI.ChatCompletionTool[],
    }); // the same wire shape, typed by the other side
    const message = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    const calls = (message?.tool_calls ?? []).filter((call) => call.type === "function");
    expect(calls.map((call) => call.function.name)).toEqual(["shop__list_oee"]);
    if (message) messages.push(message);
    for (const call of calls)
      messages.push({ role: "tool", tool_call_id: call.id, content: run(call.function.name, call.function.arguments) });
    const second = await client().chat.completions.create({
      model: "osf-demo",
      messages,
      tools: wire as OpenAI.ChatCompletionTool[],
    });
    expect(second.choices[0]?.message.content).toContain(ANSWER);
    expect(second.usage?.prompt_tokens).toBeGreaterThan(first.usage?.prompt_tokens ?? Infinity);
  });

  it("accumulates a stream with its helper", async () => {
    const stream = client().chat.completions.stream({
      model: "osf-demo",
      messages: [{ role: "user", content: "Book 50 pieces of MAT-100" }],
      tools: wire as OpenAI.ChatCompletionTool[],
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      function: { name: "wms__book_goods_issue", arguments: '{"material_id":"MAT-100","quantity":50}' },
    });
    expect(final.usage?.total_tokens).toBeGreaterThan(0);
  });

  it("throws its own kinds of error", async () => {
    await expect(client().chat.completions.create({ model: "gpt-4", messages: [] })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    );
    await expect(
      client().chat.completions.create({ model: "gpt-4", messages: [{ role: "user", content: "x" }] }),
    ).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    const stranger = new OpenAI({ baseURL: `${model.url}/v1`, apiKey: "sk-other", maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe("the AI SDK", () => {
  const provider = () =>
    createOpenAICompatible({ name: "demo", baseURL: `${model.url}/v1`, apiKey: "sk-test", includeUsage: true });
  const toolSet: ToolSet = Object.fromEntries(
    PLANT.map((one) => [
      one.tool.function.name,
      tool({
        description: one.tool.function.description ?? "",
        inputSchema: jsonSchema<Record<string, unknown>>(one.tool.function.parameters ?? { type: "object" }),
        execute: (args: Record<string, unknown>) => Promise.resolve(one.run(args)),
      }),
    ]),
  );

  it("loops over tools without streaming", async () => {
    const result = await generateText({
      model: provider()("osf-demo"),
      prompt: QUESTION,
      tools: toolSet,
      stopWhen: isStepCount(4),
      maxRetries: 0,
    });
    expect(result.steps.map((step) => step.finishReason)).toEqual(["tool-calls", "stop"]);
    expect(result.text).toContain(ANSWER);
  });

  it("loops over tools while streaming, with usage", async () => {
    const result = streamText({
      model: provider()("osf-demo"),
      prompt: "Which orders are late and why?",
      tools: toolSet,
      stopWhen: isStepCount(6),
      maxRetries: 0,
    });
    let pieces = 0;
    for await (const _ of result.textStream) pieces++;
    expect(pieces).toBeGreaterThan(10);
    expect((await result.steps).map((step) => step.toolCalls.length)).toEqual([1, 2, 0]);
    expect(await result.text).toContain("Spindle of PO-1001 broke");
    expect((await result.totalUsage).totalTokens).toBeGreaterThan(0);
  });
});
