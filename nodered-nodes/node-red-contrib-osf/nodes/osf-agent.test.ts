import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { scriptedOsf } from "../test/scripted-osf.ts";

const calls = [{ tool: "erp.list_orders", args: {}, failed: false, durationMs: 4 }];

it("runs an agent of the workspace", async () => {
  const osf = scriptedOsf({ agent: () => ({ text: "Three are late.", calls }) });
  const { out } = await (
    await host(osf, { type: "osf-agent", agent: "agt_1", iterations: "4" })
  ).give({
    payload: "Which are late?",
    order: 7,
  });
  expect(osf.calls[0]?.request).toEqual({ agent: "agt_1", input: "Which are late?", iterations: 4, tier: "free" });
  expect(out[0]).toMatchObject([
    { payload: "Three are late.", previous: "Which are late?", order: 7, agent: { calls } },
  ]);
});

it("runs one that is described in the node, with context where it is passed on", async () => {
  const osf = scriptedOsf({ agent: () => ({ text: "ok" }) });
  const { give } = await host(osf, {
    type: "osf-agent",
    kind: "own",
    instructions: "You look after line {{line}}.",
    tools: "fertigung.*, erp.list_orders",
    passContext: true,
    tier: "premium",
  });
  await give({ payload: { task: "look" }, context: { shift: 2 }, line: "L4" });
  expect(osf.calls[0]?.request).toEqual({
    instructions: "You look after line L4.",
    tools: ["fertigung.*", "erp.list_orders"],
    input: '{"task":"look"}',
    context: { shift: 2 },
    iterations: 6,
    tier: "premium",
  });
});

it.each([
  ["no agent", {}, { payload: "x" }, "node.config"],
  ["an own agent without instructions", { kind: "own" }, { payload: "x" }, "node.config"],
  ["an empty task", { agent: "agt_1" }, { payload: "" }, "agent.empty"],
  ["eleven rounds", { agent: "agt_1", iterations: 11 }, { payload: "x" }, "node.config"],
])("refuses %s", async (_what, config, msg, code) => {
  const osf = scriptedOsf({});
  const { errors } = await (await host(osf, { type: "osf-agent", ...config })).give(msg);
  expect(errors[0]?.error.code).toBe(code);
  expect(osf.calls).toEqual([]);
});
