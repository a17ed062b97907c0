import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EngineHost, Graph, StepRecord } from "#server/engine/contract.ts";
import { createEngine } from "#server/engine/engine.ts";
import type { Ended, Engine } from "#server/engine/engine-types.ts";
import { graphOf, HandClock, logOf, MemoryHost } from "#server/engine/test-engine.ts";
import { live } from "#server/engine/test-life.ts";
import { change, code, debug, inject } from "#server/engine/test-nodes.ts";

/** A server that counts. */
let requests: { method: string; url: string }[] = [];
let server: Server;
let origin: string;
let engines: Engine[] = [];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push({ method: request.method ?? "", url: request.url ?? "" });
    if (request.url === "/broken") request.socket.destroy();
    else response.setHeader("content-type", "application/json").end(JSON.stringify({ count: requests.length }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  engines = [];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const request = (method: string, path = "/", more: object = {}) => ({
  id: "http",
  type: "http request",
  method,
  ret: "obj",
  url: `${origin}${path}`,
  senderr: false,
  wires: [["x"]],
  ...more,
});
const asking = (method: string, path?: string, more?: object): Graph =>
  graphOf([inject({ n: 1 }, "http"), request(method, path, more), change("x", "payload.count", "out"), debug()]);

/** Real time: the requests are real. */
function start(graph: Graph, host: EngineHost, records?: StepRecord[]): Promise<Ended> {
  const engine = createEngine({ host });
  engines.push(engine);
  const run = { runId: "run_1", graph: graph.key, start: { node: "in" } };
  return engine.plan(graph).then(() => engine.start(records ? { ...run, log: logOf(records) } : run));
}

const memory = (answer?: (op: string, args: unknown) => unknown) =>
  new MemoryHost({ now: Date.now, after: () => () => undefined }, answer);

/** The state of `http` in what is durable at a cut. */
const stateAt = (host: MemoryHost, cut: number) => {
  const { steps } = logOf(host.batches.slice(0, cut).flatMap(({ steps: some }) => some));
  return { http: steps.find(({ node }) => node === "http")?.state, next: steps.some(({ node }) => node === "x") };
};

describe("a node that acts outside by itself", () => {
  it("acts when all before it is durable, and what it got is durable before anything after it", async () => {
    const durable: string[] = [];
    let seen: string[] = [];
    const host: EngineHost = {
      record: (_run, steps) => void steps.forEach(({ node, state }) => seen.push(`${node} ${state}`)),
      commit: async () => {
        durable.push(`commit, ${requests.length} requests: ${seen.join(", ")}`);
        seen = [];
        await Promise.resolve();
      },
      call: () => Promise.resolve(null),
    };
    const how = await start(asking("POST"), host);
    expect(how).toMatchObject({ status: "completed", output: { payload: 1 } });
    expect(durable).toEqual([
      "commit, 0 requests: in queued, in done, http queued, http running",
      "commit, 1 requests: x queued, http done",
    ]);
  });

  it("is not asked again when its result is known, however the run was cut", async () => {
    const first = memory();
    const whole = await start(asking("POST"), first);
    expect(requests).toHaveLength(1);
    for (let cut = 1; cut < first.batches.length; cut++) {
      const records = first.batches.slice(0, cut).flatMap(({ steps }) => steps);
      const { http, next } = stateAt(first, cut);
      if (http !== "done" && !next) continue;
      requests = [];
      const second = memory();
      expect(await start(asking("POST"), second, records)).toEqual(whole);
      expect(requests).toEqual([]);
      expect(second.carriedOut).toEqual([]);
    }
  });

  const begun = (host: MemoryHost) => {
    const cut = host.batches.findIndex((_, i) => stateAt(host, i + 1).http === "running" && !stateAt(host, i + 1).next);
    return host.batches.slice(0, cut + 1).flatMap(({ steps }) => steps);
  };

  it.each(["GET", "HEAD", "PUT", "DELETE"])("is simply repeated after a crash with %s", async (method) => {
    const first = memory();
    await start(asking(method, "/", { ret: method === "HEAD" ? "txt" : "obj" }), first);
    requests = [];
    const second = memory();
    const how = await start(asking(method, "/", { ret: method === "HEAD" ? "txt" : "obj" }), second, begun(first));
    expect(how.status).toBe("completed");
    expect(requests).toHaveLength(1);
    expect(second.carriedOut).toEqual([]);
  });

  it("is repeated with POST when the request has an idempotency key", async () => {
    const keyed = asking("POST", "/", {
      headers: [{ keyType: "other", keyValue: "Idempotency-Key", valueType: "other", valueValue: "abc" }],
    });
    const first = memory();
    await start(keyed, first);
    requests = [];
    const second = memory();
    await start(keyed, second, begun(first));
    expect(requests).toHaveLength(1);
    expect(second.carriedOut).toEqual([]);
  });

  it("asks somebody after a crash with POST: repeat, go on with a value, or fail", async () => {
    const first = memory();
    await start(asking("POST"), first);
    const outcomes: Record<string, unknown> = {};
    const decisions = [
      { decision: "repeat", values: {} },
      { decision: "skip", values: { value: '{"count": 42}' } },
      { decision: "fail", values: {} },
    ];
    for (const decision of decisions) {
      requests = [];
      const second = memory(() => decision);
      const how = await start(asking("POST"), second, begun(first));
      expect(second.carriedOut).toMatchObject([
        { op: "approval.request", args: { kind: "decision", title: 'Was "http request" done?' } },
      ]);
      outcomes[decision.decision] = [requests.length, how.status === "completed" ? how.output : how];
    }
    expect(outcomes).toMatchObject({
      repeat: [1, { payload: 1 }],
      skip: [0, { payload: 42 }],
      fail: [0, { status: "failed", error: { code: "effect.unknown" } }],
    });
  });

  it("asks the same question while it is open, and another one after the attempt that was decided on", async () => {
    const first = memory();
    await start(asking("POST"), first);
    const cut = begun(first);
    const refs: unknown[] = [];
    const second = memory(() => ({ decision: "repeat", values: {} }));
    await start(asking("POST"), second, cut);
    refs.push(second.carriedOut[0]?.ref);
    const third = memory(() => ({ decision: "repeat", values: {} }));
    await start(asking("POST"), third, cut);
    refs.push(third.carriedOut[0]?.ref);
    const attempt = second.batches.findIndex(({ steps }) =>
      steps.some(({ node, state }) => node === "http" && state === "running"),
    );
    const again = [...cut, ...second.batches.slice(0, attempt + 1).flatMap(({ steps }) => steps)];
    const fourth = memory(() => ({ decision: "fail", values: {} }));
    await start(asking("POST"), fourth, again);
    refs.push(fourth.carriedOut[0]?.ref);
    expect(refs[1]).toEqual(refs[0]);
    expect(refs[2]).not.toEqual(refs[0]);
  });

  it("leaves its error to the catch node, which gets it once", async () => {
    const graph = graphOf([
      inject(1, "http"),
      request("POST", "/broken", { senderr: true }),
      { id: "catch", type: "catch", scope: null, uncaught: false, wires: [["x"]] },
      change("x", "error.source.id", "out"),
      debug(),
    ]);
    const first = memory();
    const whole = await start(graph, first);
    expect(whole).toMatchObject({ status: "completed", output: { payload: "http" } });
    for (let cut = 1; cut < first.batches.length; cut++) {
      const records = first.batches.slice(0, cut).flatMap(({ steps }) => steps);
      if (!logOf(records).steps.some(({ node }) => node === "catch")) continue;
      requests = [];
      expect(await start(graph, memory(), records)).toEqual(whole);
      expect(requests).toEqual([]);
    }
  });
});

describe("an approval", () => {
  const graph = graphOf([
    inject(1, "ask", "wait"),
    code(
      "ask",
      `call("approval.request", { title: "Go?" }).then((a) => { msg.payload = a.decision; send(msg); done(); });`,
      "out",
    ),
    { id: "wait", type: "delay", pauseType: "delay", timeout: "10", timeoutUnits: "seconds", wires: [["out"]] },
    debug(),
  ]);

  it("lets the run say that it waits, when nothing else is at work, and go on when it is answered", async () => {
    const clock = new HandClock();
    const began = clock.now();
    const { how, host } = await live(graph, { clock, answer: () => new Promise(() => undefined) });
    expect(how).toEqual({ status: "waiting", waits: [{ step: 2, n: 1 }] });
    expect(clock.now() - began).toBeGreaterThanOrEqual(10_000);
    expect(logOf(host.steps).steps.map(({ node, state }) => `${node} ${state}`)).toEqual([
      "in done",
      "ask running",
      "wait done",
      "out done",
    ]);
    const later = new HandClock(clock.now() + 3 * 86_400_000);
    const { how: end } = await live(graph, {
      clock: later,
      answer: () => ({ decision: "yes" }),
      log: logOf(host.steps),
    });
    expect(end).toEqual({
      status: "completed",
      output: {
        payload: "yes",
        messages: [
          { node: "out", payload: 1 },
          { node: "out", payload: "yes" },
        ],
      },
    });
  });
});
