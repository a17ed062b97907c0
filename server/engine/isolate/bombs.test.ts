import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { functionFlow, startProcess, type TestProcess } from "./test-driver.ts";

/** What people may write into a function node to break out or to break things: each in a real process with a runner's flags. */
let running: TestProcess | undefined;
afterEach(() => running?.kill());

const LIMITS = { cpuMs: 400, isolateMb: 32 };

/** The process is well: the same flow's neighbour is executed as ever. */
async function expectHealthy(process: TestProcess) {
  const after = await process.run(functionFlow("msg.payload += 1; return msg;"), { payload: 1 });
  expect(after.out).toMatchObject([{ payload: 2 }]);
}

async function outcome(func: string, config: object = {}, limits = LIMITS) {
  running = await startProcess(limits);
  const result = await running.run(functionFlow(func, config), { payload: 1 });
  await expectHealthy(running);
  return result;
}

describe("code that keeps the processor is stopped by name, and the process goes on", () => {
  // One process for all of them: it has to outlive each.
  let process: TestProcess;
  beforeAll(async () => {
    process = await startProcess(LIMITS);
  });
  afterAll(() => process.kill());

  async function outcome(func: string, config: object = {}) {
    const result = await process.run(functionFlow(func, config), { payload: 1 });
    await expectHealthy(process);
    return result;
  }

  const loops: Record<string, string> = {
    "an endless loop": "while (true) {}",
    "an endless loop after an await": "await 1; while (true) {}",
    "a regular expression that backtracks": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
    "async functions that never end": "const f = async () => { for (;;) await null; }; await f();",
    "a getter of the result": "return { get payload() { while (true) {} } };",
    "toJSON of the result": "return { payload: { toJSON() { while (true) {} } }, get x() { for (;;) {} } };",
    "a proxy as the result": "return { payload: new Proxy({}, { ownKeys() { for (;;) {} } }) };",
    "an error whose message never comes": "throw { get message() { for (;;) {} }, get stack() { for (;;) {} } };",
    "a loop in code that is compiled there": "new Function('for (;;) {}')();",
    "sorting for ever": "const a = [3, 1, 2]; for (;;) a.sort(() => Math.random() - 0.5);",
    "a toString that is asked for by the host's operations":
      "node.warn({ toString() { for (;;) {} }, get a() { for (;;) {} } });",
  };
  it.each(Object.entries(loops))("%s", async (_name, code) => {
    const { failure } = await outcome(code);
    expect(failure).toMatchObject({ code: "function.timeout", message: expect.stringContaining('"my function"') });
    expect(failure?.message).toContain("400 ms");
  });

  it("promises that make promises, which fill the memory too: whatever is first", async () => {
    const { failure } = await outcome("const again = () => Promise.resolve().then(again); await again();");
    expect(failure?.code).toMatch(/^function\.(timeout|memory)$/);
  });

  it("names the line that was at work", async () => {
    const { failure } = await outcome("const a = 1;\n\nwhile (a) {}");
    expect(failure?.message).toContain("(line 3)");
  });

  it("a timer's function that does not end fails the run", async () => {
    const { failure } = await outcome("setTimeout(() => { for (;;) {} }, 1);");
    expect(failure?.code).toBe("function.timeout");
  });

  it("a set-up that does not end fails each message", async () => {
    const { failure } = await outcome("return msg;", { initialize: "for (;;) {}" });
    expect(failure?.code).toBe("function.timeout");
  });
});

describe("code that takes memory", () => {
  it("is stopped by name when it fills the isolate, and the process goes on with a new one", async () => {
    const { failure } = await outcome(
      "const a = []; for (;;) a.push({ x: 1, y: [1, 2, 3] });",
      {},
      { ...LIMITS, cpuMs: 10_000 },
    );
    expect(failure).toMatchObject({ code: "function.memory", message: expect.stringContaining('"my function"') });
    expect(failure?.message).toContain("32 MB");
  });

  it("likewise with strings", async () => {
    const { failure } = await outcome(
      "const a = []; for (;;) a.push('y'.repeat(1e6) + a.length);",
      {},
      { ...LIMITS, cpuMs: 10_000 },
    );
    expect(failure?.code).toBe("function.memory");
  });

  it("gets an error for one buffer or string that is too large", async () => {
    const { failure } = await outcome("new ArrayBuffer(1024 ** 3);");
    expect(failure?.message).toContain("Array buffer allocation failed");
    const text = await running?.run(functionFlow("let s = 'x'; for (;;) s += s;"));
    expect(text?.failure?.message).toContain("Invalid string length");
  });

  it("gets an error for a result that is too large to be passed on", async () => {
    running = await startProcess({ ...LIMITS, messageChars: 10_000 });
    const { failure } = await running.run(functionFlow("return { payload: 'x'.repeat(50_000) };"));
    expect(failure?.code).toBe("function.too-large");
    const context = await running.run(functionFlow("flow.set('big', 'x'.repeat(50_000));"));
    expect(context.failure?.code).toBe("function.too-large");
    await expectHealthy(running);
  });

  it.each([
    ["messages", "for (;;) node.send({ payload: 'x'.repeat(9000) });"],
    ["stored values", "for (let i = 0; ; i++) flow.set('k' + i, 'x'.repeat(9000));"],
    ["lines of log", "for (;;) node.warn('x'.repeat(9000));"],
    ["errors", "for (;;) node.error('x'.repeat(9000), msg);"],
  ])("gets an error for a storm of %s, long before the host runs out of memory", async (_name, code) => {
    running = await startProcess({ ...LIMITS, cpuMs: 10_000, messageChars: 10_000 });
    const { failure } = await running.run(functionFlow(code));
    expect(failure?.code).toMatch(/^(function\.too-large|node\.error)$/);
    expect(await running.memoryMb()).toBeLessThan(250);
    await expectHealthy(running);
  });

  it("may have some timers and some lines of log, not any number", async () => {
    const timers = await outcome("for (;;) setTimeout(() => {}, 10);");
    expect(timers.failure?.code).toBe("function.timers");
    const lines = await running?.run(functionFlow("for (let i = 0; i < 5000; i++) node.log(i); return msg;"));
    expect([lines?.log.length, lines?.log.at(-1)]).toEqual([1001, expect.stringContaining("left out")]);
    const long = await running?.run(functionFlow("node.warn('x'.repeat(1e6)); console.log('y'.repeat(1e6));"));
    for (const line of long?.log ?? []) expect(line.length).toBeLessThan(21_000);
  });

  it("gets an error for a BigInt that would take the host long to read", async () => {
    const { failure } = await outcome("return { payload: 10n ** 100000n };");
    expect(failure?.code).toBe("function.too-large");
  });

  it("gets an error for a result that is nested too deeply", async () => {
    const { failure } = await outcome("let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; return { payload: a };");
    expect(failure?.code).toBe("function.depth");
  });

  it("gets an error for recursion without an end", async () => {
    const { failure } = await outcome("(function f() { f(); })();");
    expect(failure?.message).toContain("Maximum call stack size exceeded");
  });

  it("lets nobody else's run of another flow feel it, and has the other runs of its flow go on from their log", async () => {
    running = await startProcess({ ...LIMITS, cpuMs: 10_000 });
    const waits =
      "while (!global.get('go')) await new Promise((ok) => setTimeout(ok, 20)); return { payload: 'well' };";
    const nodes = functionFlow(
      `if (msg.payload === 'bomb') { const a = []; for (;;) a.push({ x: [1, 2, 3] }); }
       if (msg.payload === 'go') { global.set('go', true); return null; }
       ${waits}`,
    );
    await running.run(nodes, {}, { node: "out" }); // planned
    const graph = running.lastGraph;
    const other = functionFlow(waits);
    await running.run(other, {}, { node: "out" });
    const neighbour = running.run(running.lastGraph, { payload: 1 });
    const patient = running.run(graph, { payload: 1 }, { runId: "patient" });
    const guilty = await running.run(graph, { payload: "bomb" });
    expect(guilty.failure?.code).toBe("function.memory");
    expect((await patient).ended).toMatchObject({ status: "interrupted" });
    const again = running.run(graph, { payload: 1 }, { runId: "patient", resume: true });
    await running.run(graph, { payload: "go" });
    expect((await again).out).toMatchObject([{ payload: "well" }]);
    expect((await neighbour).out).toMatchObject([{ payload: "well" }]);
  });
});

describe("what only the end of the process stops", () => {
  // Here the test is the supervisor: it waits the time that a run may keep the processor and more, then kills.
  const unstoppable: Record<string, string> = {
    "BigInt arithmetic": "let b = 2n ** 1000000n; for (;;) b = b * b;",
    "one fill of a huge array": "return { payload: new Array(2 ** 29).fill(0).length };",
  };
  it.each(Object.entries(unstoppable))("%s: the process answers nobody until it is killed", async (_name, code) => {
    const process = (running = await startProcess(LIMITS));
    const run = process.run(functionFlow(code)).then(
      () => "answered",
      (error: Error) => error.message,
    );
    const deadline = new Promise((ok) => setTimeout(ok, LIMITS.cpuMs + 1_000));
    const first = await Promise.race([run, deadline.then(() => "stuck")]);
    process.kill();
    expect(first).toBe("stuck");
    expect(await run).toContain("SIGKILL");
  });

  it("V8 itself gives up on a map that grows: the process aborts at once instead of hanging", async () => {
    running = await startProcess({ ...LIMITS, cpuMs: 10_000 });
    const run = running.run(functionFlow("const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });"));
    // Which of the two comes first is up to V8.
    const how = await run.then(
      ({ failure }) => failure?.code,
      (error: Error) => error.message,
    );
    expect(["function.memory", "The process ended with SIGABRT"]).toContain(how);
  });

  it("arrays of numbers grow beyond the limit: memory, not the isolate, is what shows it", async () => {
    running = await startProcess({ ...LIMITS, cpuMs: 60_000 });
    const before = await running.memoryMb();
    const run = running
      .run(functionFlow("const a = []; for (;;) a.push(new Array(1000).fill(1.5));"))
      .catch(() => undefined);
    let grown = 0;
    while (
      grown < 300 &&
      (await Promise.race([run.then(() => true), new Promise((ok) => setTimeout(ok, 50))])) !== true
    )
      grown = (await running.memoryMb()) - before;
    running.kill();
    expect(grown).toBeGreaterThan(300);
    expect(await running.ended).toBe("SIGKILL");
  });
});

describe("ways out lead nowhere", () => {
  const ESCAPES: Record<string, string> = {
    "the constructor of Buffer": "Buffer.constructor('return process')()",
    "the constructor of this": "this.constructor.constructor('return process')()",
    "the constructor of a function that the host gave": "node.send.constructor('return process')()",
    "the constructor of an error of the host":
      "(() => { try { env.get(Symbol()) ; context.get({}) } catch (e) { return e.constructor.constructor('return process')() } })()",
    "the constructor of a stored value":
      "(flow.set('a', { x: 1 }), flow.get('a')).constructor.constructor('return process')()",
    "the environment": "process.env.PATH",
    require: "require('fs')",
    "the prototype of the message": "msg.constructor.constructor('return process')()",
    "frames of errors":
      "(() => { Error.prepareStackTrace = (e, f) => f.map((x) => x.getFunction() || x.getThis()); const s = new Error().stack; return s.find((x) => x && x.constructor && x !== globalThis && x.constructor('return process')()) || process })()",
  };
  it("finds neither process nor require by any of them", async () => {
    running = await startProcess(LIMITS);
    for (const [name, expression] of Object.entries(ESCAPES)) {
      const { failure, out } = await running.run(functionFlow(`return { payload: typeof (${expression}) };`));
      expect([name, out, failure?.message]).toEqual([
        name,
        [],
        expect.stringMatching(/ReferenceError: (process|require) is not defined|process is not defined/),
      ]);
    }
    await expectHealthy(running);
  });

  it("finds no way to the host among the globals, and no threads or shared memory", async () => {
    const { out } = await outcome(
      "return { payload: Object.getOwnPropertyNames(globalThis).filter((k) => !/^[A-Z]/.test(k)).sort() };",
    );
    expect(out[0]?.["payload"]).toEqual([
      "console",
      "decodeURI",
      "decodeURIComponent",
      "encodeURI",
      "encodeURIComponent",
      "escape",
      "eval",
      "globalThis",
      "isFinite",
      "isNaN",
      "parseFloat",
      "parseInt",
      "promisify",
      "undefined",
      "unescape",
      "util",
    ]);
    const types = await running?.run(
      functionFlow(
        "return { payload: [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof FinalizationRegistry] };",
      ),
    );
    expect(types?.out[0]?.["payload"]).toEqual(["undefined", "undefined", "undefined", "undefined"]);
  });

  it("changes no prototype of the host", async () => {
    running = await startProcess(LIMITS);
    const pollute = [
      "Object.prototype.polluted = 1; msg.__proto__.polluted = 1;",
      "RED.util.setObjectProperty({}, 'constructor.prototype.polluted', 1);",
      "try { RED.util.setMessageProperty(msg, '__proto__.polluted', 1) } catch {}",
      "flow.set('o', {}); global.set('o', {}); context.set('o', {});",
      "try { flow.set('o.__proto__.polluted', 1) } catch {}",
      "try { flow.set('#:(memory)::o.__proto__.polluted', 1) } catch {}",
      "try { global.set('o[\"constructor\"].prototype.polluted', 1) } catch {}",
      "try { context.set(['x', 'o.constructor.prototype.polluted'], [1, 1]) } catch {}",
      "try { flow.set('__proto__.polluted', 1); global.set('constructor.prototype.polluted', 1) } catch {}",
      "context.set('a', JSON.parse('{\"__proto__\": {\"polluted\": 1}}'));",
      'return { payload: JSON.parse(\'{"__proto__": {"polluted": 1}, "a": 1}\'), d: new Date(0), ...JSON.parse(\'{"__proto__": {"polluted": 1}}\') };',
    ].join("\n");
    const { out } = await running.run(functionFlow(pollute));
    expect(Object.hasOwn(out[0]?.["payload"] as object, "__proto__")).toBe(false);
    // The change node is executed by the host.
    const probe = functionFlow("return msg;", { wires: [["c"]] }, [
      {
        id: "c",
        type: "change",
        wires: [["out"]],
        rules: [
          { t: "set", p: "payload", pt: "msg", to: "{}", tot: "json" },
          { t: "set", p: "found", pt: "msg", to: "payload.polluted", tot: "msg" },
        ],
      },
    ]);
    const after = await running.run(probe);
    expect(after.out[0]).toMatchObject({ payload: {} });
    expect(after.out[0]?.["found"]).toBeUndefined();
  });

  it("keeps its own calls apart although the code replaces built-ins", async () => {
    running = await startProcess(LIMITS);
    const sabotage =
      "JSON.stringify = () => '\"x\"'; JSON.parse = () => ({}); Array.isArray = () => false; Object.keys = () => []; " +
      "Map.prototype.get = () => undefined; Promise.prototype.then = function () { return this; }; Reflect.apply = () => 1;";
    const nodes = functionFlow(
      "await null; flow.set('n', msg.payload); return { payload: flow.get('n') + 1, at: new Date(5) };",
      { initialize: sabotage },
    );
    const first = await running.run(nodes, { payload: 1 });
    expect(first.out).toMatchObject([{ payload: 2, at: new Date(5) }]);
    const second = await running.run(running.lastGraph, { payload: 10 });
    expect(second.out).toMatchObject([{ payload: 11 }]);
  });

  it("lets no run stop a timer of another", async () => {
    running = await startProcess(LIMITS);
    const nodes = functionFlow(
      "if (msg.payload === 'thief') { for (let i = 0; i < 100; i++) { clearTimeout(i); clearInterval(i); } return { payload: 'tried' }; }" +
        "setTimeout(() => node.send({ payload: 'kept' }), 200);",
    );
    const owner = running.run(nodes, { payload: "owner" });
    const graph = running.lastGraph;
    await new Promise((ok) => setTimeout(ok, 50));
    expect((await running.run(graph, { payload: "thief" })).out).toMatchObject([{ payload: "tried" }]);
    expect((await owner).out).toMatchObject([{ payload: "kept" }]);
  });

  it("has a storm of timers end with the run", async () => {
    running = await startProcess({ ...LIMITS, steps: 50 });
    const { failure } = await running.run(
      functionFlow("for (let i = 0; i < 1000; i++) setInterval(() => node.send({ payload: i }), 1);"),
    );
    expect(failure?.code).toBe("run.steps");
    await expectHealthy(running);
  });
});
