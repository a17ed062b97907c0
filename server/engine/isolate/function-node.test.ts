import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { functionFlow, startProcess, type TestProcess } from "./test-driver.ts";

/** Function nodes in the engine, in a process with the flags of a runner. What they share with Node-RED: compare.test.ts. */
let running: TestProcess;
beforeAll(async () => {
  running = await startProcess({ cpuMs: 1_000, isolateMb: 64 });
});
afterAll(() => running.kill());

const run = (func: string, config: object = {}, msg: Record<string, unknown> = { payload: 1 }, more: object[] = []) =>
  running.run(functionFlow(func, config, more), msg);

const LINKS = [
  { id: "li", type: "link in", name: "double", wires: [["d"]], links: [] },
  {
    id: "d",
    type: "change",
    rules: [{ t: "set", p: "payload", pt: "msg", to: "payload * 2", tot: "jsonata" }],
    wires: [["lo"]],
  },
  { id: "lo", type: "link out", mode: "return", links: [] },
];

describe("a function node in the engine", () => {
  it("keeps the run going until its timers and promises are through", async () => {
    const { out, ended } = await run("setTimeout(async () => { await null; node.send({ payload: 'late' }); }, 50);");
    expect([ended?.status, out]).toMatchObject(["completed", [{ payload: "late" }]]);
  });

  it("calls link nodes by id and by name, with its error and its timeout", async () => {
    const code =
      "const a = await node.linkcall('li', { payload: msg.payload }); const b = await node.linkcall('double', a); return b;";
    expect((await run(code, {}, { payload: 3 }, LINKS)).out).toMatchObject([{ payload: 12 }]);
    const unknown = await run("await node.linkcall('nowhere', msg);", {}, { payload: 3 }, LINKS);
    expect(unknown.failure?.message).toContain("target link-in node 'nowhere' not found");
    const silent = await run("await node.linkcall('li', msg, { timeout: 30 });", {}, {}, [
      { id: "li", type: "link in", links: [] },
    ]);
    expect(silent.failure?.message).toBe("timeout");
    const wrong = await run("try { await node.linkcall(5, msg) } catch (e) { return { payload: e.message } }");
    expect(wrong.out[0]?.["payload"]).toMatch(/target parameter is not valid/);
  });

  it("goes on with what it did not wait for, each answer to its own call", async () => {
    const code =
      "const all = await Promise.all([1, 2, 3].map((payload) => node.linkcall('li', { payload }))); return { payload: all.map((m) => m.payload) };";
    expect((await run(code, {}, { payload: 0 }, LINKS)).out).toMatchObject([{ payload: [2, 4, 6] }]);
  });

  it("begins each run with the node context that On Start left, and keeps its own in the run", async () => {
    const nodes = functionFlow("context.set('n', context.get('n') + 1); return { payload: context.get('n') };", {
      initialize: "context.set('n', 10);",
    });
    expect((await running.run(nodes)).out).toMatchObject([{ payload: 11 }]);
    expect((await running.run(running.lastGraph)).out).toMatchObject([{ payload: 11 }]);
  });

  it("keeps flow context over runs, written with the step that ended", async () => {
    const nodes = functionFlow("flow.set('n', (flow.get('n') || 0) + 1); return { payload: flow.get('n') };");
    await running.run(nodes);
    const second = await running.run(running.lastGraph);
    expect(second.out).toMatchObject([{ payload: 2 }]);
    expect(second.steps.find(({ node }) => node === "f")?.context).toEqual([
      { scope: "flow:tab", key: "n", value: "2" },
    ]);
  });

  it("refuses modules, by the names of node and module", async () => {
    const { failure } = await run("return msg;", { libs: [{ var: "fs", module: "fs-extra" }] });
    expect(failure?.code).toBe("function.libs");
    expect(failure?.message).toMatch(/"my function".*fs-extra/);
  });

  it("fails messages to code that does not compile, with its line", async () => {
    const { failure } = await run("const a = 1;\nreturn a +;");
    expect(failure?.message).toBe("Unexpected token ';' (body:line 2)");
    expect((await run("return msg;", { initialize: "let ok = 1;\n\nlet let = 1" })).failure?.message).toMatch(
      /\(setup:line 3\)/,
    );
  });

  it("gives errors to catch nodes with code and source", async () => {
    const { out } = await run("throw Object.assign(new Error('broken'), { code: 'E_B' });", {}, { payload: 1 }, [
      { id: "catch", type: "catch", wires: [["out"]] },
    ]);
    expect(out[0]).toMatchObject({ payload: 1, error: { message: "Error: broken", code: "E_B", source: { id: "f" } } });
  });

  it("gives stops to catch nodes, so that a flow can go on", async () => {
    const { out, ended } = await run("while (true) {}", { timeout: 0.05 }, { payload: 1 }, [
      { id: "catch", type: "catch", wires: [["out"]] },
    ]);
    expect(ended?.status).toBe("completed");
    expect(out[0]).toMatchObject({ error: { code: "function.timeout" } });
  });

  it("clears a timer that it has stored", async () => {
    const nodes =
      "if (msg.payload === 1) { context.set('t', setTimeout(() => node.send({ payload: 'late' }), 30).unref()); node.linkcall('li', { payload: 2 }); } else clearTimeout(context.get('t'));";
    const back = [{ id: "li", type: "link in", wires: [["f"]], links: [] }];
    const { out, ended } = await run(
      nodes.replace(
        "node.linkcall('li', { payload: 2 })",
        "node.linkcall('li', { payload: 2 }).catch(() => undefined)",
      ),
      {},
      { payload: 1 },
      back,
    );
    expect([ended?.status, out]).toEqual(["completed", []]);
  }, 20_000);

  it("may freeze its message", async () => {
    const payload = Array.from({ length: 100 }, (_, i) => ({ i }));
    const { out } = await run(
      "Object.freeze(msg); const n = msg.payload.length + msg.payload.length; return { payload: n, all: msg.payload };",
      {},
      { payload },
    );
    expect(out).toMatchObject([{ payload: 200, all: payload }]);
  });

  it("fails by a promise that was rejected and that nobody waits for", async () => {
    const { failure } = await run("setTimeout(async () => { throw new Error('unheard'); }, 1); return msg;");
    expect(failure?.message).toBe("unheard");
    const early = await run("Promise.reject(new Error('unheard at once')); return msg;");
    expect(early.failure).toEqual({ code: "function.rejected", message: "unheard at once" });
  });

  it("names no file of the host in errors", async () => {
    const { out } = await run("try { flow.get('') } catch (e) { node.send({ payload: e.stack }) } null.x;", {}, {}, [
      { id: "catch", type: "catch", wires: [["out"]] },
    ]);
    expect(out).toHaveLength(2);
    expect(JSON.stringify(out)).not.toMatch(/file:\/\/|\/server\/|node_modules|isolate:inside/);
  });

  it("works for many runs at once, each getting its own back", async () => {
    const code =
      "const mine = msg.payload; await new Promise((ok) => setTimeout(ok, mine % 7)); context.set('mine', mine); const r = await node.linkcall('li', { payload: mine }); return { payload: [mine, context.get('mine'), r.payload] };";
    const nodes = functionFlow(code, {}, LINKS);
    await running.run(nodes, { payload: 0 });
    const graph = running.lastGraph;
    const all = await Promise.all(Array.from({ length: 60 }, (_, i) => running.run(graph, { payload: i })));
    expect(all.map(({ out }) => out[0]?.["payload"])).toEqual(Array.from({ length: 60 }, (_, i) => [i, i, 2 * i]));
  });
});

describe("a run with functions that was interrupted", () => {
  it("goes on inside a function that waits", async () => {
    const process = await startProcess({ cpuMs: 10_000, isolateMb: 32 });
    const nodes = functionFlow(
      `if (msg.payload === 'bomb') { const a = []; for (;;) a.push({ x: [1, 2, 3] }); }
       if (msg.payload === 'go') { global.set('go', true); return null; }
       node.send({ payload: 'first' });
       node.send(await node.linkcall('li', { payload: 21 }));
       while (!global.get('go')) await new Promise((ok) => setTimeout(ok, 20));
       return { payload: 'last' };`,
      {},
      LINKS,
    );
    await process.run(nodes, {}, { node: "out" }); // planned
    const graph = process.lastGraph;
    const patient = process.run(graph, { payload: 1 }, { runId: "patient" });
    // Long after the link call: another run's message goes the same way.
    await process.run(graph, { payload: 1 }, { node: "li" });
    await process.run(graph, { payload: "bomb" });
    expect((await patient).ended?.status).toBe("interrupted");
    const again = process.run(graph, { payload: 1 }, { runId: "patient", resume: true });
    await process.run(graph, { payload: "go" });
    const { out, ended } = await again;
    process.kill();
    expect(ended?.status).toBe("completed");
    expect(out.map((msg) => msg["payload"])).toEqual(["first", 42, "last"]);
  });
});
