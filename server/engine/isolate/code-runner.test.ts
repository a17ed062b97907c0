import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NodeDef } from "#server/engine/contract.ts";
import { startProcess, type TestProcess } from "./test-driver.ts";

/** osf-ts nodes on the engine, in a process with the flags of a runner. */
let running: TestProcess;
beforeAll(async () => {
  running = await startProcess({ cpuMs: 400, isolateMb: 48 });
});
afterAll(() => running.kill());

const flow = (code: string, config: object = {}) => {
  const place = { z: "tab", x: 1, y: 1 };
  return [
    { id: "tab", type: "tab", label: "Line 4" },
    { ...place, id: "in", type: "inject", wires: [["f"]] },
    { ...place, id: "f", type: "osf-ts", name: "my code", code, outputs: 1, timeout: 2, wires: [["out"]], ...config },
    { ...place, id: "out", type: "debug", active: false, complete: "true", wires: [] },
  ] as NodeDef[]; // flow JSON
};
const run = (code: string, msg: Record<string, unknown> = { payload: 1 }, config: object = {}) =>
  running.run(flow(code, config), msg);

describe("the TypeScript of an osf-ts node", () => {
  it("gets the message and returns the payload, types taken out", async () => {
    const code =
      "interface Order { id: string; late?: boolean }\nconst orders = msg.payload as Order[];\nreturn orders.filter((o): o is Order => o.late === true).map(({ id }: Order) => id!);";
    const { out } = await run(code, { payload: [{ id: "a" }, { id: "b", late: true }] });
    expect(out).toMatchObject([{ payload: ["b"] }]);
  });

  it("asks for tools, models, agents and flows, one after the other", async () => {
    const code = `
      const called = await ctx.tool.call("fertigung.list_oee", { line: 4 });
      const listed = await ctx.tool.list({ server: "erp" });
      const said = await ctx.llm.complete({ prompt: "two and two", temperature: 0 });
      await ctx.agent.run({ input: "look", tools: ["erp.*"] });
      await ctx.flow.run({ flow: "flow_1", payload: 5 });
      return [called.value, said.text];`;
    const { out, calls } = await run(code);
    expect(out).toMatchObject([{ payload: [42, "four"] }]);
    expect(calls).toEqual([
      { op: "tool.call", args: { name: "fertigung.list_oee", args: { line: 4 } } },
      { op: "tool.list", args: { server: "erp" } },
      { op: "llm.complete", args: { prompt: "two and two", temperature: 0 } },
      { op: "agent.run", args: { input: "look", tools: ["erp.*"] } },
      { op: "flow.run", args: { flow: "flow_1", payload: 5 } },
    ]);
  });

  it("asks for several things at once", async () => {
    const { out } = await run(
      "const all = await Promise.all([1, 2, 3].map((n) => ctx.tool.call('a.b', { n }))); return all.length;",
    );
    expect(out).toMatchObject([{ payload: 3 }]);
  });

  it("is stopped where it asks for very many things at once", async () => {
    const { failure } = await run(
      "await Promise.all(Array.from({ length: 2000 }, (_, i) => ctx.tool.call('slow.tool', { i })));",
    );
    expect(failure).toMatchObject({ code: "code.calls" });
  });

  it("can catch what the gateway refuses, and fails with its code otherwise", async () => {
    const caught = await run(
      "try { await ctx.tool.call('broken.tool') } catch (e) { return [(e as { code: string }).code, (e as Error).message]; }",
    );
    expect(caught.out).toMatchObject([{ payload: ["tool.broken", "The tool is broken"] }]);
    const failed = await run("await ctx.tool.call('broken.tool');");
    expect(failed.failure).toEqual({ code: "tool.broken", message: "The tool is broken" });
  });

  it("reads and writes the context of flow and workspace, and the environment", async () => {
    const code =
      "ctx.flow.set('n', (ctx.flow.get('n') ?? 0) + 1); ctx.global.set('g.x', [1]); return [ctx.flow.get('n'), ctx.global.get('g'), ctx.flow.keys(), ctx.env.get('NR_FLOW_NAME')];";
    const { out, steps } = await run(code);
    expect(out).toMatchObject([{ payload: [1, { x: [1] }, ["n"], "Line 4"] }]);
    const written = steps
      .find(({ node }) => node === "f")
      ?.context?.map(({ scope, key, value }) => [scope, key, value]);
    expect(written).toEqual([
      ["flow:tab", "n", "1"],
      ["global", "g", '{"x":[1]}'],
    ]);
  });

  it("writes to the log of the run", async () => {
    const { log } = await run("ctx.log('one', { a: 1 }); ctx.log.warn('two'); console.log('three', 4);");
    expect(log).toEqual(['info: one {"a":1}', "warn: two", "info: three 4"]);
  });

  it("says line and column of what it throws", async () => {
    const { failure } = await run("const a: number = 1;\n\n  throw new RangeError(`no ${a}`);");
    expect(failure).toEqual({ code: "code.failed", message: "RangeError: no 1 (line 3, column 9)" });
    const missing = await run("const orders: string[] = [];\nreturn orders.lenght.value;");
    expect(missing.failure?.message).toBe(
      "TypeError: Cannot read properties of undefined (reading 'value') (line 2, column 22)",
    );
  });

  it.each([
    ["const y: = 2;", /line 1, column 10/],
    ["const a = 1;\nenum Colour { Red }", /enum is not supported.*line 2, column 1/],
    ["return 1;\n\nreturn )", /line 3, column 8/],
    ["let a: number = 1;\nlet a: number = 2;", /already been declared.*line 2, column 5/],
  ])("says line and column of what is no TypeScript: %s", async (code, message) => {
    const { failure } = await run(code);
    expect(failure?.code).toBe("code.syntax");
    expect(failure?.message).toMatch(message);
  });

  it("is stopped when it keeps the processor, and when it takes too long", async () => {
    const busy = await run("while (true) {}");
    expect(busy.failure).toMatchObject({ code: "function.timeout", message: expect.stringContaining('"my code"') });
    const slow = await run("await new Promise(() => undefined);", { payload: 1 }, { timeout: 1 });
    expect(slow.failure).toEqual({
      code: "code.timeout",
      message: '"my code" was stopped: it took longer than 1000 ms',
    });
  });

  it("is stopped when it fills the memory", async () => {
    const process = await startProcess({ cpuMs: 10_000, isolateMb: 32 });
    const { failure } = await process.run(flow("const all: object[] = []; for (;;) all.push({ x: [1, 2, 3] });"));
    expect(failure?.code).toBe("function.memory");
    const after = await process.run(flow("return 'well';"));
    process.kill();
    expect(after.out).toMatchObject([{ payload: "well" }]);
  });

  it("cannot break the reading of types for others by code that is nested without end", async () => {
    const { failure } = await run(`return ${"(a: any) => ".repeat(12_000)} 1;`);
    expect(failure?.code).toBe("code.syntax");
    const { out } = await run("const fine: string = 'fine'; return fine;");
    expect(out).toMatchObject([{ payload: "fine" }]);
  });

  it.each([
    "process",
    "require('fs')",
    "ctx.tool.call.constructor('return process')()",
    "msg.constructor.constructor('return process')()",
  ])("finds no way out: %s", async (expression) => {
    const { failure, out } = await run(`return typeof (await ${expression});`);
    expect([out, failure?.message]).toEqual([[], expect.stringMatching(/(process|require) is not defined/)]);
  });

  it("keeps runs apart that are at work at the same time", async () => {
    const code =
      "const mine = msg.payload; for (let i = 0; i < 5; i++) await ctx.tool.call('a.b', { mine }); return mine;";
    const nodes = flow(code);
    const first = await running.run(nodes, { payload: -1 });
    const graph = running.lastGraph;
    const all = await Promise.all(Array.from({ length: 20 }, (_, i) => running.run(graph, { payload: i })));
    expect([first, ...all].map(({ out }) => out[0]?.["payload"])).toEqual([
      -1,
      ...Array.from({ length: 20 }, (_, i) => i),
    ]);
  });
});
