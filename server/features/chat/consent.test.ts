import { describe, expect, vi } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import type { ModelRequest } from "#tests/support/scripted-model.ts";
import { answerOf, ended, eventTypes, model, sees, send, takeAway, upstream, worker } from "#tests/support/turns.ts";
import { it, type World } from "#tests/support/world.ts";
import { getApproval, listApprovals, respond } from "../approvals/index.ts";
import { expireApprovals } from "../approvals/close-approvals.ts";
import { cancelRun } from "../runs/index.ts";
import { chatSettler } from "./settle-turn.ts";

const resultOf = ({ messages }: ModelRequest) => JSON.stringify(messages.findLast(({ role }) => role === "tool"));
/** Asks for the tool, then answers with what it told. */
const erase = (...ids: string[]) =>
  model((request) =>
    request.messages.at(-1)?.role === "tool"
      ? { text: [`Told: ${resultOf(request)}`] }
      : { calls: ids.map((id) => ({ name: "plant__erase", args: { id } })) },
  );
const waits = ({ deps }: World, runId: string) =>
  vi.waitFor(
    async () => expect((await deps.db.run.findUniqueOrThrow({ where: { id: runId } })).status).toBe("waiting"),
    { timeout: 20_000, interval: 20 },
  );
const open = async ({ deps }: World, actor: Actor, runId: string) =>
  (await listApprovals(deps, actor, { box: "team", runId, limit: 50 })).items.toReversed();
const decide = ({ deps }: World, actor: Actor, id: string, decision: string, comment?: string) =>
  respond(deps, actor, { id, decision, ...(comment ? { comment } : {}) });
const events = async ({ deps }: World, runId: string, type: string) =>
  (await deps.db.runEvent.findMany({ where: { runId, type }, orderBy: { seq: "asc" } })).map(
    ({ data }) => data as Record<string, unknown>,
  );

describe("a call that needs consent", () => {
  it("suspends the turn, is made once after somebody agreed, and says who", async ({ world }) => {
    const actor = await world.actor();
    const colleague = await world.actor({ role: "operator", workspaceId: actor.workspaceId });
    const server = await erase("M-1");
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "Erase M-1");
    await waits(world, runId);
    expect(upstream.calls()).toEqual([]);
    const [asked, ...more] = await open(world, colleague, runId);
    expect(more).toEqual([]);
    expect(asked).toMatchObject({
      kind: "tool",
      tool: "plant.erase",
      detail: { tool: "plant.erase", server: "plant", class: "dangerous", arguments: { id: "M-1" }, through: "chat" },
      starterName: actor.name,
      mayRespond: true,
    });
    expect(await events(world, runId, "approval_required")).toEqual([
      {
        approvalId: asked?.id,
        callId: "call_0",
        kind: "tool",
        tool: "plant.erase",
        title: "Call plant.erase?",
        arguments: { id: "M-1" },
        expiresAt: asked?.expiresAt?.toISOString(),
      },
    ]);

    await decide(world, colleague, asked?.id ?? "", "approve", "done by hand before");
    await ended(world, runId);
    expect(upstream.calls()).toMatchObject([{ name: "erase", args: { id: "M-1" } }]);
    expect((await answerOf(world, actor, sessionId))?.parts[0]).toMatchObject({
      type: "tool",
      state: "ok",
      result: { erased: "M-1" },
      approval: { approvalId: asked?.id, state: "approved", by: colleague.name, comment: "done by hand before" },
    });
    expect((await getApproval(world.deps, actor, { id: asked?.id ?? "" })).usedAt).not.toBeNull();
    expect(await eventTypes(world, runId)).toEqual([
      "status",
      "model_done",
      "tool_start",
      "approval_required",
      "suspended",
      "status",
      "resumed",
      "approval_decided",
      "tool_result",
      "content",
      "model_done",
      "done",
    ]);
    await vi.waitFor(
      async () =>
        expect(
          await world.deps.db.auditEntry.findMany({ where: { runId, action: "tool.call" }, orderBy: { id: "asc" } }),
        ).toMatchObject([
          { outcome: "refused", detail: { code: "approval.needed" } },
          { outcome: "ok", detail: { approverId: colleague.userId } },
        ]),
      { timeout: 20_000 },
    );
  });

  it("is not made when it is refused; the model is told by whom and goes on", async ({ world }) => {
    const actor = await world.actor();
    const server = await erase("M-1");
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "Erase M-1");
    await waits(world, runId);
    const [asked] = await open(world, actor, runId);
    await decide(world, actor, asked?.id ?? "", "reject", "still needed");
    await ended(world, runId);
    expect(upstream.calls()).toEqual([]);
    const [part, text] = (await answerOf(world, actor, sessionId))?.parts ?? [];
    expect(part).toMatchObject({
      state: "failed",
      result: `plant.erase was not called: refused by ${actor.name} (still needed)`,
      approval: { state: "refused" },
    });
    expect(JSON.stringify(text)).toContain("refused by");
  });

  it("ends with its question when nobody answers in time", async ({ world }) => {
    const actor = await world.actor();
    const server = await erase("M-1");
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "Erase M-1");
    await waits(world, runId);
    await expireApprovals({ ...world.deps, clock: { now: () => new Date(Date.now() + 16 * 60_000) } });
    await ended(world, runId);
    expect(upstream.calls()).toEqual([]);
    expect((await answerOf(world, actor, sessionId))?.parts[0]).toMatchObject({
      state: "failed",
      approval: { state: "expired" },
    });
  });

  it("goes on after the worker died while it waited, and asks no second time", async ({ world }) => {
    const actor = await world.actor();
    const server = await erase("M-1");
    const first = await worker(world, server.url);
    const { runId } = await send(world, actor, "Erase M-1");
    await waits(world, runId);
    await first.stop(0);
    const [asked] = await open(world, actor, runId);
    await decide(world, actor, asked?.id ?? "", "approve");
    await worker(world, server.url);
    await ended(world, runId);
    expect(upstream.calls()).toHaveLength(1);
    expect(await events(world, runId, "approval_required")).toHaveLength(1);
    expect(await events(world, runId, "approval_decided")).toHaveLength(1);
    expect(await world.deps.db.approval.count({ where: { runId } })).toBe(1);
  });

  it("is made after its worker died between asking and being suspended", async ({ world }) => {
    const actor = await world.actor();
    const server = await erase("M-1");
    const first = await worker(world, server.url);
    const { runId } = await send(world, actor, "Erase M-1");
    await sees(world, runId, "approval_required");
    await waits(world, runId);
    await first.stop(0);
    // as it was before the suspension: held by somebody who is gone
    await world.deps.db.run.update({ where: { id: runId }, data: { status: "running" } });
    await takeAway(world, runId);
    await worker(world, server.url);
    await waits(world, runId);
    const [asked] = await open(world, actor, runId);
    await decide(world, actor, asked?.id ?? "", "approve");
    await ended(world, runId);
    expect(upstream.calls()).toHaveLength(1);
  });

  it("is asked for each call by itself, and each agreement is used once", async ({ world }) => {
    const actor = await world.actor();
    const server = await erase("M-1", "M-2");
    await worker(world, server.url);
    const { runId } = await send(world, actor, "Erase both");
    await waits(world, runId);
    const asked = await open(world, actor, runId);
    const about = (id: string) => asked.find(({ detail }) => JSON.stringify(detail).includes(`"id":"${id}"`));
    const [one, two] = [about("M-1"), about("M-2")];
    await decide(world, actor, two?.id ?? "", "approve");
    await vi.waitFor(() => expect(upstream.calls()).toMatchObject([{ args: { id: "M-2" } }]), { timeout: 20_000 });
    await waits(world, runId);
    await decide(world, actor, one?.id ?? "", "reject");
    await ended(world, runId);
    expect(upstream.calls()).toMatchObject([{ args: { id: "M-2" } }]);
  });

  it("is withdrawn when the turn is stopped", async ({ world }) => {
    const actor = await world.actor();
    const server = await erase("M-1");
    await worker(world, server.url);
    const { runId } = await send(world, actor, "Erase M-1");
    await waits(world, runId);
    const [asked] = await open(world, actor, runId);
    await cancelRun(world.deps, [chatSettler], actor, { id: runId });
    await ended(world, runId);
    expect(await getApproval(world.deps, actor, { id: asked?.id ?? "" })).toMatchObject({ status: "cancelled" });
    await expect(decide(world, actor, asked?.id ?? "", "approve")).rejects.toMatchObject({
      code: "approval.cancelled",
    });
    expect(upstream.calls()).toEqual([]);
  });
});
