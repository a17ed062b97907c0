import { expect, it } from "vitest";
import { host } from "../test/runtime.ts";
import { scriptedOsf } from "../test/scripted-osf.ts";

it("fills the prompt and asks the model of the tier", async () => {
  const osf = scriptedOsf({ llm: () => ({ text: "Short." }) });
  const { give } = await host(osf, {
    type: "osf-prompt",
    prompt: "Summarise for {{user.name}}: {{input}} / {{input.rows[0].id}} / {{missing.deep}}|",
    tier: "premium",
  });
  const { out } = await give({ payload: { rows: [{ id: "A-1" }] }, user: { name: "Ana" } });
  expect(osf.calls[0]?.request).toEqual({
    prompt: 'Summarise for Ana: {"rows":[{"id":"A-1"}]} / A-1 / |',
    tier: "premium",
  });
  expect(out[0]).toMatchObject([{ payload: "Short.", user: { name: "Ana" }, llm: { model: "scripted" } }]);
});

it("reads flow and global context and the environment", async () => {
  const osf = scriptedOsf({ llm: () => ({ text: "ok" }) });
  const { give, node } = await host(osf, {
    type: "osf-prompt",
    prompt: "{{flow.line}} {{global.plant}} {{env.NR_FLOW_NAME}}",
  });
  const context = (
    node("t-node") as unknown as { context(): Record<"flow" | "global", Map<string, unknown>> }
  ).context();
  context.flow.set("line", "L4");
  context.global.set("plant", { id: 2 });
  await give({ payload: "" });
  expect(osf.calls[0]?.request).toMatchObject({ prompt: 'L4 {"id":2} Test' });
});

it("does not ask with an empty prompt", async () => {
  const osf = scriptedOsf({});
  const { give } = await host(osf, { type: "osf-prompt", prompt: "{{input}}" });
  expect((await give({ payload: "" })).errors[0]?.error.code).toBe("prompt.empty");
});

it("fills a template without asking anybody", async () => {
  const { give } = await host(undefined, {
    type: "osf-prompt-tpl",
    template: "Context: ${context}\nQuestion: ${input}\nOrder {{order}}",
  });
  const { out } = await give({ payload: "why?", context: { late: 3 }, order: 7 });
  expect(out[0]).toMatchObject([
    { payload: 'Context: {"late":3}\nQuestion: why?\nOrder 7', previous: "why?", context: { late: 3 } },
  ]);
});

it("names a placeholder that is no path", async () => {
  const { give } = await host(undefined, { type: "osf-prompt-tpl", template: "{{a..b}}" });
  expect((await give({ payload: 1 })).errors[0]?.error).toMatchObject({
    code: "value.invalid",
    message: expect.stringContaining("{{a..b}}"),
  });
});
