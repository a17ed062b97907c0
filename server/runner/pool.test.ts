import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { RUN_LIMITS, type ContextWrite } from "#server/engine/contract.ts";
import { until } from "#tests/support/until.ts";
import type { RunEnd } from "./pool.ts";
import { ENTRY, host, job, pool, run, valueOf } from "./test-pool.ts";

const isAlive = (pid: number): boolean => {
  try {
    // A zombie is no longer anything: its parent has not yet been told.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
};

describe("a runner", () => {
  it("executes a run and tells what was recorded before its end", async () => {
    const heard = host();
    expect(valueOf(await run(pool(), job("echo", { value: { a: [1] } }), heard))).toEqual({ a: [1] });
    expect(heard.steps).toEqual([expect.objectContaining({ node: "the echo", state: "running" })]);
  });

  it("has an empty environment and cannot be told secrets by it", async () => {
    const env = valueOf(await run(pool(), job("env"))) as Record<string, string>;
    expect(Object.keys(env).sort()).toEqual(["NODE_ENV", "TZ"]);
  });

  it("waits with what acts until the worker says that all before is durable", async () => {
    let durable: () => void = () => undefined;
    const heard = host({ commit: () => new Promise((done) => (durable = done)) });
    let over = false;
    const end = run(pool(), job("commit"), heard).finally(() => (over = true));
    await until("the commit is asked for", () => heard.steps.length > 0);
    expect(over).toBe(false);
    expect(heard.steps.some(({ state }) => state === "done")).toBe(false);
    await until("the worker was asked", () => (durable(), over));
    expect(valueOf(await end)).toBe("durable");
  });

  it("asks the worker, and is given answers and refusals with their code", async () => {
    const one = pool();
    const asked: unknown[] = [];
    const answers = host({
      call: async (ref, op, args) => {
        asked.push([ref, op, args]);
        return { answer: 42 };
      },
    });
    expect(valueOf(await run(one, job("call", { args: { x: 1 } }), answers))).toEqual({ answer: 42 });
    expect(asked).toEqual([[{ step: 1, n: 1 }, "tool.call", { x: 1 }]]);
    const refuses = host({
      call: async () => {
        throw Object.assign(new Error("Not today"), { code: "tool.forbidden" });
      },
    });
    expect(await run(one, job("call"), refuses)).toMatchObject({
      outcome: { status: "failed", error: { code: "tool.forbidden", message: "Not today" } },
    });
  });

  it("says why a graph cannot be executed, and goes on with others", async () => {
    const one = pool();
    const ends = await Promise.all([
      run(one, job("refused")),
      run(one, job("refused")),
      run(one, job("echo", { value: 1 })),
    ]);
    const error = { code: "flow.unknown-type", message: "The node x is of no use" };
    expect(ends.slice(0, 2)).toEqual([
      { type: "refused", error },
      { type: "refused", error },
    ]);
    expect(valueOf(ends[2] as RunEnd)).toBe(1);
    expect(await run(one, job("refused"))).toEqual({ type: "refused", error });
  });
});

describe("who gets which runner", () => {
  it("gives the runs of a workspace one runner and another workspace another, never one that was used", async () => {
    const one = pool();
    const pids = await Promise.all(
      ["wsp_1", "wsp_1", "wsp_2"].map(async (workspaceId) => valueOf(await run(one, job("pid", {}, { workspaceId })))),
    );
    expect(pids[0]).toBe(pids[1]);
    expect(pids[2]).not.toBe(pids[0]);
    expect(valueOf(await run(one, job("pid")))).toBe(pids[0]);
    expect(one.runners().map(({ workspaceId }) => workspaceId)).toEqual(["wsp_1", "wsp_2"]);
  });

  it("keeps one ready that nobody has, and another as soon as that is taken", async () => {
    const one = pool({ size: { warm: 1, limit: 4, memoryMb: 400 } });
    const warm = await until("one is ready", () => one.runners().find(({ ready }) => ready)?.pid);
    expect(valueOf(await run(one, job("pid")))).toBe(warm);
    const next = await until(
      "the next is ready",
      () => one.runners().find((r) => r.ready && r.workspaceId === null)?.pid,
    );
    expect(next).not.toBe(warm);
  });

  it("ends an idle runner of another workspace for one that is needed at the limit", async () => {
    const one = pool({ size: { warm: 0, limit: 1, memoryMb: 400 } });
    const first = valueOf(await run(one, job("pid"))) as number;
    expect(valueOf(await run(one, job("pid", {}, { workspaceId: "wsp_2" })))).not.toBe(first);
    expect(one.runners()).toHaveLength(1);
    expect(isAlive(first)).toBe(false);
  });

  it("lets a run wait at the limit until a runner is free; one that others wait for does not wait", async () => {
    const one = pool({ size: { warm: 0, limit: 1, memoryMb: 400 } });
    const stop = new AbortController();
    const busy = run(one, job("hang"), host(), stop.signal).catch((error: unknown) => error);
    let waited = false;
    const waiting = run(one, job("echo", { value: 2 }, { workspaceId: "wsp_2" })).finally(() => (waited = true));
    const urgent = await run(one, job("echo", { value: 3 }, { workspaceId: "wsp_3", urgent: true }));
    expect(valueOf(urgent)).toBe(3);
    expect(waited).toBe(false);
    stop.abort(new Error("cancelled"));
    await busy;
    expect(valueOf(await waiting)).toBe(2);
  });

  it("ends one that has had no run for a while", async () => {
    const one = pool({ pace: { idleMs: 100 } });
    const pid = valueOf(await run(one, job("pid"))) as number;
    await until("it is ended", () => one.runners().length === 0);
    expect(isAlive(pid)).toBe(false);
  });

  it("gives a run that is to be alone a runner of its own, and ends that with the run", async () => {
    const one = pool();
    const shared = valueOf(await run(one, job("pid")));
    const alone = valueOf(await run(one, job("pid", {}, { alone: true }))) as number;
    expect(alone).not.toBe(shared);
    await until("it is gone", () => !isAlive(alone));
    expect(valueOf(await run(one, job("pid")))).toBe(shared);
  });
});

describe("flow and global context", () => {
  it("is there before the first run, and what one runner writes the others of the workspace know", async () => {
    const stored: ContextWrite[] = [{ scope: "global", key: "a", value: "1" }];
    const one = pool({ contexts: async (workspaceId) => (workspaceId === "wsp_1" ? stored : []) });
    expect(valueOf(await run(one, job("context")))).toEqual({ a: "1" });
    await run(one, job("write", { key: "b", value: 2 }, { alone: true }));
    expect(valueOf(await run(one, job("context")))).toEqual({ a: "1", b: "2" });
    one.setContext("wsp_1", [{ scope: "global", key: "a", value: undefined }]);
    expect(valueOf(await run(one, job("context")))).toEqual({ b: "2" });
    expect(valueOf(await run(one, job("context", {}, { workspaceId: "wsp_2" })))).toEqual({});
  });
});

describe("the supervisor", () => {
  it.each([
    ["stalled", job("block"), { pace: { stallMs: 400 } }],
    ["memory", job("grow"), { size: { warm: 0, limit: 4, memoryMb: 200 } }],
    ["crashed", job("abort"), {}],
    ["crashed", job("exit", { code: 7 }), {}],
    ["killed", job("die"), {}],
  ] as const)(
    "tells that a runner ended because it %s, with what was recorded before",
    async (cause, guilty, options) => {
      const one = pool(options);
      const heard = host();
      const end = await run(one, { ...guilty }, heard);
      expect(end).toMatchObject({ type: "died", company: 0, death: { cause } });
      expect(heard.steps).toEqual([expect.objectContaining({ node: `the ${guilty.graph.nodes[0]?.type}` })]);
      expect(valueOf(await run(one, job("echo", { value: 1 })))).toBe(1);
    },
  );

  it("tells every run that was in there how many others were", async () => {
    const one = pool({ pace: { stallMs: 400 } });
    const innocent = [run(one, job("hang")), run(one, job("hang"))];
    await until("they are in", () => one.runners()[0]?.runs === 2);
    const ends = await Promise.all([...innocent, run(one, job("block"))]);
    for (const end of ends) expect(end).toMatchObject({ type: "died", company: 2, death: { cause: "stalled" } });
  });

  it("bears a long computation that stays within its time", async () => {
    const one = pool({ pace: { stallMs: 3_000 } });
    expect(await run(one, job("blockFor", { ms: 700 }))).toMatchObject({ outcome: { status: "completed" } });
  });

  it("does not take its own silence for theirs", async () => {
    const one = pool({ pace: { stallMs: 300 } });
    const hanging = run(one, job("hang"));
    await until("it runs", () => one.runners()[0]?.runs === 1 && one.runners()[0]?.ready);
    for (const over = performance.now() + 900; performance.now() < over;);
    expect(await Promise.race([hanging, new Promise((later) => setTimeout(later, 300, "still there"))])).toBe(
      "still there",
    );
  });

  it("ends a runner that does not start, and does not try at once again and again", async () => {
    const one = pool({ entry: path.join(import.meta.dirname, "no-such-file.ts"), pace: { idleMs: 50 } });
    const stop = new AbortController();
    const end = run(one, job("echo"), host(), stop.signal);
    expect(await end).toMatchObject({ type: "interrupted", reason: expect.stringContaining("did not start") });
    const again = run(one, job("echo"), host(), stop.signal).catch((error: unknown) => error);
    expect(one.runners()).toHaveLength(0);
    stop.abort(new Error("enough"));
    expect(await again).toMatchObject({ message: "enough" });
  });
});

describe("a cancel", () => {
  const cancelled = new Error("cancelled");
  it("ends a run that waits, and leaves its runner as it is", async () => {
    const one = pool();
    const stop = new AbortController();
    const pid = valueOf(await run(one, job("pid")));
    const end = run(one, job("hang"), host(), stop.signal);
    await until("it runs", () => one.runners()[0]?.runs === 1);
    stop.abort(cancelled);
    await expect(end).rejects.toBe(cancelled);
    await new Promise((later) => setTimeout(later, 700));
    expect(valueOf(await run(one, job("pid")))).toBe(pid);
  });

  it("ends a run within a second whatever its node does; its neighbours go on elsewhere without blame", async () => {
    const one = pool();
    const stop = new AbortController();
    const pid = valueOf(await run(one, job("pid"))) as number;
    const neighbour = run(one, job("hang"));
    const end = run(one, job("block"), host(), stop.signal);
    await until("both run", () => one.runners()[0]?.runs === 2);
    await new Promise((later) => setTimeout(later, 100));
    const began = performance.now();
    stop.abort(cancelled);
    await expect(end).rejects.toBe(cancelled);
    expect(await neighbour).toMatchObject({ type: "interrupted" });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(isAlive(pid)).toBe(false);
  });

  it("of a run that waits for a runner takes it out of the queue", async () => {
    const one = pool({ size: { warm: 0, limit: 1, memoryMb: 400 } });
    const holds = new AbortController();
    const busy = run(one, job("hang"), host(), holds.signal).catch(() => undefined);
    const stop = new AbortController();
    const waiting = run(one, job("echo", {}, { workspaceId: "wsp_2" }), host(), stop.signal);
    stop.abort(cancelled);
    await expect(waiting).rejects.toBe(cancelled);
    holds.abort(cancelled);
    await busy;
  });
});

describe("the end", () => {
  it("of the pool ends every runner, and what ran in them counts as interrupted", async () => {
    const one = pool({ size: { warm: 1, limit: 4, memoryMb: 400 } });
    const hanging = run(one, job("hang"));
    await until("two are there", () => one.runners().filter(({ ready }) => ready).length === 2);
    const pids = one.runners().map(({ pid }) => pid ?? 0);
    await one.close();
    expect(await hanging).toMatchObject({ type: "interrupted" });
    expect(pids.filter(isAlive)).toEqual([]);
    expect(await run(one, job("echo"))).toMatchObject({ type: "interrupted" });
  });
});

describe("a runner whose parent is killed", () => {
  it.each(["hang", "block"])("ends by itself, also when its code cannot be interrupted: %s", async (type) => {
    const program = `
      import { createRunnerPool } from ${JSON.stringify(path.join(import.meta.dirname, "pool.ts"))};
      const pool = createRunnerPool({
        limits: ${JSON.stringify(RUN_LIMITS)}, allowPrivateHosts: [], size: { warm: 0, limit: 1, memoryMb: 400 },
        contexts: async () => [], log: { warn() {}, error() {}, info() {} }, entry: ${JSON.stringify(ENTRY)},
      });
      const host = { record: () => console.log(pool.runners()[0].pid), commit: async () => {}, call: async () => {} };
      pool.execute(${JSON.stringify(job(type))}, host, new AbortController().signal);
    `;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = Number(
      await new Promise((said) => parent.stdout.once("data", (text: Buffer) => said(text.toString()))),
    );
    await new Promise((later) => setTimeout(later, 300)); // it is blocked by now
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await until("the runner is gone", () => !isAlive(pid), 3_000);
  });
});
