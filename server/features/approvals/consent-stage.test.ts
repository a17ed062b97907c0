import { afterEach, describe, expect, vi } from "vitest";
import { recordOf, type Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { ConsentNeeded } from "#server/mcp/consent.ts";
import type { Exchange, Json, Stage, Target } from "#server/mcp/exchange.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import { it, type World } from "#tests/support/world.ts";
import { expireApprovals } from "./close-approvals.ts";
import { createConsentStage } from "./consent-stage.ts";
import { getApproval, listApprovals } from "./find-approvals.ts";
import { respond } from "./respond.ts";

afterEach(() => void vi.useRealTimers());

/** The machine may have much to do. */
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
const plant = definition("plant", "http://127.0.0.1:9/mcp");
const target = (more: Partial<NonNullable<Target["tool"]>> = {}, of = plant): Target => ({
  definition: of,
  tool: { name: "erase", title: "Erase", class: "dangerous", repeatable: false, consent: true, roles: [], ...more },
  headers: {},
});
const exchange = (actor: Actor, args: Json = { id: "M-1" }, more: Partial<Exchange> = {}): Exchange => ({
  caller: { actor: recordOf(actor), through: { kind: "page" } },
  method: "tools/call",
  params: { name: "erase", arguments: args },
  capabilities: {},
  timeoutMs: 5_000,
  ...more,
});
const through = (actor: Actor, kind: Exchange["caller"]["through"]["kind"], more: Partial<Exchange> = {}) =>
  exchange(actor, { id: "M-1" }, { caller: { actor: recordOf(actor), through: { kind } }, ...more });

/** The stage of a process of its own, and what came through it. */
function gate({ deps }: World, answer: () => Json | Promise<Json> = () => ({ content: [] })) {
  const stage: Stage = createConsentStage(deps);
  const passed: Exchange[] = [];
  const call = (asked: Exchange, at = target()) =>
    stage(asked, at, async (now) => {
      passed.push(now);
      return answer();
    });
  return { call, passed };
}
const approvalOf = (error: unknown) => String((error as AppError).hints.extra?.["approvalId"]);
/** Asks, and answers the id of the question. */
const asked = async ({ call }: ReturnType<typeof gate>, of: Exchange, at?: Target): Promise<string> => {
  const error = await call(of, at).then(
    () => expect.unreachable("it must not pass"),
    (refused: unknown) => refused,
  );
  expect(error).toMatchObject({ kind: "conflict", code: "approval.pending", hints: { extra: { mayHaveRun: false } } });
  return approvalOf(error);
};
const decide = ({ deps }: World, actor: Actor, id: string, decision = "approve") =>
  respond(deps, actor, { id, decision });
const openOnes = async ({ deps }: World, actor: Actor) =>
  (await listApprovals(deps, actor, { box: "team", limit: 50 })).items;

describe("a call", () => {
  it("passes without a question where none is needed", async ({ world }) => {
    const actor = await world.actor();
    const { call, passed } = gate(world);
    await call(exchange(actor), target({ consent: false }));
    await call({ ...exchange(actor), method: "tools/list" });
    await call(exchange(actor), { definition: plant, headers: {} });
    expect(passed).toHaveLength(3);
    expect(await openOnes(world, actor)).toEqual([]);
  });

  it("passes once with an approval, and tells who gave it", async ({ world }) => {
    const actor = await world.actor();
    const colleague = await world.actor({ role: "operator", workspaceId: actor.workspaceId });
    const gated = gate(world);
    const id = await asked(gated, exchange(actor));
    expect(await asked(gated, exchange(actor))).toBe(id); // the same call asks once
    await decide(world, colleague, id);
    await gated.call(exchange(actor));
    expect(gated.passed.map(({ caller }) => caller.approverId)).toEqual([colleague.userId]);
    expect((await getApproval(world.deps, actor, { id })).usedAt).not.toBeNull();
    expect(await asked(gated, exchange(actor))).not.toBe(id); // used is used
    expect(gated.passed).toHaveLength(1);
  });

  it("passes once however many make it at the same time, in however many processes", async ({ world }) => {
    const actor = await world.actor();
    const gates = Array.from({ length: 4 }, () => gate(world));
    await decide(world, actor, await asked(gates[0]!, exchange(actor)));
    const calls = await Promise.allSettled(gates.flatMap(({ call }) => [call(exchange(actor)), call(exchange(actor))]));
    expect(calls.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(gates.flatMap(({ passed }) => passed)).toHaveLength(1);
  });

  it("is not waited for when its caller left before the question was asked", async ({ world }) => {
    const actor = await world.actor();
    const left = AbortSignal.abort(new Error("left"));
    const began = performance.now();
    const call = gate(world).call(through(actor, "program", { signal: left, timeoutMs: 60_000 }));
    await expect(call).rejects.toThrow("left");
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it("is asked for whatever its server calls the tool", async ({ world }) => {
    const actor = await world.actor();
    const id = await asked(gate(world), exchange(actor, { id: "M\0" }), target({ title: "Er\0ase" }));
    expect((await getApproval(world.deps, actor, { id })).question).toContain("“Erase”");
  });

  it("passes whatever order its arguments are in", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    await decide(world, actor, await asked(gated, exchange(actor, { a: 1, b: { c: 2, d: 3 } })));
    await gated.call(exchange(actor, { b: { d: 3, c: 2 }, a: 1 }));
    expect(gated.passed).toHaveLength(1);
  });

  it("does not pass when it was refused, expired, or agreed to too long ago", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    const first = await asked(gated, exchange(actor));
    await decide(world, actor, first, "reject");
    const second = await asked(gated, exchange(actor));
    expect(second).not.toBe(first);
    const later = { ...world.deps, clock: { now: () => new Date(Date.now() + 15 * 60_000 + 1_000) } };
    await expireApprovals(later);
    const third = await asked(gated, exchange(actor));
    await decide(world, actor, third);
    await expect(
      createConsentStage(later)(exchange(actor), target(), async () => expect.unreachable("too late")),
    ).rejects.toMatchObject({ code: "approval.pending" });
    expect(gated.passed).toEqual([]);
  });

  it("asks anew when arguments, tool, server or person differ", async ({ world }) => {
    const actor = await world.actor();
    const colleague = await world.actor({ workspaceId: actor.workspaceId });
    const stranger = await world.actor();
    const gated = gate(world);
    const id = await asked(gated, exchange(actor));
    await decide(world, actor, id);
    const others: [Exchange, Target?][] = [
      [exchange(actor, { id: "M-2" })],
      [exchange(actor, { id: "M-1", force: true })],
      [exchange(actor, {})],
      [exchange(actor), target({ name: "erase_all" })],
      [exchange(actor), target({}, { ...plant, id: "ups_other" })], // the same name, registered anew elsewhere
      [exchange(colleague)],
      [exchange(stranger)],
      [exchange({ ...actor, workspaceId: stranger.workspaceId })],
    ];
    for (const [other, at] of others) expect(await asked(gated, other, at)).not.toBe(id);
    expect(gated.passed).toEqual([]);
    await gated.call(exchange(actor));
    expect(gated.passed).toHaveLength(1);
  });

  it("within a run asks its executor, and takes no approval of another run", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    await decide(world, actor, await asked(gated, exchange(actor)));
    const inRun = exchange(actor);
    inRun.caller.runId = "run_1";
    await expect(gated.call(inRun)).rejects.toBeInstanceOf(ConsentNeeded);
    expect(gated.passed).toEqual([]);
  });

  it("does not use the approval up when it provably never left, or is asked back", async ({ world }) => {
    const actor = await world.actor();
    let answer: () => Json = () => ({});
    const gated = gate(world, () => answer());
    const id = await asked(gated, exchange(actor));
    await decide(world, actor, id);
    answer = () => {
      throw new AppError("limited", "tool.busy", "Too many calls", { extra: { mayHaveRun: false } });
    };
    await expect(gated.call(exchange(actor))).rejects.toMatchObject({ code: "tool.busy" });
    answer = () => ({ resultType: "input_required", inputRequests: {} });
    await gated.call(exchange(actor));
    answer = () => {
      throw new AppError("upstream", "tool.timeout", "No answer", { extra: { mayHaveRun: true } });
    };
    await expect(gated.call(exchange(actor))).rejects.toMatchObject({ code: "tool.timeout" });
    expect(await asked(gated, exchange(actor))).not.toBe(id);
  });

  it("whose arguments nobody could read is refused", async ({ world }) => {
    const actor = await world.actor();
    await expect(gate(world).call(exchange(actor, { text: "x".repeat(60_000) }))).rejects.toMatchObject({
      code: "approval.too-large",
    });
  });
});

describe("who waits", () => {
  it("is told so, and goes on when somebody agrees", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    const notify = vi.fn<NonNullable<Exchange["notify"]>>();
    const made = gated.call(through(actor, "mcp-client", { notify }));
    await eventually(async () => expect(await openOnes(world, actor)).toHaveLength(1));
    const [open] = await openOnes(world, actor);
    await decide(world, actor, open?.id ?? "");
    await made;
    expect(gated.passed).toHaveLength(1);
    expect(notify.mock.calls[0]?.[0]).toMatchObject({
      method: "notifications/progress",
      params: { progress: 1, message: expect.stringContaining(`/inbox?id=${open?.id}`) as string },
    });
  });

  it("is refused at once when somebody says no", async ({ world }) => {
    const actor = await world.actor();
    const made = gate(world).call(through(actor, "program"));
    const refused = expect(made).rejects.toMatchObject({ kind: "forbidden", code: "approval.refused" });
    await eventually(async () => expect(await openOnes(world, actor)).toHaveLength(1));
    await decide(world, actor, (await openOnes(world, actor))[0]?.id ?? "", "reject");
    await refused;
  });

  it("learns when its time is over where to answer, and may use the answer later", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    const id = await asked(gated, through(actor, "mcp-client", { timeoutMs: 60 }));
    await decide(world, actor, id);
    await gated.call(through(actor, "mcp-client", { timeoutMs: 60 }));
    expect(gated.passed).toHaveLength(1);
  });

  it("may leave; the question stays", async ({ world }) => {
    const actor = await world.actor();
    const leave = new AbortController();
    const made = gate(world).call(through(actor, "mcp-client", { signal: leave.signal }));
    const left = expect(made).rejects.toThrow("gone");
    await eventually(async () => expect(await openOnes(world, actor)).toHaveLength(1));
    leave.abort(new Error("gone"));
    await left;
    expect(await openOnes(world, actor)).toHaveLength(1);
  });

  it("is asked by URL where the client shows addresses; declining withdraws the question", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    const ask = vi.fn<NonNullable<Exchange["ask"]>>(async () => ({ action: "decline" }));
    const capabilities = { elicitation: { url: {} } };
    await expect(gated.call(through(actor, "mcp-client", { ask, capabilities }))).rejects.toMatchObject({
      code: "approval.refused",
    });
    const [{ id } = { id: "" }] = (await listApprovals(world.deps, actor, { box: "past", limit: 1 })).items;
    expect(ask.mock.calls[0]?.[0]).toEqual({
      method: "elicitation/create",
      params: {
        mode: "url",
        elicitationId: id,
        url: `http://localhost/inbox?id=${id}`,
        message: expect.stringContaining("plant.erase") as string,
      },
    });
    expect(await getApproval(world.deps, actor, { id })).toMatchObject({ status: "cancelled" });
  });

  it("is not hurried while the client's person is being asked", async ({ world }) => {
    const actor = await world.actor();
    const gated = gate(world);
    const shown = Promise.withResolvers<Json>();
    const capabilities = { elicitation: { url: {} } };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const made = gated.call(through(actor, "mcp-client", { ask: () => shown.promise, capabilities }));
    await eventually(async () => expect(await openOnes(world, actor)).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(60_000);
    await decide(world, actor, (await openOnes(world, actor))[0]?.id ?? "");
    await made;
    expect(gated.passed).toHaveLength(1);
  });

  it("is not asked by URL where the client does not show addresses", async ({ world }) => {
    const actor = await world.actor();
    const ask = vi.fn<NonNullable<Exchange["ask"]>>(async () => ({ action: "accept" }));
    await asked(gate(world), through(actor, "mcp-client", { ask, capabilities: { elicitation: {} }, timeoutMs: 40 }));
    expect(ask).not.toHaveBeenCalled();
  });
});

describe("the answer", () => {
  it("is a person's: the program that asks cannot agree to its own call", async ({ world }) => {
    const actor = await world.actor({ role: "operator" });
    const id = await asked(gate(world), exchange(actor));
    for (const via of ["api-key", "oauth", "pod"] as const) {
      const program: Actor = { ...actor, via };
      await expect(decide(world, program, id)).rejects.toMatchObject({ kind: "forbidden", code: "approval.in-person" });
      expect(await getApproval(world.deps, program, { id })).toMatchObject({ mayRespond: false });
      expect((await listApprovals(world.deps, program, { box: "mine", limit: 50 })).items).toEqual([]);
    }
    const robot: Actor = { ...(await world.actor({ workspaceId: actor.workspaceId })), via: "api-key" };
    expect(await getApproval(world.deps, robot, { id })).toMatchObject({ mayRespond: true }); // of somebody else's call
    await decide(world, actor, id);
  });

  it("is not a viewer's and not a stranger's", async ({ world }) => {
    const actor = await world.actor();
    const id = await asked(gate(world), exchange(actor));
    const viewer = await world.actor({ role: "viewer", workspaceId: actor.workspaceId });
    await expect(decide(world, viewer, id)).rejects.toMatchObject({ code: "auth.role" });
    const stranger = await world.actor({ owner: true });
    await expect(decide(world, stranger, id)).rejects.toMatchObject({ kind: "missing" });
    await expect(getApproval(world.deps, stranger, { id })).rejects.toMatchObject({ kind: "missing" });
    expect(await openOnes(world, stranger)).toEqual([]);
  });

  it("is given with the arguments in view, secrets masked", async ({ world }) => {
    const actor = await world.actor();
    const id = await asked(gate(world), exchange(actor, { id: "M-1", password: "hunter22" }));
    expect((await getApproval(world.deps, actor, { id })).detail).toMatchObject({
      arguments: { id: "M-1", password: "[secret]" },
    });
  });
});
