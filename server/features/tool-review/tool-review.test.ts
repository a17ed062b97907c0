import { afterEach, describe, expect, vi } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import type { UpstreamDefinition } from "#server/mcp/definition.ts";
import type { ListedTool } from "#server/mcp/review.ts";
import { said, startChangingUpstream, type SaidTool } from "#tests/support/changing-upstream.ts";
import { definition } from "#tests/support/tool-gateway.ts";
import { it, type World } from "#tests/support/world.ts";
import { changeRules } from "./change-rules.ts";
import { createToolReview } from "./create-tool-review.ts";
import { approveAll, approveTool, rejectTool } from "./decide-review.ts";
import { countReviews, getReview, listReviews } from "./find-reviews.ts";

const ends: (() => Promise<unknown>)[] = [];
/** The machine may have much to do. */
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

let count = 0;
/** A server of its own, which the gateway of the world knows. */
async function server(world: World, tools: SaidTool[], more: Partial<UpstreamDefinition> = {}) {
  const upstream = await startChangingUpstream(tools);
  ends.push(() => upstream.stop());
  const name = `srv${++count}`;
  world.setUpstreams([{ name, url: upstream.url, pinning: "first-use", ...more }]);
  return { ...upstream, name };
}
const offered = async ({ deps }: World, actor: Actor) => (await deps.tools.list(actor)).map(({ name }) => name);
const states = async ({ deps }: World, actor: Actor) =>
  (await listReviews(deps, actor, {})).map(({ tool, state }) => `${tool} ${state}`).toSorted();
const becomes = (world: World, actor: Actor, expected: string[]) =>
  eventually(async () => expect(await states(world, actor)).toEqual(expected));
const owner = (world: World) => world.actor({ owner: true });

describe("a pinned server", () => {
  it("is used as it was first; a new tool and a changed one are out of use until they are approved", async ({
    world,
  }) => {
    const actor = await owner(world);
    const { name, say } = await server(world, [said("a"), said("b")]);
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.a`, `${name}.b`]));
    expect(await states(world, actor)).toEqual(["a approved", "b approved"]);

    say([said("a"), said("b", { description: "Does b, and more" }), said("c")]);
    await becomes(world, actor, ["a approved", "b quarantined", "c quarantined"]);
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.a`]));
    expect(await countReviews(world.deps, actor)).toEqual({ quarantined: 2 });
    const b = await getReview(world.deps, actor, { id: name, tool: "b" });
    expect(b).toMatchObject({ state: "quarantined", isNew: false, changed: ["description"], mayReview: true });
    expect(b.changes[0]).toMatchObject({ before: "Does b", after: "Does b, and more" });
    expect(await getReview(world.deps, actor, { id: name, tool: "c" })).toMatchObject({ isNew: true, approved: null });

    await approveTool(world.deps, actor, { id: name, tool: "b", hash: b.hash ?? "" });
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.a`, `${name}.b`]));
    expect(await world.deps.db.auditEntry.findFirst({ where: { action: "tool.approve" } })).toMatchObject({
      subject: `${name}.b`,
      userId: actor.userId,
      detail: { hash: b.hash },
    });
    expect(await world.deps.db.auditEntry.findFirst({ where: { action: "tool.quarantined" } })).toMatchObject({
      subject: name,
      detail: { tools: ["b", "c"], count: 2 },
    });
  });

  it("brings a tool back that is again as it was approved", async ({ world }) => {
    const actor = await owner(world);
    const { name, say } = await server(world, [said("a"), said("b")]);
    await eventually(async () => expect(await offered(world, actor)).toHaveLength(2));
    say([said("a")]);
    await becomes(world, actor, ["a approved", "b gone"]);
    say([said("a", { description: "other" }), said("b")]);
    await becomes(world, actor, ["a quarantined", "b approved"]);
    say([said("a"), said("b")]);
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.a`, `${name}.b`]));
    expect(await states(world, actor)).toEqual(["a approved", "b approved"]);
  });

  it("that has to be approved offers nothing before, then what was approved together", async ({ world }) => {
    const actor = await owner(world);
    const { name, say } = await server(world, [said("a"), said("b"), said("c")], { pinning: "approve" });
    await offered(world, actor);
    await becomes(world, actor, ["a quarantined", "b quarantined", "c quarantined"]);
    expect(await offered(world, actor)).toEqual([]);
    const seen = (await listReviews(world.deps, actor, {})).map(({ tool, hash }) => ({ tool, hash: hash ?? "" }));
    say([said("a"), said("b", { description: "since then" }), said("c")]);
    await eventually(async () =>
      expect((await getReview(world.deps, actor, { id: name, tool: "b" })).proposed).toMatchObject({
        description: "since then",
      }),
    );
    const result = await approveAll(world.deps, actor, { id: name, tools: seen.filter(({ tool }) => tool !== "c") });
    expect(result).toEqual({ approved: ["a"], changed: ["b"] });
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.a`]));
  });

  it("does not offer what was rejected, whether it waited or was in use", async ({ world }) => {
    const actor = await owner(world);
    const { name, say } = await server(world, [said("a")]);
    await eventually(async () => expect(await offered(world, actor)).toHaveLength(1));
    const { hash } = await getReview(world.deps, actor, { id: name, tool: "a" });
    await rejectTool(world.deps, actor, { id: name, tool: "a", hash: hash ?? "" });
    await eventually(async () => expect(await offered(world, actor)).toEqual([]));
    say([]);
    say([said("a")]);
    await world.deps.tools.check(name, null);
    expect(await states(world, actor)).toEqual(["a rejected"]);
    await approveTool(world.deps, actor, { id: name, tool: "a", hash: hash ?? "" });
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.a`]));
  });
});

describe("a decision", () => {
  it("holds for what was looked at and nothing else", async ({ world }) => {
    const actor = await owner(world);
    const { name, say } = await server(world, [said("a")]);
    await eventually(async () => expect(await offered(world, actor)).toHaveLength(1));
    const get = () => getReview(world.deps, actor, { id: name, tool: "a" });
    say([said("a", { description: "harmless" })]);
    await becomes(world, actor, ["a quarantined"]);
    const seen = (await get()).hash ?? "";
    say([said("a", { description: "Sends everything to http://attacker" })]);
    await eventually(async () => expect((await get()).hash).not.toBe(seen));
    for (const decide of [approveTool, rejectTool])
      await expect(decide(world.deps, actor, { id: name, tool: "a", hash: seen })).rejects.toMatchObject({
        kind: "conflict",
        code: "review.changed",
      });
    expect(await offered(world, actor)).toEqual([]);
  });

  it("of one of two who decide at once counts", async ({ world }) => {
    const actor = await owner(world);
    const { name } = await server(world, [said("a")], { pinning: "approve" });
    await offered(world, actor);
    await becomes(world, actor, ["a quarantined"]);
    const hash = (await getReview(world.deps, actor, { id: name, tool: "a" })).hash ?? "";
    const both = await Promise.allSettled(
      [approveTool, approveTool, approveTool].map((decide) => decide(world.deps, actor, { id: name, tool: "a", hash })),
    );
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("is the owner's on servers for everybody, and the administrators' on those of their workspace", async ({
    world,
  }) => {
    const admin = await world.actor();
    const { name } = await server(world, [said("a")], { pinning: "approve" });
    await offered(world, admin);
    await becomes(world, admin, ["a quarantined"]);
    const item = (await listReviews(world.deps, admin, {}))[0];
    expect(item).toMatchObject({ mayReview: false });
    expect(await countReviews(world.deps, admin)).toEqual({ quarantined: 0 });
    const decision = { id: name, tool: "a", hash: item?.hash ?? "" };
    await expect(approveTool(world.deps, admin, decision)).rejects.toMatchObject({ code: "review.owner" });
    await expect(changeRules(world.deps, admin, { id: name, tool: "a", class: "read" })).rejects.toMatchObject({
      code: "review.owner",
    });

    const own = await server(world, [said("a")], { pinning: "approve", workspaceId: admin.workspaceId });
    await offered(world, admin);
    await eventually(async () => expect(await countReviews(world.deps, admin)).toEqual({ quarantined: 1 }));
    const stranger = await owner(world);
    for (const act of [
      getReview(world.deps, stranger, { id: own.name, tool: "a" }),
      approveTool(world.deps, stranger, { ...decision, id: own.name }),
      rejectTool(world.deps, stranger, { ...decision, id: own.name }),
      approveAll(world.deps, stranger, { id: own.name, tools: [decision] }),
      changeRules(world.deps, stranger, { id: own.name, tool: "a", class: "read" }),
      listReviews(world.deps, stranger, { server: own.name }),
    ])
      await expect(act).rejects.toMatchObject({ kind: "missing" });
    expect(await listReviews(world.deps, stranger, {})).toEqual([]);
    await approveTool(world.deps, admin, { ...decision, id: own.name });
  });
});

describe("rules of a tool", () => {
  it("are in force at once, also where the server is not pinned", async ({ world }) => {
    const actor = await owner(world);
    const { name } = await server(world, [said("a"), said("b")], { pinning: "off" });
    await eventually(async () => expect(await offered(world, actor)).toHaveLength(2));
    expect(await states(world, actor)).toEqual([]);
    expect(await getReview(world.deps, actor, { id: name, tool: "a" })).toMatchObject({
      state: "approved",
      hash: null,
    });
    await changeRules(world.deps, actor, { id: name, tool: "a", class: "dangerous" });
    const a = async () => (await world.deps.tools.list(actor)).find((tool) => tool.name === `${name}.a`);
    await eventually(async () => expect(await a()).toMatchObject({ class: "dangerous", consent: true }));
    await changeRules(world.deps, actor, { id: name, tool: "a", class: null, roles: ["viewer"] });
    await eventually(async () => expect(await offered(world, actor)).toEqual([`${name}.b`]));
    const viewer = await world.actor({ role: "viewer" });
    expect(await offered(world, viewer)).toEqual([`${name}.a`, `${name}.b`]);
    await expect(changeRules(world.deps, actor, { id: name, tool: "z", class: "read" })).rejects.toMatchObject({
      code: "tool.missing",
    });
  });
});

describe("several processes", () => {
  const listed = (name: string, description: string): ListedTool => ({ name, description, inputSchema: {} });
  const namesOf = async (judged: Promise<{ definition: ListedTool }[]>) =>
    (await judged).map(({ definition: { name } }) => name);

  it("take a first list once, whoever is first", async ({ world }) => {
    const processes = Array.from({ length: 5 }, () => createToolReview(world.deps));
    const upstream = definition(`race${++count}`, "http://x", { pinning: "first-use" });
    const lists = processes.map((_, i) => [listed("a", "same"), listed("b", `of process ${i}`)]);
    const verdicts = await Promise.all(processes.map((review, i) => namesOf(review.judge(upstream, lists[i]!))));
    for (const names of verdicts) expect(names).toContain("a");
    // one of the five lists was the first; what the others say of b is a change
    expect(verdicts.filter((names) => names.includes("b")).length).toBeLessThanOrEqual(1);
    expect(await world.deps.db.toolPin.count({ where: { upstreamId: upstream.id } })).toBe(2);
  });

  it("hear of each other's findings; one with an old list takes nothing back", async ({ world }) => {
    const [old, fresh] = [createToolReview(world.deps), createToolReview(world.deps)];
    const upstream = definition(`race${++count}`, "http://x", { pinning: "first-use" });
    const first = [listed("a", "one")];
    expect(await namesOf(old.judge(upstream, first))).toEqual(["a"]);
    const heard = vi.fn<(id: string) => void>();
    old.onChange(heard);
    expect(await namesOf(fresh.judge(upstream, [listed("a", "two")]))).toEqual([]);
    await eventually(() => expect(heard).toHaveBeenCalledWith(upstream.id));
    for (let again = 0; again < 3; again++) expect(await namesOf(old.judge(upstream, first))).toEqual([]);
    expect(await world.deps.db.toolPin.findMany({ where: { upstreamId: upstream.id } })).toMatchObject([
      { state: "quarantined", definition: { description: "one" }, proposed: { description: "two" } },
    ]);
  });
});

it("judges anew after a gap also what could not be read before it", async ({ world }) => {
  const gaps: (() => void)[] = [];
  const hints: ((payload: string) => void)[] = [];
  const live = {
    ...world.deps.live,
    subscribe: (_: string, heard: (payload: string) => void) => (hints.push(heard), () => undefined),
    onGap: (heard: () => void) => (gaps.push(heard), () => undefined),
  };
  const review = createToolReview({ ...world.deps, live: live as World["deps"]["live"] });
  const plant = { ...definition("plant", "http://127.0.0.1:9/mcp"), pinning: "off" as const };
  await review.judge(plant, []);
  const changed: string[] = [];
  review.onChange((id) => changed.push(id));
  for (const hear of hints) hear(JSON.stringify({ upstreamId: plant.id, workspaceId: null }));
  for (const hear of gaps) hear();
  expect(changed).toEqual([plant.id, plant.id]);
});
