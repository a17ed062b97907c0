import { describe, expect } from "vitest";
import { awaitDecision, outcomeOf } from "./outcome.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { makeRun } from "../flows/test-flows.ts";
import { cancelRun } from "../runs/index.ts";
import { expireApprovals } from "./close-approvals.ts";
import { getApproval, listApprovals } from "./find-approvals.ts";
import { requestApproval, type ApprovalToAsk } from "./request-approval.ts";
import { respondToRun } from "./respond-to-run.ts";
import { respond } from "./respond.ts";
import { asks, podOf, statusOf } from "./test-approvals.ts";

/** The deps with a clock that stands at a time. */
const at = ({ deps }: World, time: Date) => ({ ...deps, clock: { now: () => time } });

describe("asking", () => {
  it("offers approve and reject where nothing else is said, and shows it to the workspace", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await requestApproval(world.deps, asks(actor, { detail: { lot: 7 } }));
    expect(await getApproval(world.deps, actor, { id })).toMatchObject({
      kind: "question",
      title: "Release lot 7?",
      status: "open",
      options: [{ value: "approve" }, { value: "reject" }],
      detail: { lot: 7 },
      starterName: actor.name,
      mayRespond: true,
      whyNot: null,
    });
  });

  it("shows what it is about without secrets, and not more than people can read", async ({ world }) => {
    const actor = await world.actor();
    const detailOf = async (detail: unknown) => {
      const { id } = await requestApproval(world.deps, asks(actor, { detail }));
      return (await getApproval(world.deps, actor, { id })).detail;
    };
    expect(await detailOf({ lot: 7, password: "hunter22", to: "http://a:hunter22@b/" })).toEqual({
      lot: 7,
      password: "[secret]",
      to: "http://a:[secret]@b/",
    });
    expect(JSON.stringify(await detailOf("x".repeat(200_000))).length).toBeLessThan(100_000);
    expect(await detailOf([1, null])).toEqual([1, null]);
    expect(await detailOf(undefined)).toBeNull();
  });

  it("twice for the same call of a step asks once, also at the same time and after the decision", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const ask = () => requestApproval(world.deps, asks(actor, { runId, stepSeq: 3, callN: 1 }));
    const all = await Promise.all(Array.from({ length: 5 }, ask));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    await respond(world.deps, actor, { id: all[0]?.id ?? "", decision: "approve" });
    expect(outcomeOf(await ask())).toMatchObject({
      state: "answered",
      answer: { decision: "approve", by: { id: actor.userId } },
    });
    expect(await world.deps.db.approval.count({ where: { runId } })).toBe(1);
    await requestApproval(world.deps, asks(actor, { runId, stepSeq: 3, callN: 2 }));
    expect(await world.deps.db.approval.count({ where: { runId } })).toBe(2);
  });

  it("is refused where it could never be answered", async ({ world }) => {
    const actor = await world.actor();
    const ask = (more: Partial<ApprovalToAsk>) => requestApproval(world.deps, asks(actor, more));
    const [one, two] = [
      { value: "a", label: "A" },
      { value: "a", label: "B" },
    ];
    await expect(ask({ options: [one, two] })).rejects.toMatchObject({ code: "approval.invalid" });
    await expect(ask({ options: [one], defaultOption: "b" })).rejects.toMatchObject({ code: "approval.invalid" });
    await expect(ask({ approvers: [actor.email], required: 2 })).rejects.toMatchObject({ code: "approval.invalid" });
    await expect(ask({ expiresIn: -1 })).rejects.toMatchObject({ code: "approval.invalid" });
    const stranger = await world.actor();
    for (const approver of [stranger.email, stranger.userId, "nobody@nowhere.example"])
      await expect(ask({ approvers: [approver] })).rejects.toMatchObject({ code: "approval.approver" });
  });
});

describe("answering", () => {
  it("decides, tells who and when, and lets the run go on", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const { id } = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 1, callN: 1 }));
    const view = await respond(world.deps, actor, { id, decision: "reject", comment: " too hot " });
    expect(view).toMatchObject({
      status: "decided",
      decision: "reject",
      comment: "too hot",
      decidedByName: actor.name,
    });
    expect(await statusOf(world, runId)).toBe("queued");
    const [audit] = await world.deps.db.auditEntry.findMany({ where: { action: "approval.decide", subject: id } });
    expect(audit).toMatchObject({ userId: actor.userId, runId, detail: { decision: "reject" } });
  });

  it("counts once: of many at the same time one decides, and all others are told who did", async ({ world }) => {
    const starter = await world.actor();
    const runId = await makeRun(world, starter);
    const { id } = await requestApproval(world.deps, asks(starter, { runId, stepSeq: 1, callN: 1 }));
    const people = await Promise.all(
      Array.from({ length: 6 }, () => world.actor({ role: "operator", workspaceId: starter.workspaceId })),
    );
    const results = await Promise.allSettled(
      people.map((actor, n) => respond(world.deps, actor, { id, decision: n % 2 ? "approve" : "reject" })),
    );
    const won = results.filter((result) => result.status === "fulfilled");
    expect(won).toHaveLength(1);
    const decision = won[0]?.value.decision;
    for (const result of results)
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({
          kind: "conflict",
          code: "approval.decided",
          message: expect.stringContaining(`Test Person decided this at`) as string,
          hints: { extra: { decision } },
        });
    expect(await world.deps.db.auditEntry.count({ where: { action: "approval.decide", subject: id } })).toBe(1);
  });

  it("is for operators, for those who are named, and not for the starter where that is asked for", async ({
    world,
  }) => {
    const starter = await world.actor({ role: "admin" });
    const member = (role: "viewer" | "editor" | "operator") => world.actor({ role, workspaceId: starter.workspaceId });
    const [viewer, editor, operator] = [await member("viewer"), await member("editor"), await member("operator")];
    const answer = async (actor: Actor, more: Partial<ApprovalToAsk>) => {
      const { id } = await requestApproval(world.deps, asks(starter, more));
      const shown = await getApproval(world.deps, actor, { id });
      const listed = await listApprovals(world.deps, actor, { box: "mine", limit: 200 });
      const isMine = listed.items.some((one) => one.id === id);
      const code = await respond(world.deps, actor, { id, decision: "approve" }).then(
        () => "ok",
        (error: { code: string }) => error.code,
      );
      // What is shown, what is listed and what is allowed is one rule.
      expect([shown.mayRespond, isMine]).toEqual([code === "ok", code === "ok"]);
      return code;
    };
    expect(await answer(viewer, {})).toBe("auth.role");
    expect(await answer(editor, {})).toBe("auth.role");
    expect(await answer(operator, {})).toBe("ok");
    expect(await answer(viewer, { approvers: [viewer.email.toUpperCase()] })).toBe("ok");
    expect(await answer(operator, { approvers: [viewer.userId] })).toBe("approval.not-named");
    expect(await answer(starter, { notByStarter: true })).toBe("approval.starter");
    expect(await answer(starter, { notByStarter: true, approvers: [starter.userId] })).toBe("approval.starter");
    expect(await answer(operator, { notByStarter: true })).toBe("ok");
    expect(await answer({ ...operator, scopes: ["approval.read"] }, {})).toBe("auth.scope");
    expect(await answer({ ...viewer, scopes: ["approval.read"] }, { approvers: [viewer.userId] })).toBe("auth.scope");
    expect(await answer({ ...operator, scopes: ["approval.read", "approval.respond"] }, {})).toBe("ok");
  });

  it("needs an option that there is, and a form that is filled in right", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await requestApproval(
      world.deps,
      asks(actor, {
        form: [
          { name: "qty", label: "Quantity", type: "number", required: true },
          { name: "why", label: "Why", type: "textarea" },
          { name: "line", label: "Line", type: "select", options: ["A", "B"], default: "A" },
          { name: "urgent", label: "Urgent", type: "boolean", default: false },
        ],
      }),
    );
    const answer = (decision: string, values: Record<string, unknown>) =>
      respond(world.deps, actor, { id, decision, values });
    await expect(answer("maybe", { qty: 1 })).rejects.toMatchObject({ code: "approval.option" });
    await expect(answer("approve", {})).rejects.toMatchObject({
      code: "approval.form",
      hints: { fields: [{ path: "values.qty", message: "Quantity is needed" }] },
    });
    await expect(answer("approve", { qty: "x", line: "C", urgent: "yes", other: 1 })).rejects.toMatchObject({
      hints: { fields: ["other", "qty", "line", "urgent"].map((name) => ({ path: `values.${name}` })) },
    });
    const { values, status } = await answer("approve", { qty: "12.5", why: "", line: "B" });
    expect([status, values]).toEqual(["decided", { qty: 12.5, line: "B", urgent: false }]);
  });

  it("by votes decides when enough agree; a vote may be changed until then", async ({ world }) => {
    const starter = await world.actor();
    const people = await Promise.all(
      Array.from({ length: 3 }, () => world.actor({ role: "viewer", workspaceId: starter.workspaceId })),
    );
    const [a, b, c] = people as [Actor, Actor, Actor];
    const runId = await makeRun(world, starter);
    const { id } = await requestApproval(
      world.deps,
      asks(starter, { runId, stepSeq: 1, callN: 1, required: 2, approvers: people.map(({ userId }) => userId) }),
    );
    const vote = (actor: Actor, decision: string) => respond(world.deps, actor, { id, decision });
    expect(await vote(a, "approve")).toMatchObject({ status: "open", votes: [{ option: "approve" }] });
    expect(await vote(a, "approve")).toMatchObject({ status: "open", votes: [{ option: "approve" }] });
    expect(await vote(b, "reject")).toMatchObject({ status: "open" });
    expect(await vote(a, "reject")).toMatchObject({ status: "decided", decision: "reject" });
    expect(await statusOf(world, runId)).toBe("queued");
    await expect(vote(c, "approve")).rejects.toMatchObject({ code: "approval.decided" });
  });

  it("two votes at the same time that make it are counted both, once", async ({ world }) => {
    const starter = await world.actor();
    const [a, b] = [
      await world.actor({ workspaceId: starter.workspaceId }),
      await world.actor({ workspaceId: starter.workspaceId }),
    ];
    const { id } = await requestApproval(world.deps, asks(starter, { required: 2 }));
    const views = await Promise.all([a, b].map((actor) => respond(world.deps, actor, { id, decision: "approve" })));
    expect((await getApproval(world.deps, a, { id })).status).toBe("decided");
    expect(views.map(({ status }) => status)).toContain("decided");
    expect(await world.deps.db.auditEntry.count({ where: { action: "approval.decide", subject: id } })).toBe(1);
  });
});

describe("expiry", () => {
  const past = (seconds: number) => new Date(Date.now() + seconds * 1_000);

  it("takes the default with the form's defaults, once, and lets the run go on", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const { id } = await requestApproval(
      world.deps,
      asks(actor, {
        runId,
        stepSeq: 1,
        callN: 1,
        expiresIn: 60,
        defaultOption: "reject",
        form: [{ name: "n", label: "N", type: "number", default: 3 }],
      }),
    );
    await expireApprovals(at(world, past(59)));
    expect((await getApproval(world.deps, actor, { id })).status).toBe("open");
    const late = at(world, past(61));
    const ended = await Promise.all([expireApprovals(late), expireApprovals(late), expireApprovals(late)]);
    expect(ended.reduce((sum, n) => sum + n, 0)).toBe(1);
    const row = await world.deps.db.approval.findUniqueOrThrow({ where: { id } });
    expect(outcomeOf(row)).toMatchObject({
      state: "answered",
      answer: { decision: "reject", values: { n: 3 }, by: null },
    });
    expect(await statusOf(world, runId)).toBe("queued");
    await expect(respond(late, actor, { id, decision: "approve" })).rejects.toMatchObject({ code: "approval.expired" });
  });

  it("without a default lets whoever asked fail", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const { id } = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 1, callN: 1, expiresIn: 1 }));
    await expireApprovals(at(world, past(2)));
    const row = await world.deps.db.approval.findUniqueOrThrow({ where: { id } });
    expect(outcomeOf(row)).toMatchObject({ state: "failed", error: { code: "approval.expired" } });
    expect(await statusOf(world, runId)).toBe("queued");
  });

  it("holds at once, before the sweep says so; and never for what has no end", async ({ world }) => {
    const actor = await world.actor();
    await podOf(world, actor);
    const { id } = await requestApproval(world.deps, asks(actor, { expiresIn: 1 }));
    const open = await requestApproval(world.deps, asks(actor));
    await expect(respond(at(world, past(2)), actor, { id, decision: "approve" })).rejects.toMatchObject({
      kind: "conflict",
      code: "approval.expired",
    });
    await expireApprovals(at(world, past(1_000_000)));
    expect((await getApproval(world.deps, actor, open)).status).toBe("open");
  });
});

describe("an approval of a run that is over", () => {
  it("is withdrawn, and says so to who answers", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const { id } = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 1, callN: 1 }));
    await cancelRun(world.deps, [], actor, { id: runId });
    await expect(respond(world.deps, actor, { id, decision: "approve" })).rejects.toMatchObject({
      code: "approval.cancelled",
    });
    expect(outcomeOf(await world.deps.db.approval.findUniqueOrThrow({ where: { id } }))).toMatchObject({
      state: "failed",
      error: { code: "approval.cancelled" },
    });
  });
});

describe("a question that is asked while its run ends", () => {
  it("is not asked any more, or withdrawn by the next sweep", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const { id } = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 1, callN: 1 }));
    await world.deps.db.run.update({ where: { id: runId }, data: { status: "failed", endedAt: new Date() } });
    const waiting = awaitDecision(world.deps, { id, workspaceId: actor.workspaceId }, AbortSignal.timeout(10_000));
    await expireApprovals(world.deps);
    expect(await waiting).toMatchObject({ state: "failed", error: { code: "approval.cancelled" } });
    const late = asks(actor, { runId, stepSeq: 2, callN: 1 });
    await expect(requestApproval(world.deps, late)).rejects.toMatchObject({ kind: "conflict", code: "run.ended" });
    const foreign = asks(await world.actor(), { runId, stepSeq: 3, callN: 1 });
    await expect(requestApproval(world.deps, foreign)).rejects.toMatchObject({ kind: "missing" });
  });
});

describe("answering a run", () => {
  it("answers its one open approval; none, and more than one, are said so", async ({ world }) => {
    const actor = await world.actor();
    const runId = await makeRun(world, actor);
    const answer = (more: object = {}) => respondToRun(world.deps, actor, { runId, response: "approve", ...more });
    await expect(answer()).rejects.toMatchObject({ kind: "conflict", code: "approval.none" });
    const first = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 1, callN: 1 }));
    const second = await requestApproval(world.deps, asks(actor, { runId, stepSeq: 2, callN: 1 }));
    await expect(answer()).rejects.toMatchObject({
      code: "approval.several",
      hints: { extra: { approvals: [first.id, second.id] } },
    });
    expect(await answer({ approval: second.id })).toMatchObject({ id: second.id, decision: "approve" });
    expect(await answer()).toMatchObject({ id: first.id, decision: "approve" });
    await expect(answer({ approval: second.id })).rejects.toMatchObject({ code: "approval.decided" });
    const other = await makeRun(world, actor);
    await expect(
      respondToRun(world.deps, actor, { runId: other, response: "approve", approval: first.id }),
    ).rejects.toMatchObject({ kind: "missing" });
  });
});

describe("waiting for a decision", () => {
  it("ends with it at once, and with the wait", async ({ world }) => {
    const actor = await world.actor();
    const approval = await requestApproval(world.deps, asks(actor));
    const waited = awaitDecision(world.deps, approval, AbortSignal.timeout(10_000));
    await respond(world.deps, actor, { id: approval.id, decision: "approve" });
    expect(await waited).toMatchObject({ state: "answered", answer: { decision: "approve" } });
    expect(await awaitDecision(world.deps, approval, AbortSignal.timeout(10_000))).toMatchObject({ state: "answered" });
    const open = await requestApproval(world.deps, asks(actor));
    const over = new AbortController();
    const left = awaitDecision(world.deps, open, over.signal);
    over.abort();
    expect(await left).toEqual({ state: "open" });
    expect(await awaitDecision(world.deps, open, AbortSignal.abort())).toEqual({ state: "open" });
    expect(await awaitDecision(world.deps, { ...open, workspaceId: "other" }, AbortSignal.timeout(10_000))).toBeNull();
  });
});
