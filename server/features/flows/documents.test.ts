import { describe, expect } from "vitest";
import { until } from "#tests/support/until.ts";
import { it } from "#tests/support/world.ts";
import { deployDocument, loadDocument, saveSettings, seatTopic } from "./documents.ts";
import { validateFlow } from "./validate.ts";
import { debug, inject, node, tab } from "./test-flows.ts";

const flowsOf = async (db: World["deps"]["db"], documentId: string) =>
  db.flow.findMany({ where: { documentId }, orderBy: { id: "asc" } });
type World = Parameters<Parameters<typeof it.beforeAll>[0]>[0]["world"];

describe("the document of a seat", () => {
  it("is made with an example that runs as it is, once, however many ask at the same time", async ({ world }) => {
    const actor = await world.actor();
    const loaded = await Promise.all(Array.from({ length: 8 }, () => loadDocument(world.deps, actor)));
    expect(new Set(loaded.map(({ id }) => id)).size).toBe(1);
    expect(loaded.map(({ revision }) => revision)).toEqual(Array.from({ length: 8 }, () => 1));
    const [document] = loaded;
    const [flow, ...others] = await flowsOf(world.deps.db, document?.id ?? "");
    expect(others).toEqual([]);
    expect(flow).toMatchObject({ name: "First steps", ownerId: actor.userId, changedIn: 1, nodeCount: 5 });
    expect(validateFlow(document?.nodes ?? [], flow?.tabId ?? "")).toEqual([]);
  });

  it("belongs to one person in one workspace", async ({ world }) => {
    const actor = await world.actor();
    const other = await world.actor({ workspaceId: actor.workspaceId });
    const [mine, theirs] = [await loadDocument(world.deps, actor), await loadDocument(world.deps, other)];
    expect(theirs.id).not.toBe(mine.id);
    await deployDocument(world.deps, other, { nodes: [tab()], source: "editor" });
    expect((await loadDocument(world.deps, actor)).nodes).toEqual(mine.nodes);
  });

  it("keeps the order of nodes and of their properties, so that Node-RED's own revision stays the same", async ({
    world,
  }) => {
    const actor = await world.actor();
    const nodes = [
      { z: "t", wires: [], type: "debug", id: "b" },
      { type: "tab", id: "t", label: "x" },
    ];
    await deployDocument(world.deps, actor, { nodes, source: "editor" });
    expect(JSON.stringify((await loadDocument(world.deps, actor)).nodes)).toBe(JSON.stringify(nodes));
  });

  it("keeps the editor's settings beside it, of a seat that has one", async ({ world }) => {
    const actor = await world.actor();
    await expect(saveSettings(world.deps, actor, { a: 1 })).rejects.toMatchObject({ kind: "missing" });
    await loadDocument(world.deps, actor);
    await saveSettings(world.deps, actor, { users: { _: { view: 1 } } });
    expect(await loadDocument(world.deps, actor)).toMatchObject({
      revision: 1,
      settings: { users: { _: { view: 1 } } },
    });
  });
});

describe("a deploy", () => {
  it("makes a revision, and the flows that are in it", async ({ world: { deps, actor: person } }) => {
    const actor = await person();
    const { id } = await loadDocument(deps, actor);
    const nodes = [tab("a", "One"), tab("b", "Two"), { ...inject("i", "d"), z: "a" }, { ...debug("d"), z: "a" }];
    expect(await deployDocument(deps, actor, { nodes, baseRevision: 1, source: "editor" })).toEqual({
      revision: 2,
      changed: true,
    });
    const flows = await flowsOf(deps.db, id);
    expect(
      flows.map(({ name, deletedAt, nodeCount, changedIn }) => [name, deletedAt !== null, nodeCount, changedIn]),
    ).toEqual([
      ["First steps", true, 5, 2],
      ["One", false, 2, 2],
      ["Two", false, 0, 2],
    ]);
    const revisions = await deps.db.flowRevision.findMany({ where: { documentId: id }, orderBy: { revision: "asc" } });
    expect(revisions.map(({ revision, source, authorId }) => [revision, source, authorId])).toEqual([
      [1, "import", null],
      [2, "editor", actor.userId],
    ]);
    expect(revisions[1]?.nodes).toEqual(nodes);
    const audit = await deps.db.auditEntry.findMany({ where: { action: "flow.deploy", userId: actor.userId } });
    expect(audit.map(({ detail }) => detail)).toEqual([
      { revision: 2, source: "editor", nodes: 4, added: ["One", "Two"], changed: [], removed: ["First steps"] },
    ]);
  });

  it("touches only the flows that it changes, by what they use as well", async ({ world: { deps, actor: person } }) => {
    const actor = await person();
    const { id } = await loadDocument(deps, actor);
    const subflow = { id: "s", type: "subflow", name: "Sub", in: [], out: [] };
    const inside = { id: "x", type: "function", z: "s", func: "return msg;", wires: [[]] };
    const nodes = [tab("a", "Uses it"), tab("b", "Does not"), { ...node("u", "subflow:s"), z: "a" }, subflow, inside];
    await deployDocument(deps, actor, { nodes, source: "editor" });
    const changed = nodes.map((one) => (one.id === "x" ? { ...one, func: "return null;" } : one));
    await deployDocument(deps, actor, { nodes: changed, source: "editor" });
    const flows = await flowsOf(deps.db, id);
    expect(flows.slice(1).map(({ name, changedIn }) => [name, changedIn])).toEqual([
      ["Uses it", 3],
      ["Does not", 2],
    ]);
  });

  it("keeps a flow's id over renaming, removing and restoring", async ({ world: { deps, actor: person } }) => {
    const actor = await person();
    const { id } = await loadDocument(deps, actor);
    const deploy = (nodes: ReturnType<typeof tab>[]) => deployDocument(deps, actor, { nodes, source: "editor" });
    await deploy([tab("a", "Old")]);
    const find = async () => (await flowsOf(deps.db, id)).find(({ tabId }) => tabId === "a");
    const first = await find();
    await deploy([{ ...tab("a", "New"), info: "About it", disabled: true }]);
    expect(await find()).toMatchObject({ id: first?.id, name: "New", description: "About it", disabled: true });
    await deploy([]);
    expect((await find())?.deletedAt).not.toBeNull();
    await deploy([tab("a", "New")]);
    expect(await find()).toMatchObject({ id: first?.id, deletedAt: null, disabled: false });
  });

  it("is refused when somebody else deployed since, with nothing stored", async ({
    world: { deps, actor: person },
  }) => {
    const actor = await person();
    await loadDocument(deps, actor);
    const attempt = (label: string) =>
      deployDocument(deps, actor, { nodes: [tab("a", label)], baseRevision: 1, source: "editor" });
    const results = await Promise.allSettled(["one", "two", "three"].map(attempt));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected")
        expect(result.reason).toMatchObject({
          kind: "conflict",
          code: "flow.conflict",
          hints: { extra: { revision: 2 } },
        });
    expect((await loadDocument(deps, actor)).revision).toBe(2);
  });

  it("that changes nothing makes no revision", async ({ world: { deps, actor: person } }) => {
    const actor = await person();
    const { nodes } = await loadDocument(deps, actor);
    expect(await deployDocument(deps, actor, { nodes, source: "editor" })).toEqual({ revision: 1, changed: false });
    expect(await deployDocument(deps, actor, { nodes, credentials: { $: "x" }, source: "editor" })).toEqual({
      revision: 2,
      changed: true,
    });
    // Without a word about credentials they stay.
    await deployDocument(deps, actor, { nodes: [tab()], source: "editor" });
    expect((await loadDocument(deps, actor)).credentials).toEqual({ $: "x" });
  });

  it("says what is wrong with ids, and with what is too large", async ({ world: { deps, actor: person } }) => {
    const actor = await person();
    const deploy = (nodes: object[]) =>
      deployDocument(deps, actor, { nodes: nodes as ReturnType<typeof tab>[], source: "api" });
    await expect(deploy([tab("a"), tab("a")])).rejects.toMatchObject({ kind: "invalid", code: "flow.duplicate-id" });
    await expect(deploy([{ type: "tab" }])).rejects.toMatchObject({ kind: "invalid", code: "flow.node" });
    await expect(deploy([{ ...tab("a"), info: "x".repeat(11_000_000) }])).rejects.toMatchObject({
      kind: "large",
      code: "flow.too-large",
    });
    const many = Array.from({ length: 20_001 }, (_, i) => tab(`t${i}`));
    await expect(deploy(many)).rejects.toMatchObject({ kind: "large", code: "flow.too-large" });
    expect((await loadDocument(deps, actor)).revision).toBe(1);
  });

  it("by a program tells the seat's pod, by its own editor not; pages hear of both", async ({
    world: { deps, actor: person },
  }) => {
    const actor = await person();
    const heard: string[] = [];
    const offs = [
      deps.live.subscribe(seatTopic(actor), (payload) => heard.push(payload)),
      deps.live.subscribe(`workspace:${actor.workspaceId}`, (payload) => heard.push(payload)),
    ];
    await loadDocument(deps, actor);
    await deployDocument(deps, actor, { nodes: [tab("a")], source: "editor" });
    await deployDocument(deps, actor, { nodes: [tab("b")], source: "api" });
    await until("the last word", () => heard.includes("document"));
    const hint = '{"type":"flow"}';
    expect(heard).toEqual([hint, hint, hint, "document"]);
    for (const off of offs) off();
  });
});
