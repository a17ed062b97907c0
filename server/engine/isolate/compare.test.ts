import { fork, type ChildProcess } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompareCase, Trace } from "./test-compare.ts";

/** Function nodes by Node-RED's own module and by ours: what they send, log, set and store has to be the same. */
let child: ChildProcess;
beforeAll(() => {
  child = fork(path.join(import.meta.dirname, "test-compare.ts"), [], {
    execArgv: ["--no-node-snapshot", "--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
  });
});
afterAll(() => void child.kill());

let count = 0;
function both(one: CompareCase): Promise<{ stock: Trace; ours: Trace }> {
  const id = ++count;
  return new Promise((resolve) => {
    const hear = (answer: { id: number; stock: Trace; ours: Trace }) => {
      if (answer.id !== id) return;
      child.off("message", hear);
      resolve(answer);
    };
    child.on("message", hear);
    child.send({ id, one });
  });
}

const payload = (value: unknown) => [{ payload: value, topic: "t" }];
const CASES: Record<string, CompareCase> = {
  "passes a message on": { func: "return msg;", msgs: payload(1) },
  "changes a message": { func: "msg.payload = [msg.payload, msg.topic]; return msg;", msgs: payload(1) },
  "makes a new message, which gets the id": { func: "return { payload: 'new' };", msgs: payload(1) },
  "returns nothing": { func: "return;", msgs: payload(1) },
  "returns null": { func: "return null;", msgs: payload(1) },
  "sends to two outputs": { func: "return [{ payload: 1 }, { payload: 2 }];", msgs: payload(1) },
  "leaves an output out": { func: "return [null, { payload: 2 }];", msgs: payload(1) },
  "sends several by one output": {
    func: "return [[{ payload: 1 }, { payload: 2 }], { payload: 3 }];",
    msgs: payload(1),
  },
  "has holes in a list": { func: "return [[{ payload: 1 }, null, undefined, { payload: 2 }]];", msgs: payload(1) },
  "returns an empty list": { func: "return [];", msgs: payload(1) },
  "returns a text": { func: "return 'text';", msgs: payload(1) },
  "returns a number in a list": { func: "return [5, { payload: 1 }];", msgs: payload(1) },
  "returns a buffer": { func: "return Buffer.from('abc');", msgs: payload(1) },
  "returns a list in a list in a list": { func: "return [[[{ payload: 1 }]]];", msgs: payload(1) },
  "returns a function": { func: "return () => 1;", msgs: payload(1) },
  "returns false": { func: "return false;", msgs: payload(1) },
  "sends and then returns": { func: "node.send({ payload: 1 }); return { payload: 2 };", msgs: payload(1) },
  "sends the same message twice, changed": {
    func: "msg.payload = 1; node.send(msg); msg.payload = 2; node.send(msg);",
    msgs: payload(0),
  },
  "sends lists": { func: "node.send([[{ payload: 1 }, { payload: 2 }], { payload: 3 }]);", msgs: payload(0) },
  "sends what is no message": { func: "node.send('text'); node.send([1, [2]]);", msgs: payload(0) },
  "sends later": { func: "setTimeout(() => node.send({ payload: 'late' }), 2); return null;", msgs: payload(0) },
  "sends from an interval that stops itself": {
    func: "let n = 0; const t = setInterval(() => { node.send({ payload: ++n }); if (n === 3) clearInterval(t); }, 1);",
    msgs: payload(0),
  },
  "gives a timer's function arguments": {
    func: "setTimeout((a, b) => node.send({ payload: [a, b] }), 1, 'x', 2);",
    msgs: payload(0),
  },
  "clears a timer": {
    func: "const t = setTimeout(() => node.send({ payload: 1 }), 1); clearTimeout(t);",
    msgs: payload(0),
  },
  "throws in a timer": { func: "setTimeout(() => { throw new Error('late'); }, 1);", msgs: payload(0) },
  "waits with promisify": { func: "await promisify(setTimeout)(1); return msg;", msgs: payload(1) },
  "waits with util.promisify and gets the value": {
    func: "msg.payload = await util.promisify(setTimeout)(1, 'value'); return msg;",
    msgs: payload(1),
  },
  awaits: { func: "const v = await Promise.resolve(5); return { payload: v };", msgs: payload(1) },
  "awaits in an inner function only": {
    func: "(async () => { await 1; node.send({ payload: 'inner' }); })(); return { payload: 'outer' };",
    msgs: payload(1),
  },
  "returns a promise": {
    func: "return new Promise((ok) => setTimeout(() => ok({ payload: 1 }), 1));",
    msgs: payload(1),
  },
  "iterates asynchronously": {
    func: "async function* g() { yield 1; yield 2; } const all = []; for await (const x of g()) all.push(x); return { payload: all };",
    msgs: payload(1),
  },
  "throws an error": { func: "throw new Error('failed');", msgs: payload(1) },
  "throws an error with a code": {
    func: "throw Object.assign(new Error('failed'), { code: 'E_ONE' });",
    msgs: payload(1),
  },
  "throws a text": { func: "throw 'text';", msgs: payload(1) },
  "throws an object": { func: "throw { a: 1 };", msgs: payload(1) },
  "rejects after an await": { func: "await 1; throw new Error('later');", msgs: payload(1) },
  "uses what is not there": { func: "\nreturn missing.value;", msgs: payload(1) },
  "calls what is no function": { func: "msg.payload(); return msg;", msgs: payload(1) },
  "reads of undefined": { func: "return { payload: msg.a.b };", msgs: payload(1) },
  "calls node.done itself": { func: "setTimeout(() => { node.send(msg); node.done(); }, 2);", msgs: payload(1) },
  "mentions node.done() in a comment": { func: "// node.done()\nreturn msg;", msgs: payload(1) },
  "calls node.done with an error": { func: "node.done('problem'); return null;", msgs: payload(1) },
  "reports errors": {
    func: "node.error('one'); node.error('two', msg); node.error(new Error('three'), msg);",
    msgs: payload(1),
  },
  logs: {
    func: "node.log('l'); node.warn('w'); node.debug('d'); node.trace('t'); node.warn({ a: [1] });",
    msgs: payload(1),
  },
  "sets a status, cleared at the end": {
    func: "node.status({ fill: 'red', shape: 'dot', text: 'x' }); node.status('text');",
    msgs: payload(1),
  },
  "knows itself": { func: "return { payload: [node.id, node.name, node.path, node.outputCount] };", msgs: payload(1) },
  "stores in its context": {
    func: "const n = (context.get('n') || 0) + 1; context.set('n', n); return { payload: n };",
    msgs: [{}, {}, {}],
  },
  "stores in flow and global, also by way of context": {
    func: "flow.set('a', 1); context.flow.set('b', 2); global.set('c', 3); context.global.set('d', { e: 4 }); return { payload: [flow.get('b'), global.get('d.e'), flow.keys(), global.keys()] };",
    msgs: payload(1),
  },
  "stores by path": {
    func: "flow.set('a.b', 1); flow.set('a.c', [1, 2]); return { payload: flow.get('a.c[1]') };",
    msgs: payload(1),
  },
  "uses callbacks with contexts": {
    func: "flow.set('a', 5, (e) => flow.get('a', (e2, v) => flow.keys((e3, k) => node.send({ payload: [e, e2, v, e3, k] }))));",
    msgs: payload(1),
  },
  "uses stores with callbacks": {
    func: "flow.set('a', 5, 'memory', () => flow.get('a', 'memory', (e, v) => node.send({ payload: v })));",
    msgs: payload(1),
  },
  "reads the environment": {
    func: "return { payload: [env.get('REGION').plant, env.get('NOTHING')] };",
    msgs: payload(1),
  },
  "executes set-up before messages": {
    func: "return { payload: [helper(2), context.get('from')] };",
    config: { initialize: "helper = (x) => x * 2; context.set('from', 'setup');" },
    msgs: payload(1),
  },
  "waits for an asynchronous set-up": {
    func: "return { payload: context.get('ready') };",
    config: { initialize: "await new Promise((ok) => setTimeout(ok, 5)); context.set('ready', true);" },
    msgs: payload(1),
  },
  "cleans up": {
    func: "context.set('open', true); return null;",
    config: { finalize: "context.set('open', false); node.warn('closed');" },
    msgs: payload(1),
  },
  "does not send from clean-up": {
    func: "return null;",
    config: { finalize: "node.send({ payload: 1 });" },
    msgs: payload(1),
  },
  "hears of its end": { func: "node.on('close', () => node.warn('bye'));", msgs: payload(1) },
  "may not listen to input": { func: "node.on('input', () => {});", msgs: payload(1) },
  "declares names that are around it": {
    func: "const context = 1; let flow = 2; var global = 3; const env = 4; const util = 5; return { payload: [context, flow, global, env, util] };",
    msgs: payload(1),
  },
  "sees its global object as this": {
    func: "return { payload: [this === globalThis, typeof this.Buffer] };",
    msgs: payload(1),
  },
  "keeps globals between messages": {
    func: "seen = typeof seen === 'undefined' ? 1 : seen + 1; return { payload: seen };",
    msgs: [{}, {}],
  },
  "uses buffers": {
    func: "const b = Buffer.from('héllo'); return { payload: [b.length, b.toString('hex'), Buffer.concat([b, Buffer.alloc(2)]).length, Buffer.isBuffer(msg.payload), msg.payload.readUInt16BE(0), msg.payload.toString()] };",
    msgs: payload(Buffer.from("abc")),
  },
  "hands a buffer and a date on": {
    func: "msg.at = new Date(msg.at.getTime() + 1); return msg;",
    msgs: [{ payload: Buffer.from("xyz"), at: new Date(5) }],
  },
  "reads addresses": {
    func: "const u = new URL('/a b?x=1&y=ä#h', 'https://user:pw@host:8443'); u.searchParams.append('z', '1 2'); u.pathname += '/c'; return { payload: [u.href, u.host, u.search, [...u.searchParams], new URLSearchParams({ a: 'b c', d: 'ü' }).toString()] };",
    msgs: payload(1),
  },
  "complains of a bad address": { func: "new URL('nothing');", msgs: payload(1) },
  clones: {
    func: "const c = RED.util.cloneMessage(msg); c.payload.a.push(3); return [msg, c];",
    msgs: payload({ a: [1, 2], d: new Date(1) }),
  },
  "uses RED.util": {
    func: "RED.util.setMessageProperty(msg, 'x.y[0]', 5, true); return { payload: [RED.util.getMessageProperty(msg, 'x.y[0]'), RED.util.ensureString({ a: 1 }), RED.util.ensureBuffer('a').length, RED.util.compareObjects({ a: 1 }, { a: 1 }), RED.util.normalisePropertyExpression('a.b[\"c\"]'), RED.util.parseContextStore('#:(s)::k'), RED.util.normaliseNodeTypeName('a-b c'), RED.util.generateId().length, RED.util.getSetting(node, 'REGION')] };",
    msgs: payload(1),
  },
  "complains of a bad path": { func: "RED.util.getMessageProperty(msg, 'a[');", msgs: payload(1) },
  "evaluates JSONata": {
    func: "const e = RED.util.prepareJSONataExpression('$sum(payload) & $moment(0).utc().format(\"YYYY\")', node); return new Promise((ok) => RED.util.evaluateJSONataExpression(e, msg, (error, value) => ok({ payload: [error, value] })));",
    msgs: payload([1, 2, 3]),
  },
  formats: {
    func: "return { payload: [util.inspect({ a: [1] }), util.format('%s %d %j', 'x', 5, { b: 1 }), util.isDeepStrictEqual([1], [1]), util.types.isDate(new Date())] };",
    msgs: payload(1),
  },
  "hands a large payload on untouched": {
    func: "msg.topic = 'seen'; return msg;",
    msgs: payload(Array.from({ length: 300 }, (_, i) => ({ i, at: [i] }))),
  },
  "changes a large payload": {
    func: "msg.payload[7].i = -1; msg.payload.push('end'); return msg;",
    msgs: payload(Array.from({ length: 300 }, (_, i) => ({ i }))),
  },
  "sends a large payload twice, changed in between": {
    func: "node.send(msg); msg.payload.length = 2; node.send(msg); delete msg.payload; node.send(msg); msg.payload = 1; return msg;",
    msgs: payload(Array.from({ length: 300 }, (_, i) => ({ i }))),
  },
  "moves a large payload to another field": {
    func: "return [{ payload: { inner: msg.payload.length }, old: msg.payload }, { ...msg, topic: Object.keys(msg) }];",
    msgs: payload(Array.from({ length: 300 }, (_, i) => ({ i }))),
  },
  "keeps a large payload for the next message": {
    func: "const before = globalThis.last; globalThis.last = msg; return before ? { payload: before.payload.length } : null;",
    msgs: [...payload(Array.from({ length: 300 }, (_, i) => ({ i }))), ...payload(1)],
  },
  "survives a cycle": {
    func: "msg.self = msg; msg.payload = { up: msg }; return { payload: msg.self.self.topic };",
    msgs: payload(1),
  },
  "keeps keys that look like ours": {
    func: "return { payload: { $: 'd', v: 1, $x: { $: 1 } } };",
    msgs: payload({ $: "u" }),
  },
  "keeps numbers that JSON lacks": {
    func: "return { payload: [NaN, Infinity, -Infinity, undefined, 10n] };",
    msgs: payload(Number.NaN),
  },
  "uses a function of a closed message": {
    func: "if (!globalThis.say) globalThis.say = (m) => node.send(m); say({ payload: 'said' });",
    msgs: [{}, {}],
  },
};

describe("a function node does what Node-RED's does", () => {
  it.each(Object.entries(CASES))("%s", async (_name, one) => {
    const { stock, ours } = await both(one);
    expect(ours).toEqual(stock);
  });
});

describe("where it says more than Node-RED's", () => {
  it("names the line also after an await", async () => {
    const { ours } = await both({ func: "await 1;\n\n  return missing;" });
    expect(ours[0]).toMatchObject(["done", { error: "ReferenceError: missing is not defined (line 3, col 3)" }]);
  });

  it("gives the stop at the node's own time a code, under Node-RED's words", async () => {
    const { stock, ours } = await both({ func: "while (true) {}", config: { timeout: 0.05 } });
    expect(stock[0]).toMatchObject(["done", { error: "Script execution timed out after 50ms" }]);
    expect(ours[0]).toEqual(["done", { error: "Script execution timed out after 50ms", code: "function.timeout" }]);
  });

  it("fails messages that come after a set-up that failed, instead of swallowing them", async () => {
    const { stock, ours } = await both({
      func: "return msg;",
      config: { initialize: "throw new Error('no set-up');" },
    });
    expect(stock).toMatchObject([
      ["error", { error: "no set-up" }],
      ["context", {}],
    ]);
    expect(ours).toMatchObject([stock[0], ["done", { error: "no set-up" }], ["context", {}]]);
  });
});
