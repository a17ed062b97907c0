import { describe, expect, it } from "vitest";
import { createEngine } from "#server/engine/engine.ts";
import { snapshot } from "#server/engine/snapshot.ts";
import { graphOf, HandClock, logOf, MemoryHost } from "#server/engine/test-engine.ts";
import { live } from "#server/engine/test-life.ts";
import { change, code, debug, delay, inject, join, split } from "#server/engine/test-nodes.ts";

const debugAll = (id: string) => ({ ...debug(id), complete: "true", targetType: "full" });

describe("a message", () => {
  it("is the same object for the first recipient and a copy for the others", async () => {
    const { debug: seen } = await live(
      graphOf([
        inject({ a: 1 }, "f"),
        code("f", `msg.payload.list = [1]; globalThis.sent = msg; send([msg]); done();`, "first", "second"),
        code(
          "first",
          `msg.same = globalThis.sent === msg; msg.payload.list.push(2); msg.payload = [msg.same, msg.payload]; send(msg); done();`,
          "out",
        ),
        code(
          "second",
          `msg.same = globalThis.sent === msg; msg.payload = [msg.same, msg.payload]; send(msg); done();`,
          "out",
        ),
        debug(),
      ]),
    );
    expect(seen).toEqual([
      [true, { a: 1, list: [1, 2] }],
      [false, { a: 1, list: [1] }],
    ]);
  });

  it("keeps its id through the flow, and a new one shares that of the message beside", async () => {
    const { host } = await live(
      graphOf([
        inject(1, "f"),
        { ...code("f", `send([msg, { payload: "new" }]); done();`), wires: [["a"], ["b"]] },
        debug("a"),
        debug("b"),
      ]),
    );
    const ids = logOf(host.steps)
      .steps.filter(({ node }) => node === "a" || node === "b")
      .map(({ msg }) => (JSON.parse(msg) as { _msgid: string })._msgid);
    expect(ids[0]).toMatch(/^[\da-f]{16}$/);
    expect(new Set(ids).size).toBe(1);
  });

  it("that is none is refused with an error of the node", async () => {
    const { how } = await live(graphOf([inject(1, "f"), code("f", `send("text"); done();`, "out"), debug()]));
    expect(how).toMatchObject({ status: "completed" });
    const { host } = await live(graphOf([inject(1, "f"), code("f", `send([["a", msg]]); done();`, "out"), debug()]));
    expect(host.events("log")).toEqual([
      { node: "f", level: "error", message: "Node tried to send a message of type string" },
    ]);
    expect(host.events("debug")).toHaveLength(1);
  });

  it("that leaves by an output without a wire is kept with the step", async () => {
    const { host } = await live(
      graphOf([
        inject(1, "f"),
        { ...code("f", `send([{ payload: "a" }, { payload: "b" }]); done();`), wires: [["out"]] },
        debug(),
      ]),
    );
    const step = logOf(host.steps).steps.find(({ node }) => node === "f");
    expect(step?.out?.map(({ port, msg }) => [port, (JSON.parse(msg) as { payload: string }).payload])).toEqual([
      [1, "b"],
    ]);
  });
});

describe("a start", () => {
  it("at an inject node makes its message from its properties, overridden or replaced", async () => {
    const graph = graphOf([inject([1], "out"), debugAll("out")]);
    const message = async (start: object) =>
      JSON.parse(logOf((await live(graph, { start: { node: "in", ...start } })).host.steps).steps[1]!.msg) as object;
    expect(await message({})).toMatchObject({ payload: [1], topic: "t" });
    expect(await message({ set: { payload: { b: 2 }, extra: null } })).toMatchObject({
      payload: { b: 2 },
      topic: "t",
      extra: null,
    });
    expect(await message({ msg: snapshot({ payload: Buffer.from("x") }) })).toMatchObject({
      payload: { $buffer: "eA==" },
    });
  });

  it("does not wait for an inject node's own clock", async () => {
    const graph = graphOf([{ ...inject(1, "out"), repeat: "1", once: true, onceDelay: 0.1 }, debug()]);
    const { how, host } = await live(graph);
    expect(how.status).toBe("completed");
    expect(host.events("debug")).toHaveLength(1);
  });

  it("at a node that is not there, or of a graph that is not planned, is refused", async () => {
    const clock = new HandClock();
    const engine = createEngine({ host: new MemoryHost(clock), clock });
    await engine.plan(graphOf([inject(1, "out"), debug()]));
    expect(() => engine.start({ runId: "r", graph: "graph", start: { node: "none" } })).toThrow(/start at/);
    expect(() => engine.start({ runId: "r", graph: "other", start: { node: "in" } })).toThrow(/not planned/);
    await engine.close();
  });
});

describe("the end of a run", () => {
  it("comes when nothing is at work, also when a node never answers because it collects", async () => {
    const { how, host } = await live(
      graphOf([
        inject([1, 2], "split"),
        split("join"),
        join({ mode: "custom", count: "3", joiner: "" }, "out"),
        debug(),
      ]),
    );
    expect(how).toEqual({ status: "completed", output: { payload: null, messages: [] } });
    const join3 = logOf(host.steps).steps.filter(({ node }) => node === "join");
    expect(join3.map(({ state }) => state)).toEqual(["dropped", "dropped"]);
  });

  it("waits for a node that works without timers", async () => {
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { how } = await live(
      graphOf([
        inject(1, "f"),
        code("f", `call("tool.call", {}).then((v) => { msg.payload = v; send(msg); done(); });`, "out"),
        debug(),
      ]),
      {
        answer: () => gate.then(() => "late"),
        meanwhile: async (_engine, host) => {
          for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
          expect(host.carriedOut).toHaveLength(1);
          release?.();
        },
      },
    );
    expect(how).toMatchObject({ status: "completed", output: { payload: "late" } });
  });

  it("gives what reached debug nodes and nodes without wires, in the order of sending", async () => {
    const { how } = await live(
      graphOf([
        inject(1, "slow", "quick", "silent"),
        delay("slow", "500", "out"),
        change("quick", "payload + 1"),
        code("silent", "done()"),
        debug(),
      ]),
    );
    expect(how).toEqual({
      status: "completed",
      output: {
        payload: 1,
        messages: [
          { node: "quick", payload: 2 },
          { node: "silent", payload: 1 },
          { node: "out", payload: 1 },
        ],
      },
    });
  });

  it("keeps the last fifty messages", async () => {
    const { how } = await live(
      graphOf([
        inject(
          Array.from({ length: 80 }, (_, i) => i),
          "split",
        ),
        split("out"),
        debug(),
      ]),
    );
    const { messages } = (how as { output: { messages: { payload: number }[] } }).output;
    expect(messages.map(({ payload }) => payload)).toEqual(Array.from({ length: 50 }, (_, i) => i + 30));
  });

  it("is a failure with the first error that nobody caught, after the other branches have finished", async () => {
    const { how, debug: seen } = await live(
      graphOf([
        inject(1, "bad", "slow"),
        code("bad", `done(Object.assign(new Error("The pump is off"), { code: "pump.off" }))`),
        delay("slow", "1000", "out"),
        debug(),
      ]),
    );
    expect(how).toEqual({ status: "failed", error: { code: "pump.off", message: "The pump is off" } });
    expect(seen).toEqual([1]);
  });

  it("fails for what a handler throws, but not for what is only logged as an error", async () => {
    const thrown = await live(graphOf([inject(1, "f"), code("f", `throw new TypeError("no")`)]));
    expect(thrown.how).toEqual({ status: "failed", error: { code: "node.error", message: "no" } });
    const logged = await live(graphOf([inject(1, "f"), code("f", `node.error("just said"); done()`)]));
    expect(logged.how.status).toBe("completed");
    expect(logged.host.events("log")).toEqual([{ node: "f", level: "error", message: "just said" }]);
  });

  it("fails for a node whose configuration is wrong, when a message reaches it", async () => {
    const { how } = await live(
      graphOf([
        inject(1, "s"),
        {
          id: "s",
          type: "switch",
          property: "payload",
          propertyType: "msg",
          rules: [{ t: "eq", v: "a(", vt: "jsonata" }],
          wires: [["out"]],
        },
        debug(),
      ]),
    );
    expect(how).toMatchObject({ status: "failed", error: { message: expect.stringContaining("Invalid") as string } });
  });
});

describe("limits", () => {
  it("end a loop at so many steps", async () => {
    const { how } = await live(
      graphOf([inject(1, "a"), change("a", "payload + 1", "b"), change("b", "payload", "a")]),
      {
        limits: { steps: 100 },
      },
    );
    expect(how).toMatchObject({ status: "failed", error: { code: "run.steps" } });
  });

  it("end a run whose messages grow too many or too large, and name the node", async () => {
    const many = await live(
      graphOf([
        inject(
          Array.from({ length: 30 }, () => 1),
          "split",
        ),
        split("wait"),
        delay("wait", "1000", "out"),
        { ...debug(), name: "End" },
      ]),
      { limits: { queued: 20 } },
    );
    expect(many.how).toMatchObject({ status: "failed", error: { code: "run.queue" } });
    const large = await live(
      graphOf([
        inject(1, "f"),
        code("f", `msg.payload = "x".repeat(2000); send(msg); done();`, "out"),
        { ...debug(), name: "End" },
      ]),
      { limits: { messageChars: 1_000 } },
    );
    expect(large.how).toMatchObject({
      status: "failed",
      error: { code: "run.message-size", message: expect.stringContaining('"End"') as string },
    });
  });

  it("end a run whose message is nested too deeply, also where a catch node waits, and one that nobody gets", async () => {
    const nest = `for (let i = 0; i < 600; i++) msg = { payload: msg, _msgid: msg._msgid };`;
    const deep = await live(graphOf([inject(1, "f"), code("f", `${nest} send(msg); done();`, "out"), debug()]));
    expect(deep.how).toMatchObject({ status: "failed", error: { code: "run.message-depth" } });
    const caught = await live(
      graphOf([
        inject(1, "f"),
        code("f", `${nest} node.error("no", msg); done();`, "out"),
        debug(),
        { id: "c", type: "catch", z: "tab", scope: null, uncaught: false, wires: [["out"]] },
      ]),
    );
    expect(caught.how).toMatchObject({ status: "failed", error: { code: expect.any(String) as string } });
    const unwired = await live(
      graphOf([inject(1, "f"), code("f", `msg.payload = "x".repeat(2000); send(msg); done();`)]),
      { limits: { messageChars: 1_000 } },
    );
    expect(unwired.how).toMatchObject({ status: "failed", error: { code: "run.message-size" } });
  });
});

describe("what nodes show and log", () => {
  it("ends after ten thousand times, and says so", async () => {
    const { host } = await live(
      graphOf([
        inject(1, "f"),
        code("f", `for (let i = 0; i < 10_050; i++) node.warn("w" + i); send(msg); done();`, "out"),
        debug(),
      ]),
    );
    const logs = host.events("log");
    expect(logs).toHaveLength(10_001);
    expect(logs.at(-1)).toMatchObject({ level: "warn", message: expect.stringContaining("left out") as string });
    expect(host.events("debug")).toEqual([]);
  });
});

describe("dropping a run", () => {
  it("ends it at once and records nothing more, whatever its nodes do", async () => {
    const { how, host } = await live(graphOf([inject(1, "wait"), delay("wait", "60000", "out"), debug()]), {
      meanwhile: async (engine, memory) => {
        while (memory.steps.length < 3) await new Promise((resolve) => setImmediate(resolve));
        engine.drop("run_1");
        memory.batches.length = 0;
        expect(engine.runs).toBe(0);
      },
    });
    expect(how).toEqual({ status: "dropped" });
    expect(host.batches).toEqual([]);
  });
});

describe("runs beside each other", () => {
  it("do not mix, although they share instances", async () => {
    const clock = new HandClock();
    const host = new MemoryHost(clock);
    const results = new Map<string, unknown[]>();
    const engine = createEngine({
      host: {
        record: (run, steps) => {
          for (const { node, msg } of steps)
            if (node === "out" && msg)
              results.set(run, [...(results.get(run) ?? []), (JSON.parse(msg) as { payload: unknown }).payload]);
        },
        commit: () => host.commit(),
        call: (...args) => host.call(...args),
      },
    });
    await engine.plan(
      graphOf([
        inject(0, "split"),
        split("switch"),
        {
          id: "switch",
          type: "switch",
          property: "payload",
          propertyType: "msg",
          rules: [{ t: "jsonata_exp", v: "payload > 0", vt: "jsonata" }],
          checkall: "true",
          wires: [["call"]],
        },
        { id: "call", type: "link call", links: ["entry"], linkType: "static", timeout: "30", wires: [["join"]] },
        { id: "entry", type: "link in", links: [], wires: [["t"]] },
        change("t", "payload * 2", "wait"),
        delay("wait", "5", "back"),
        { id: "back", type: "link out", mode: "return", links: [], wires: [] },
        join({}, "out"),
        debug(),
      ]),
    );
    const ids = Array.from({ length: 60 }, (_, i) => i + 1);
    const ends = await Promise.all(
      ids.map((i) =>
        engine.start({ runId: `run_${i}`, graph: "graph", start: { node: "in", set: { payload: [i, i + 1_000] } } }),
      ),
    );
    expect(ends.every(({ status }) => status === "completed")).toBe(true);
    for (const i of ids) expect(results.get(`run_${i}`)).toEqual([[2 * i, 2 * (i + 1_000)]]);
    await engine.close();
  });
});

describe("patience", () => {
  it("keeps messages back while the host is not ready for more", async () => {
    const clock = new HandClock();
    let free: (() => void) | undefined;
    let calls = 0;
    const engine = createEngine({
      clock,
      flush: "each",
      host: {
        record: () => {
          calls++;
          return new Promise<void>((resolve) => (free = resolve));
        },
        commit: () => Promise.resolve(),
        call: () => Promise.resolve(null),
      },
    });
    await engine.plan(graphOf([inject(1, "a"), change("a", "payload", "out"), debug()]));
    const ending = engine.start({ runId: "r", graph: "graph", start: { node: "in" } });
    const turns = async () => {
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    };
    await turns();
    expect(calls).toBe(1);
    for (let i = 0; i < 15; i++) {
      free?.();
      await turns();
    }
    expect((await ending).status).toBe("completed");
    await engine.close();
  });
});
