import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { scriptedOsf } from "../test/scripted-osf.ts";

const schema = JSON.stringify({
  type: "object",
  required: ["machine", "oee"],
  properties: { machine: { type: "string" }, oee: { type: "number", maximum: 100 }, unit: { enum: ["%", "h"] } },
});
const config = { type: "osf-output-parser", schema };
const good = { machine: "M-03", oee: 84 };

it.each([
  ["bare JSON", JSON.stringify(good)],
  ["a fenced block", `Here you are:\n\`\`\`json\n${JSON.stringify(good, null, 2)}\n\`\`\`\nAnything else?`],
  [
    "prose with braces in strings",
    `I {think} it is {"machine": "M-03", "oee": 84, "note": "} \\" {"} as of today [1].`,
  ],
  ["several values of which one fits", `{"machine": 1} and then ${JSON.stringify(good)}`],
])("reads %s without asking the model", async (_what, payload) => {
  const osf = scriptedOsf({});
  const { out } = await (await host(osf, config)).give({ payload, order: 7 });
  expect(out[0]).toMatchObject([{ payload: good, previous: payload, order: 7, parser: { repairs: 0 } }]);
  expect(osf.calls).toEqual([]);
});

it("checks an object as it is", async () => {
  const { give } = await host(scriptedOsf({}), config);
  expect((await give({ payload: good })).out[0]).toMatchObject([{ payload: good }]);
});

it("lets the model repair what does not fit, and tells it what is wrong", async () => {
  const osf = scriptedOsf({
    llm: (_request, n) =>
      n === 1 ? { text: '{"machine":"M-03","oee":"high"}' } : { text: JSON.stringify(good), value: good },
  });
  const { out } = await (await host(osf, config)).give({ payload: "M-03 is at 84" });
  expect(out[0]).toMatchObject([{ payload: good, parser: { repairs: 2 } }]);
  expect(osf.calls.map(({ request }) => request)).toMatchObject([
    { prompt: expect.stringContaining("there is no JSON in it"), json: true, temperature: 0 },
    { prompt: expect.stringContaining("/oee must be number") },
  ]);
});

it("fails with every violation and the text after the last repair", async () => {
  const osf = scriptedOsf({ llm: () => ({ text: '{"oee": 140, "unit": "kg"}' }) });
  const { errors } = await (await host(osf, { ...config, retries: "1" })).give({ payload: "?" });
  expect(errors[0]).toMatchObject({
    payload: "?",
    error: {
      code: "parser.invalid",
      cause: {
        text: '{"oee": 140, "unit": "kg"}',
        errors: [
          { path: "", message: "must have required property 'machine'" },
          { path: "/oee", message: "must be <= 100" },
          { path: "/unit", message: "must be equal to one of the allowed values: %, h" },
        ],
      },
    },
  });
  expect(osf.calls).toHaveLength(1);
});

it("converts types and fills defaults only where it is told so, and never in what came in", async () => {
  const payload = { machine: 3, oee: "84" };
  const { out } = await (await host(scriptedOsf({}), { ...config, coerce: true })).give({ payload });
  expect(out[0]).toMatchObject([{ payload: { machine: "3", oee: 84 }, previous: { machine: 3, oee: "84" } }]);
});

it("names a schema that is none", async () => {
  const { errors } = await (
    await host(scriptedOsf({}), { ...config, schema: '{"type": "objekt"}' })
  ).give({ payload: "{}" });
  expect(errors[0]?.error.code).toBe("parser.schema");
});

it("is not held up by a text of brackets", async () => {
  const before = performance.now();
  const { errors } = await (
    await host(scriptedOsf({}), { ...config, retries: 0 })
  ).give({ payload: "[".repeat(200_000) });
  expect(errors[0]?.error.code).toBe("parser.invalid");
  expect(performance.now() - before).toBeLessThan(3_000);
});
