import { afterAll, beforeAll, describe, expect } from "vitest";
import { RUN_LIMITS } from "#server/engine/contract.ts";
import { until } from "#tests/support/until.ts";
import { it, type World } from "#tests/support/world.ts";
import { cancelRun } from "../../runs/index.ts";
import { becomes, debug, delay, flowWorker, fn, inject, payloadOf, reaches, run } from "./test-execution.ts";

/** Short, so that the tests are; the runner has three seconds more before it counts as stalled. */
const limits = { ...RUN_LIMITS, cpuMs: 1_000 };
const size = { warm: 1, limit: 4, memoryMb: 400 };
let worker: Awaited<ReturnType<typeof flowWorker>> | undefined;
const ready = async (world: World) => {
  worker ??= await flowWorker(world, { pool: { size, limits } });
  return worker;
};
beforeAll(() => {
  worker = undefined;
});
afterAll(() => worker?.stop());

/** Code that ends its run, and only that, with an error that says what happened. */
const BOMBS: [string, string, RegExp][] = [
  ["a loop without end", "while (true) {}", /function\.timeout|run\.killed-runner/],
  [
    "a loop in a promise",
    "Promise.resolve().then(() => { while (true) {} }); await new Promise(() => {});",
    /timeout|killed/,
  ],
  [
    "an allocation bomb",
    "const all = []; while (true) all.push({ x: 1, y: [1, 2, 3] });",
    /function\.memory|run\.killed-runner|timeout/,
  ],
  ["a BigInt bomb", "let b = 2n ** 1000000n; while (true) b = b * b;", /timeout|killed|Maximum BigInt size/],
  ["a huge array", "new Array(2 ** 29).fill(0); while (true) {}", /memory|killed|timeout|Invalid/],
  ["a regular expression that never ends", "/^(a+)+$/.test('a'.repeat(50) + 'b'); return msg;", /timeout|killed/],
];

describe("code that would bring the process down", () => {
  for (const [name, code, error] of BOMBS)
    it(`ends its own run with a clear error, and a neighbour goes on as if nothing had been: ${name}`, async ({
      world,
    }) => {
      const { pool } = await ready(world);
      const actor = await world.actor();
      const neighbour = await run(world, actor, [
        inject(["count"]),
        fn("count", "flow.set('n', (flow.get('n') || 0) + 1); return msg;", ["wait"]),
        delay("wait", 3_000, ["after"]),
        fn("after", "msg.payload = ['n', flow.get('n')]; return msg;", ["out"]),
        debug(),
      ]);
      await reaches(world, neighbour, "wait");
      const began = performance.now();
      const bomb = await run(world, actor, [inject(["bomb"]), fn("bomb", code, ["out"]), debug()]);
      const row = await becomes(world, bomb, "failed", 50_000);
      const failure = row.error as { code: string; message: string };
      expect(`${failure.code} ${failure.message}`).toMatch(error);
      expect(failure.message).toMatch(/bomb|BigInt/);
      expect(payloadOf(await becomes(world, neighbour, "completed", 30_000))).toEqual(["n", 1]);
      expect(performance.now() - began).toBeLessThan(45_000);
      await until("all runners are in order", () => pool.runners().every(({ memoryMb }) => memoryMb < 400));
    }, 90_000);

  it("reaches nothing of the host", async ({ world }) => {
    await ready(world);
    const code = `
      const tries = [
        () => Buffer.constructor('return process')(),
        () => this.constructor.constructor('return process')(),
        () => process.env,
        () => require('fs'),
        () => globalThis.constructor.constructor('return process')().env,
      ];
      msg.payload = tries.map((attempt) => { try { return 'REACHED ' + typeof attempt(); } catch (error) { return String(error); } });
      return msg;`;
    const runId = await run(world, await world.actor(), [inject(["f"]), fn("f", code, ["out"]), debug()]);
    const answers = payloadOf(await becomes(world, runId, "completed")) as string[];
    expect(answers).toHaveLength(5);
    expect(answers.filter((answer) => answer.startsWith("REACHED"))).toEqual([]);
  });

  it("is cancelled within a second", async ({ world }) => {
    await ready(world);
    const actor = await world.actor();
    const runId = await run(world, actor, [inject(["f"]), fn("f", "while (true) {}", ["out"]), debug()]);
    await until("it is in a runner", () =>
      worker?.pool.runners().some(({ workspaceId, runs }) => workspaceId === actor.workspaceId && runs === 1),
    );
    await new Promise((later) => setTimeout(later, 300));
    const began = performance.now();
    await cancelRun(world.deps, [], actor, { id: runId });
    await until("its runner is free or gone", () =>
      worker?.pool.runners().every(({ workspaceId, runs }) => workspaceId !== actor.workspaceId || runs === 0),
    );
    expect(performance.now() - began).toBeLessThan(1_000);
    await becomes(world, runId, "cancelled");
  });
});
