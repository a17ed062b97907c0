import { graphOf } from "#server/engine/test-engine.ts";
import { change, code, debug, delay, inject, split, type TestFlow } from "#server/engine/test-nodes.ts";

/** The host's answers to OSF nodes. */
function answer(op: string, args: unknown): unknown {
  const { name, args: given, prompt, question } = args as Record<string, unknown>;
  if (op === "tool.call") return { failed: false, value: { tool: name, given, oee: 0.8 }, text: "ok", durationMs: 5 };
  if (op === "llm.complete")
    return { text: `Answer to ${String(prompt)}`, model: "demo", usage: { inputTokens: 1, outputTokens: 1 } };
  if (op === "approval.request")
    return {
      id: "apr_1",
      decision: "approve",
      values: { note: question },
      by: { id: "usr_1", name: "Ana" },
      at: "2026-01-02",
    };
  return null;
}

export const OSF: TestFlow[] = [
  {
    name: "a tool, a decision and a question to people",
    comes: ["Is 0.8 right?"],
    graph: graphOf([
      inject({ machine: "M1" }, "tool"),
      {
        id: "tool",
        type: "osf-mcp-fertigung",
        tool: "fertigung.list_oee",
        argsFrom: "value",
        argsValue: "payload",
        argsValueType: "msg",
        wires: [["decide"]],
      },
      {
        id: "decide",
        type: "osf-decision",
        mode: "rules",
        property: "payload.oee",
        propertyType: "msg",
        rules: [
          { op: "lt", value: "0.85", valueType: "num", label: "low" },
          { op: "else", label: "fine" },
        ],
        wires: [["ask"], ["out"]],
      },
      { id: "ask", type: "osf-human-input", question: "Is {{payload.oee}} right?", wires: [["note"], []] },
      change("note", "form.note", "out"),
      debug(),
    ]),
    answer,
  },
  {
    name: "what several nodes say, collected by who said it",
    comes: [{ Right: "Answer to 1", Left: 2 }],
    graph: graphOf([
      inject(1, "left", "right"),
      { ...change("left", "payload + 1", "wait"), name: "before" },
      { ...delay("wait", "300", "both"), name: "Left" },
      { id: "right", type: "osf-llm", name: "Right", prompt: "payload", promptType: "msg", wires: [["both"]] },
      {
        id: "both",
        type: "osf-context",
        keyBy: "upstream",
        count: "2",
        value: "payload",
        target: "payload",
        wires: [["out"]],
      },
      debug(),
    ]),
    answer,
  },
  {
    name: "a tool that fails, whose error is caught",
    comes: ["tool.failed", "erp.get_order: no such order"],
    graph: graphOf([
      inject([1], "split"),
      split("tool"),
      {
        id: "tool",
        type: "mcp-tool",
        tool: "erp.get_order",
        argsFrom: "value",
        argsValue: '{"id":1}',
        argsValueType: "json",
        wires: [[]],
      },
      { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["both"]] },
      {
        ...code(
          "both",
          `send([[{ payload: msg.error.code }, { payload: msg.error.message.replace(/^Error: /, "") }]]); done();`,
          "out",
        ),
      },
      debug(),
    ]),
    answer: () => ({ failed: true, value: null, text: "no such order", durationMs: 5 }),
  },
];
