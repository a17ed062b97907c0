import { describe, expect } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { it, type World } from "#tests/support/world.ts";
import { auditText } from "./export-text.ts";
import { exportAudit, listAudit } from "./find-audit.ts";
import { recordAudit, type AuditNote } from "./record-audit.ts";
import { ListAudit, type AuditEntryView } from "./schema.ts";

let clock = Date.UTC(2026, 6, 1);
const record = ({ deps }: World, actor: Actor, note: Partial<AuditNote> = {}) =>
  recordAudit(deps.db, {
    at: new Date((clock += 1_000)),
    actor,
    action: "tool.call",
    subject: "erp.list_orders",
    ...note,
  });
const subjects = async ({ deps }: World, actor: Actor, filter: object = {}) =>
  (await listAudit(deps, actor, ListAudit.parse(filter))).items.map(({ subject }) => subject);

describe("the list", () => {
  it("shows what was done in the workspace, newest first, by pages", async ({ world }) => {
    const actor = await world.actor();
    for (const subject of ["a", "b", "c"]) await record(world, actor, { subject });
    const first = await listAudit(world.deps, actor, ListAudit.parse({ limit: 2 }));
    expect(first.items.map(({ subject }) => subject)).toEqual(["c", "b"]);
    expect(first.items[0]).toMatchObject({ actor: { name: actor.name, role: "admin" }, outcome: "ok" });
    expect(await subjects(world, actor, { limit: 2, cursor: first.nextCursor })).toEqual(["a"]);
  });

  it("filters by word, action, outcome, person, run and time", async ({ world }) => {
    const actor = await world.actor();
    const colleague = { ...(await world.actor({ workspaceId: actor.workspaceId })), name: "Olga Müller" };
    await record(world, actor, { subject: "wms.book", outcome: "failed", runId: "run_1" });
    await record(world, actor, { action: "auth.login", subject: "a@b.c" });
    const at = new Date((clock += 1_000));
    await record(world, colleague, { at, subject: "erp.cancel" });
    for (const [filter, found] of [
      [{ search: "WMS" }, ["wms.book"]],
      [{ search: "müller" }, ["erp.cancel"]],
      [{ search: "login" }, ["a@b.c"]],
      [{ search: "run_1" }, ["wms.book"]],
      [{ search: "100%" }, []],
      [{ action: "tool." }, ["erp.cancel", "wms.book"]],
      [{ action: "auth.login" }, ["a@b.c"]],
      [{ outcome: "failed" }, ["wms.book"]],
      [{ userId: colleague.userId }, ["erp.cancel"]],
      [{ runId: "run_1" }, ["wms.book"]],
      [{ from: at.toISOString() }, ["erp.cancel"]],
      [{ until: at.toISOString() }, ["a@b.c", "wms.book"]],
    ] as const)
      expect(await subjects(world, actor, filter), JSON.stringify(filter)).toEqual(found);
  });

  it("shows nothing of others, whatever a stranger asks for; everything to the owner who asks for it", async ({
    world,
  }) => {
    const actor = await world.actor();
    await record(world, actor, { subject: "mine", runId: "run_9" });
    const stranger = await world.actor();
    for (const filter of [{}, { search: "mine" }, { userId: actor.userId }, { runId: "run_9" }])
      expect(await subjects(world, stranger, filter)).toEqual([]);
    await expect(listAudit(world.deps, stranger, ListAudit.parse({ scope: "all" }))).rejects.toMatchObject({
      kind: "forbidden",
    });
    const owner = await world.actor({ owner: true });
    expect(await subjects(world, owner)).toEqual([]);
    expect(await subjects(world, owner, { scope: "all", search: "mine" })).toEqual(["mine"]);
  });
});

describe("the export", () => {
  const textOf = async (pages: AsyncIterable<AuditEntryView[]>, format: "csv" | "jsonl") =>
    Buffer.concat(await Array.fromAsync(auditText(pages, format))).toString();

  it("is whole, oldest first, as JSON lines that say what the list says", async ({ world }) => {
    const actor = await world.actor();
    for (const subject of ["a", "b"]) await record(world, actor, { subject, detail: { argsHash: "x" } });
    const lines = (await textOf(exportAudit(world.deps, actor, { scope: "workspace" }), "jsonl")).trimEnd().split("\n");
    const { items } = await listAudit(world.deps, actor, ListAudit.parse({}));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(JSON.parse(JSON.stringify(items.toReversed())));
  });

  it("as CSV keeps commas, quotes and line ends in their cells, and makes no formulas", async ({ world }) => {
    const actor = await world.actor();
    await record(world, actor, { subject: '=HYPERLINK("http://x","y")' });
    await record(world, actor, { subject: "two\nlines, one cell" });
    const text = await textOf(exportAudit(world.deps, actor, { scope: "workspace" }), "csv");
    expect(text.startsWith("seq,id,at,workspaceId,userId,actor,action,subject,")).toBe(true);
    expect(text).toContain(`tool.call,"'=HYPERLINK(""http://x"",""y"")",`);
    expect(text).toContain(`tool.call,"two\nlines, one cell",`);
    expect(text.match(/\r\n/g)).toHaveLength(3);
  });
});
