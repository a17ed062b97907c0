import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { refusal, scriptedOsf } from "../test/scripted-osf.ts";

it("sends context as the system message and the payload as the prompt, and keeps the rest of the message", async () => {
  const osf = scriptedOsf({ llm: () => ({ text: "84 %" }) });
  const { give } = await host(osf, { type: "osf-llm" });
  const { out, statuses } = await give({ payload: "How is the OEE?", context: { machine: "M-03" }, order: 7 });
  expect(osf.calls).toEqual([
    {
      op: "llm",
      node: "t-node",
      request: { system: '{"machine":"M-03"}', prompt: "How is the OEE?", tier: "free", temperature: 0.3 },
    },
  ]);
  expect(out[0]).toMatchObject([
    {
      payload: "84 %",
      previous: "How is the OEE?",
      order: 7,
      context: { machine: "M-03" },
      llm: { model: "scripted", usage: { inputTokens: 10, outputTokens: 5 } },
    },
  ]);
  expect(statuses.map(({ text }) => text)).toEqual(["asking the model", undefined]);
});

it("gives the parsed value where JSON is asked for", async () => {
  const osf = scriptedOsf({ llm: () => ({ text: '{"a":1}', value: { a: 1 } }) });
  const { give } = await host(osf, {
    type: "osf-llm",
    json: true,
    temperature: "0",
    maxTokens: "200",
    model: "big",
    tier: "premium",
  });
  const { out } = await give({ payload: "x" });
  expect(osf.calls[0]?.request).toEqual({
    prompt: "x",
    tier: "premium",
    temperature: 0,
    json: true,
    maxTokens: 200,
    model: "big",
  });
  expect(out[0]?.[0]?.payload).toEqual({ a: 1 });
});

it("keeps a context that comes as a message of its own for the prompts after it", async () => {
  const osf = scriptedOsf({ llm: ({ prompt }) => ({ text: prompt.toUpperCase() }) });
  const { give } = await host(osf, { type: "osf-llm", contextFrom: "topic" });
  await give({ topic: "context", payload: { shift: "early" } });
  await give({ payload: "a" });
  const { out, completed } = await give({ payload: "b" });
  expect(osf.calls.map(({ request }) => request)).toMatchObject([
    { system: '{"shift":"early"}', prompt: "a" },
    { system: '{"shift":"early"}', prompt: "b" },
  ]);
  expect(out[0]?.map(({ payload }) => payload)).toEqual(["A", "B"]);
  expect(completed).toHaveLength(3);
});

it("hands on the host's refusal with its code and the message as it came", async () => {
  const osf = scriptedOsf({
    llm: () => {
      throw refusal("llm.busy", "Ten requests wait for the model already.");
    },
  });
  const { give } = await host(osf, { type: "osf-llm" });
  const { out, errors, completed } = await give({ payload: "x", order: 7 });
  expect(errors).toMatchObject([
    { payload: "x", order: 7, error: { code: "llm.busy", message: "Error: Ten requests wait for the model already." } },
  ]);
  expect(errors[0]).not.toHaveProperty("previous");
  expect([out[0], completed]).toEqual([[], []]);
});

it.each([
  ["an empty prompt", {}, { payload: "  " }, "prompt.empty"],
  ["a temperature out of bounds", { temperature: "3" }, { payload: "x" }, "node.config"],
  ["a wrong expression", { prompt: "$(", promptType: "jsonata" }, { payload: "x" }, "value.invalid"],
])("refuses %s before it asks", async (_what, config, msg, code) => {
  const osf = scriptedOsf({});
  const { give } = await host(osf, { type: "osf-llm", ...config });
  const { errors } = await give(msg);
  expect(errors[0]?.error.code).toBe(code);
  expect(osf.calls).toEqual([]);
});

it("says that a gateway is missing where there is none", async () => {
  const { give } = await host(undefined, { type: "osf-llm" });
  const { errors } = await give({ payload: "x" });
  expect(errors[0]?.error.code).toBe("osf.missing");
});
