import { describe, expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { scriptedOsf } from "../test/scripted-osf.ts";

/** One rule and an else; resolves with the label that was taken, or the error's code. */
async function decide(rule: Record<string, unknown>, msg: Record<string, unknown>) {
  const config = {
    type: "osf-decision",
    property: "payload.v",
    propertyType: "msg",
    rules: [
      { valueType: "str", label: "yes", ...rule },
      { op: "else", label: "no" },
    ],
  };
  const { give } = await host(undefined, config, { outputs: 2 });
  const { out, errors } = await give(msg);
  const sent = out.flatMap((messages, port) => messages.map((one) => ({ port, decision: one["decision"] })));
  if (errors[0]) return errors[0].error.code;
  expect(sent).toMatchObject([{ decision: { index: sent[0]?.port, by: "rule" } }]);
  return sent.map(({ decision }) => (decision as { label: string }).label).join(); // decisions have one
}

describe("rules", () => {
  it.each([
    [{ op: "eq", value: "84", valueType: "num" }, 84, "yes"],
    [{ op: "eq", value: "84" }, 84, "yes"],
    [{ op: "eq", value: "" }, 0, "no"],
    [{ op: "neq", value: "late" }, "on time", "yes"],
    [{ op: "lt", value: "85", valueType: "num" }, "9", "yes"],
    [{ op: "lt", value: "85", valueType: "num" }, 85, "no"],
    [{ op: "lte", value: "85", valueType: "num" }, 85, "yes"],
    [{ op: "gt", value: "2026-01-02" }, "2026-01-10", "yes"],
    [{ op: "gte", value: "10", valueType: "num" }, "9", "no"],
    [{ op: "cont", value: "alarm" }, "two alarms", "yes"],
    [{ op: "cont", value: "3", valueType: "num" }, [1, 3], "yes"],
    [{ op: "cont", value: "x" }, undefined, "no"],
    [{ op: "regex", value: "^M-\\d+$" }, "M-07", "yes"],
    [{ op: "empty" }, {}, "yes"],
    [{ op: "empty" }, undefined, "yes"],
    [{ op: "empty" }, 0, "no"],
    [{ op: "true" }, true, "yes"],
    [{ op: "true" }, "true", "no"],
  ])("%j on %j: %s", async (rule, v, label) => {
    expect(await decide(rule, { payload: { v } })).toBe(label);
  });

  it.each([
    [{ op: "lt", value: "85", valueType: "num" }, undefined, "decision.incomparable"],
    [{ op: "lt", value: "85", valueType: "num" }, "n/a", "decision.incomparable"],
    [{ op: "gt", value: "85", valueType: "num" }, { a: 1 }, "decision.incomparable"],
    [{ op: "regex", value: "(" }, "x", "node.config"],
    [{ op: "maybe", value: "" }, "x", "node.config"],
  ])("%j on %j is an error, not a silent no: %s", async (rule, v, code) => {
    expect(await decide(rule, { payload: { v } })).toBe(code);
  });

  it("compares with other properties of the message, and looks no further than a missing parent", async () => {
    expect(await decide({ op: "gte", value: "limit", valueType: "msg" }, { payload: { v: 5 }, limit: 4 })).toBe("yes");
    expect(await decide({ op: "empty" }, { payload: undefined })).toBe("yes");
  });

  it("takes the first rule that applies and says which", async () => {
    const config = {
      type: "osf-decision",
      rules: [
        { op: "lt", value: "60", valueType: "num", label: "bad" },
        { op: "lt", value: "85", valueType: "num", label: "" },
        { op: "else", label: "good" },
      ],
    };
    const { give } = await host(undefined, config, { outputs: 3 });
    const { out, statuses } = await give({ payload: 70, order: 7 });
    expect(out).toMatchObject([
      [],
      [{ payload: 70, order: 7, decision: { label: "Output 2", index: 1, by: "rule", value: 70 } }],
      [],
    ]);
    expect(statuses.at(-1)?.text).toBe("Output 2");
  });

  it("ends a message quietly or with an error where no rule applies, as it is set", async () => {
    const rules = [{ op: "true", label: "yes" }];
    const quiet = await (await host(undefined, { type: "osf-decision", rules })).give({ payload: 1 });
    expect([quiet.out[0], quiet.errors, quiet.completed.length]).toEqual([[], [], 1]);
    const strict = await (
      await host(undefined, { type: "osf-decision", rules, noMatch: "error" })
    ).give({ payload: 1 });
    expect(strict.errors[0]?.error.code).toBe("decision.no-match");
  });
});

describe("the model", () => {
  const config = {
    type: "osf-decision",
    mode: "question",
    question: "What is order {{order}} about?",
    labels: [{ label: "Quality", hint: "scrap, rework" }, { label: "Late delivery" }],
    tier: "free",
  };

  it("chooses one of the labels", async () => {
    const value = { label: "late delivery", reason: "Three days." };
    const osf = scriptedOsf({ llm: () => ({ text: JSON.stringify(value), value }) });
    const { give } = await host(osf, config, { outputs: 2 });
    const { out } = await give({ payload: "It came on Friday", order: 7 });
    expect(out[0]).toEqual([]);
    expect(out[1]).toMatchObject([
      {
        payload: "It came on Friday",
        decision: { label: "Late delivery", index: 1, by: "model", reason: "Three days.", model: "scripted" },
      },
    ]);
    expect(osf.calls[0]?.request).toMatchObject({
      system: expect.stringContaining("- Quality: scrap, rework\n- Late delivery\n"),
      prompt: "What is order 7 about?\n\nIt came on Friday",
      temperature: 0,
      json: true,
    });
  });

  it.each([
    ["a fenced answer", '```json\n{"label": "Quality"}\n```'],
    ["a bare label", "quality."],
    ["a sentence with one label", "This is clearly about Quality, I think."],
  ])("understands %s", async (_what, text) => {
    const { give } = await host(scriptedOsf({ llm: () => ({ text }) }), config, { outputs: 2 });
    expect((await give({ payload: "x" })).out[0]).toMatchObject([{ decision: { label: "Quality" } }]);
  });

  it.each([[[]], [[{ label: "Quality" }]], [[{ label: "Quality" }, { label: "" }, { label: "x" }]]])(
    "is not asked to choose from %j",
    async (labels) => {
      const osf = scriptedOsf({});
      const { errors } = await (await host(osf, { ...config, labels }, { outputs: 3 })).give({ payload: "x" });
      expect([errors[0]?.error.code, osf.calls]).toEqual(["node.config", []]);
    },
  );

  it("is asked once more after an answer that is no label, then it is an error", async () => {
    const osf = scriptedOsf({
      llm: (_request, n) => ({ text: n === 1 ? "both Quality and Late delivery" : "Quality" }),
    });
    const { give } = await host(osf, config, { outputs: 2 });
    expect((await give({ payload: "x" })).out[0]).toHaveLength(1);
    expect(osf.calls[1]?.request).toMatchObject({ prompt: expect.stringContaining("Your last answer was none of") });

    const stubborn = scriptedOsf({ llm: () => ({ text: "hm" }) });
    const { errors } = await (await host(stubborn, config, { outputs: 2 })).give({ payload: "x" });
    expect([errors[0]?.error.code, stubborn.calls.length]).toEqual(["decision.unclear", 2]);
  });
});
