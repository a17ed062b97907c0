import { describe, expect } from "vitest";
import { it } from "#tests/support/world.ts";
import { createFlow, removeFlow, updateFlow } from "./change-flow.ts";
import { credentialSecretOf, decryptCredentials } from "./credentials.ts";
import { loadDocument } from "./documents.ts";
import { getFlow, listFlows } from "./find-flows.ts";
import type { FlowNode } from "./schema.ts";
import { debug, inject, makeFlow, makeRun, node, SMALL, tab } from "./test-flows.ts";
import { getVersion, listVersions, runGraph, validateStored } from "./versions.ts";

const page = { limit: 50 };

describe("creating a flow", () => {
  it("adds it to the caller's editor beside what is there, under the given name", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const before = await loadDocument(deps, actor);
    const flow = await createFlow(deps, actor, { name: "Late orders", description: "Why", nodes: SMALL });
    expect(flow).toMatchObject({
      name: "Late orders",
      description: "Why",
      mine: true,
      ownerName: actor.name,
      revision: 2,
      nodeCount: 2,
      issues: [],
      starts: [{ node: "i", kind: "inject" }],
      endpoints: [],
      lastRun: null,
    });
    const after = await loadDocument(deps, actor);
    expect(after.nodes.slice(0, before.nodes.length)).toEqual(before.nodes);
    expect(after.nodes.slice(before.nodes.length).map(({ id }) => id)).toEqual(["t", "i", "d"]);
  });

  it("of the same nodes a second time makes another flow with ids of its own, wired to itself", async ({ world }) => {
    const actor = await world.actor();
    const first = await makeFlow(world, actor);
    const second = await makeFlow(world, actor);
    expect(second.id).not.toBe(first.id);
    const [i, d] = ["inject", "debug"].map((type) => second.nodes.find((one) => one.type === type));
    expect(i?.wires).toEqual([[d?.id]]);
    expect(first.nodes.map(({ id }) => id)).not.toContain(d?.id);
    expect(second.starts).toEqual([{ node: i?.id, kind: "inject", label: "Inject" }]);
  });

  it("many times at once loses none", async ({ world }) => {
    const actor = await world.actor();
    const made = await Promise.all(Array.from({ length: 6 }, (_, n) => makeFlow(world, actor, SMALL, `Parallel ${n}`)));
    const listed = await listFlows(world.deps, actor, { ...page, search: "parallel" });
    expect(listed.items.map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    expect((await loadDocument(world.deps, actor)).revision).toBe(7);
  });

  it("keeps passwords apart, encrypted for the seat, and shows them to nobody", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const withPassword = [tab(), { ...node("r", "http request"), credentials: { password: "hunter22" } }];
    const flow = await makeFlow(world, actor, withPassword);
    const again = await makeFlow(world, actor, withPassword);
    const document = await loadDocument(deps, actor);
    expect(JSON.stringify([flow, again, document])).not.toContain("hunter22");
    const requests = [flow, again].map(({ nodes }) => nodes.find(({ type }) => type === "http request")?.id ?? "");
    expect(decryptCredentials(credentialSecretOf(deps.settings, actor), document.credentials)).toEqual(
      Object.fromEntries(requests.map((id) => [id, { password: "hunter22" }])),
    );
  });
});

describe("changing a flow", () => {
  it("renames, describes, switches off", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await makeFlow(world, actor);
    const changed = await updateFlow(world.deps, actor, { id, name: "New", description: "About", disabled: true });
    expect(changed).toMatchObject({ name: "New", description: "About", disabled: true, revision: 3 });
    expect(changed.nodes.find(({ type }) => type === "tab")).toMatchObject({
      label: "New",
      info: "About",
      disabled: true,
    });
  });

  it("replaces the nodes by what was read and changed, and keeps ids", async ({ world }) => {
    const actor = await world.actor();
    await makeFlow(world, actor);
    const flow = await makeFlow(world, actor, [
      tab(),
      inject("i", "u"),
      node("u", "subflow:s"),
      { id: "s", type: "subflow", name: "Sub", in: [], out: [] },
      { ...debug("x"), z: "s" },
    ]);
    const nodes = flow.nodes
      .filter(({ type }) => type !== "inject")
      .map((one): FlowNode => (one.type === "debug" ? { ...one, name: "changed" } : one));
    const changed = await updateFlow(world.deps, actor, { id: flow.id, revision: flow.revision, nodes });
    expect(changed.nodes).toEqual(nodes);
    expect(changed.id).toBe(flow.id);
    expect((await loadDocument(world.deps, actor)).nodes.filter(({ type }) => type === "subflow")).toHaveLength(1);
  });

  it("takes bare nodes, and does not touch other flows whose ids they have", async ({ world }) => {
    const actor = await world.actor();
    const first = await makeFlow(world, actor);
    const second = await makeFlow(world, actor, [tab("o", "Other"), { ...debug("e"), z: "o" }]);
    const changed = await updateFlow(world.deps, actor, {
      id: second.id,
      nodes: [
        { id: "i", type: "inject", wires: [["d"]] },
        { id: "d", type: "debug" },
      ],
    });
    expect(changed.nodes.map(({ type }) => type)).toEqual(["tab", "inject", "debug"]);
    expect(changed.nodes.map(({ id }) => id)).not.toContain("d");
    expect((await getFlow(world.deps, actor, first)).nodes).toEqual(first.nodes);
    await expect(updateFlow(world.deps, actor, { id: second.id, nodes: first.nodes })).rejects.toMatchObject({
      code: "flow.other-tab",
    });
  });

  it("is refused when the flow changed since, and not when others did", async ({ world }) => {
    const actor = await world.actor();
    const { id, revision } = await makeFlow(world, actor);
    await makeFlow(world, actor);
    await updateFlow(world.deps, actor, { id, revision, name: "One" });
    await expect(updateFlow(world.deps, actor, { id, revision, name: "Two" })).rejects.toMatchObject({
      kind: "conflict",
      code: "flow.conflict",
    });
    expect((await getFlow(world.deps, actor, { id })).name).toBe("One");
  });

  it("and removing are for whose editor it is in", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const { id } = await makeFlow(world, actor);
    const colleague = await world.actor({ workspaceId: actor.workspaceId });
    expect(await getFlow(deps, colleague, { id })).toMatchObject({ mine: false });
    for (const attempt of [
      () => updateFlow(deps, colleague, { id, name: "x" }),
      () => removeFlow(deps, colleague, { id }),
    ])
      await expect(attempt()).rejects.toMatchObject({ kind: "forbidden", code: "flow.not-yours" });
    const stranger = await world.actor();
    for (const attempt of [
      () => updateFlow(deps, stranger, { id, name: "x" }),
      () => removeFlow(deps, stranger, { id }),
      () => getFlow(deps, stranger, { id }),
      () => listVersions(deps, stranger, { id, ...page }),
      () => getVersion(deps, stranger, { id, revision: 2 }),
      () => validateStored(deps, stranger, { id }),
    ])
      await expect(attempt()).rejects.toMatchObject({ kind: "missing" });
    expect((await listFlows(deps, stranger, page)).items).toEqual([]);
    expect((await getFlow(deps, actor, { id })).name).toBe("Test");
  });
});

describe("removing a flow", () => {
  it("takes it out of lists and of the editor; its runs still show what they ran", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const flow = await makeFlow(world, actor);
    const run = await makeRun(world, actor, flow.id);
    await deps.db.run.update({ where: { id: run }, data: { subjectVersion: flow.revision } });
    await removeFlow(deps, actor, flow);
    expect((await listFlows(deps, actor, { ...page, search: "Test" })).items).toEqual([]);
    expect((await loadDocument(deps, actor)).nodes.map(({ id }) => id)).not.toContain("t");
    await expect(removeFlow(deps, actor, flow)).rejects.toMatchObject({ kind: "missing" });
    expect(await runGraph(deps, actor, run)).toMatchObject({ flowId: flow.id, flowName: "Test", nodes: flow.nodes });
    await expect(runGraph(deps, await world.actor(), run)).rejects.toMatchObject({ kind: "missing" });
  });
});

describe("passwords of a flow", () => {
  it("go with it, those of others stay", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const withPassword = [tab(), { ...node("r", "http request"), credentials: { password: "hunter22" } }];
    const flow = await makeFlow(world, actor, withPassword);
    const other = await makeFlow(world, actor, withPassword);
    await removeFlow(deps, actor, flow);
    const { credentials } = await loadDocument(deps, actor);
    const left = other.nodes.find(({ type }) => type === "http request")?.id ?? "";
    expect(decryptCredentials(credentialSecretOf(deps.settings, actor), credentials)).toEqual({
      [left]: { password: "hunter22" },
    });
  });
});

describe("a subflow that comes along with a flow", () => {
  it("loses the nodes that are no longer in it", async ({ world }) => {
    const actor = await world.actor();
    const subflow = { ...node("s", "subflow", { name: "Sub", in: [], out: [] }), z: undefined };
    const inside = (id: string) => ({ ...debug(id), z: "s" });
    const nodes = [tab(), inject("i", "u"), node("u", "subflow:s"), subflow, inside("one"), inside("two")];
    const flow = await makeFlow(world, actor, nodes as Parameters<typeof makeFlow>[2]);
    const kept = flow.nodes.filter(({ id }) => id !== "two");
    const changed = await updateFlow(world.deps, actor, { id: flow.id, nodes: kept });
    expect(changed.nodes.map(({ id }) => id).toSorted()).toEqual(kept.map(({ id }) => id).toSorted());
  });
});

describe("the list of flows", () => {
  it("has each with its last run, newest first, page by page", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const colleague = await world.actor({ workspaceId: actor.workspaceId });
    const one = await makeFlow(world, actor, SMALL, "One");
    const two = await makeFlow(world, colleague, SMALL, "Two");
    await makeRun(world, actor, one.id);
    const last = await makeRun(world, actor, one.id);
    const mine = await listFlows(deps, actor, { ...page, mine: true, search: "one" });
    expect(mine.items.map(({ id, lastRun }) => [id, lastRun?.id, lastRun?.status])).toEqual([
      [one.id, last, "waiting"],
    ]);
    const first = await listFlows(deps, actor, { limit: 1 });
    const rest = await listFlows(deps, actor, { limit: 50, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...rest.items].map(({ name, mine }) => [name, mine])).toEqual([
      ["Two", false],
      ["First steps", false],
      ["One", true],
      ["First steps", true],
    ]);
    expect(first.items[0]?.id).toBe(two.id);
    expect(rest.nextCursor).toBeNull();
  });
});

describe("versions", () => {
  it("are the revisions that changed this flow, with its nodes as they were", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const flow = await makeFlow(world, actor); // revision 2
    await makeFlow(world, actor, SMALL, "Another"); // 3
    await updateFlow(deps, actor, { id: flow.id, name: "Renamed" }); // 4
    await makeFlow(world, actor, SMALL, "A third"); // 5
    const { items } = await listVersions(deps, actor, { id: flow.id, ...page });
    expect(items.map(({ revision, source, authorName }) => [revision, source, authorName])).toEqual([
      [4, "api", actor.name],
      [2, "api", actor.name],
    ]);
    const labels = await Promise.all(
      [2, 3, 4].map(async (revision) => (await getVersion(deps, actor, { id: flow.id, revision })).nodes[0]?.label),
    );
    expect(labels).toEqual(["Test", "Test", "Renamed"]);
    await expect(getVersion(deps, actor, { id: flow.id, revision: 1 })).rejects.toMatchObject({ kind: "missing" });
    await expect(getVersion(deps, actor, { id: flow.id, revision: 99 })).rejects.toMatchObject({ kind: "missing" });
    const first = await listVersions(deps, actor, { id: flow.id, limit: 1 });
    expect(first.nextCursor).toBe("4");
    const rest = await listVersions(deps, actor, { id: flow.id, limit: 1, cursor: "4" });
    expect(rest.items.map(({ revision }) => revision)).toEqual([2]);
  });

  it("are found behind hundreds of revisions of other flows, each once", async ({ world }) => {
    const { deps } = world;
    const actor = await world.actor();
    const flow = await makeFlow(world, actor); // revision 2
    await updateFlow(deps, actor, { id: flow.id, name: "Renamed" }); // 3
    await makeFlow(world, actor, SMALL, "Another"); // 4
    const { id: documentId } = await loadDocument(deps, actor);
    await deps.sql.query(
      `INSERT INTO "FlowRevision" ("documentId", revision, nodes, source)
       SELECT "documentId", n, nodes, 'editor' FROM "FlowRevision", generate_series(5, 650) n
       WHERE "documentId" = $1 AND revision = 4`,
      [documentId],
    );
    const found: number[] = [];
    let pages = 0;
    for (let cursor: string | null | undefined; cursor !== null; pages++) {
      const page = await listVersions(deps, actor, { id: flow.id, limit: 50, ...(cursor && { cursor }) });
      found.push(...page.items.map(({ revision }) => revision));
      cursor = page.nextCursor;
    }
    expect([found, pages]).toEqual([[3, 2], 3]);
  });
});

describe("validation of a stored flow", () => {
  it("is of what is stored, or of other nodes before they are", async ({ world }) => {
    const actor = await world.actor();
    const { id } = await makeFlow(world, actor);
    expect(await validateStored(world.deps, actor, { id })).toMatchObject({ valid: true, issues: [] });
    const nodes = [tab(), inject("i", "x"), node("x", "exec")] as FlowNode[];
    expect(await validateStored(world.deps, actor, { id, nodes })).toMatchObject({
      valid: false,
      issues: [{ code: "flow.pod-only", node: "x" }],
      starts: [{ node: "i" }],
    });
  });

  it("finds sub-flows that are not in the workspace any more", async ({ world }) => {
    const actor = await world.actor();
    const foreign = await makeFlow(world, await world.actor());
    const own = await makeFlow(world, actor);
    const calls = (flow: string) => [tab(), inject("i", "x"), node("x", "osf-sub-flow", { flow })];
    expect((await makeFlow(world, actor, calls(own.id))).issues).toEqual([]);
    expect((await makeFlow(world, actor, calls(foreign.id))).issues).toMatchObject([{ code: "flow.sub-flow" }]);
  });
});
