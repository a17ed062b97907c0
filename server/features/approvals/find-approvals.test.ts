import { describe, expect } from "vitest";
import { until } from "#tests/support/until.ts";
import { it } from "#tests/support/world.ts";
import { makeRun } from "../flows/test-flows.ts";
import { countApprovals, getApproval, listApprovals } from "./find-approvals.ts";
import { requestApproval } from "./request-approval.ts";
import { respondToRun } from "./respond-to-run.ts";
import { respond } from "./respond.ts";
import { asks, statusOf } from "./test-approvals.ts";

describe("lists", () => {
  it("have what is mine, the team's and the past, newest first; the badge counts the same", async ({ world }) => {
    const actor = await world.actor({ role: "operator" });
    const heard: string[] = [];
    const off = world.deps.live.subscribe(`workspace:${actor.workspaceId}`, (payload) => heard.push(payload));
    const mine = await requestApproval(world.deps, asks(actor));
    const other = await world.actor({ workspaceId: actor.workspaceId });
    const theirs = await requestApproval(world.deps, asks(actor, { approvers: [other.userId] }));
    const done = await requestApproval(world.deps, asks(actor));
    await respond(world.deps, actor, { id: done.id, decision: "approve" });
    const ids = async (box: "mine" | "team" | "past") =>
      (await listApprovals(world.deps, actor, { box, limit: 50 })).items.map(({ id }) => id);
    expect(await ids("mine")).toEqual([mine.id]);
    expect(await ids("team")).toEqual([theirs.id, mine.id]);
    expect(await ids("past")).toEqual([done.id]);
    expect(await countApprovals(world.deps, actor)).toEqual({ mine: 1, team: 2 });
    const first = await listApprovals(world.deps, actor, { box: "team", limit: 1 });
    const next = await listApprovals(world.deps, actor, { box: "team", limit: 1, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...next.items].map(({ id }) => id)).toEqual([theirs.id, mine.id]);
    expect(next.nextCursor).toBeNull();
    await until("hints for open pages", () => heard.filter((text) => text === '{"type":"approval"}').length === 4);
    off();
  });

  it("and answers have nothing for strangers", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const { id } = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 1, callN: 1 }));
    const stranger = await world.actor({ role: "admin", owner: true });
    for (const box of ["mine", "team", "past"] as const)
      expect((await listApprovals(world.deps, stranger, { box, limit: 50 })).items).toEqual([]);
    expect((await listApprovals(world.deps, stranger, { box: "team", runId, limit: 50 })).items).toEqual([]);
    for (const attempt of [
      () => getApproval(world.deps, stranger, { id }),
      () => respond(world.deps, stranger, { id, decision: "approve" }),
      () => respondToRun(world.deps, stranger, { runId, decision: "approve" }),
    ])
      await expect(attempt()).rejects.toMatchObject({ kind: "missing" });
    expect(await statusOf(world, runId)).toBe("waiting");
  });
});
