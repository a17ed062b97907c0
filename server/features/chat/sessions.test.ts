import { describe, expect } from "vitest";
import { model, sees, send, worker } from "#tests/support/turns.ts";
import { it } from "#tests/support/world.ts";
import { deleteSession } from "./delete-session.ts";
import { retryTurn, sendMessage } from "./send-message.ts";
import { getSession, listSessions, renameSession } from "./sessions.ts";
import { chatSettler } from "./settle-turn.ts";

describe("conversations", () => {
  it("are sent once for a repeated idempotency key", async ({ world }) => {
    const actor = await world.actor();
    const ask = (message: string) =>
      sendMessage(world.deps, actor, { message, tier: "free" }, { trigger: "api", idempotencyKey: "once" });
    const turns = await Promise.all([ask("same"), ask("same"), ask("same")]);
    expect(new Set(turns.map(({ runId }) => runId)).size).toBe(1);
    await expect(ask("other")).rejects.toMatchObject({ code: "idempotency.mismatch" });
    expect((await listSessions(world.deps, actor, { limit: 10 })).items).toHaveLength(1);
  });

  it("belong to one person: colleagues and strangers find nothing", async ({ world }) => {
    const actor = await world.actor();
    const { sessionId, runId } = await send(world, actor, "private");
    for (const other of [await world.actor(), await world.actor({ workspaceId: actor.workspaceId })]) {
      for (const ask of [
        () => getSession(world.deps, other, { id: sessionId }),
        () => renameSession(world.deps, other, { id: sessionId, title: "mine" }),
        () => deleteSession(world.deps, [chatSettler], other, { id: sessionId }),
        () => sendMessage(world.deps, other, { message: "x", sessionId, tier: "free" }, { trigger: "chat" }),
        () => retryTurn(world.deps, other, { sessionId, runId }),
      ])
        await expect(ask()).rejects.toMatchObject({ kind: "missing" });
      expect((await listSessions(world.deps, other, { limit: 10 })).items).toEqual([]);
    }
  });

  it("are gone with their runs when they are deleted, also in the middle of an answer", async ({ world }) => {
    const actor = await world.actor();
    const server = await model(() => ({ text: ["never ", new Promise<void>(() => undefined)] }));
    await worker(world, server.url);
    const { sessionId, runId } = await send(world, actor, "x");
    await sees(world, runId, "content");
    await deleteSession(world.deps, [chatSettler], actor, { id: sessionId });
    await expect(getSession(world.deps, actor, { id: sessionId })).rejects.toMatchObject({ kind: "missing" });
    expect(await world.deps.db.run.count({ where: { id: runId } })).toBe(0);
  });

  it("are listed by pages, the newest message first", async ({ world }) => {
    const actor = await world.actor();
    for (const text of ["one", "two", "three"]) await send(world, actor, text);
    const first = await listSessions(world.deps, actor, { limit: 2 });
    const second = await listSessions(world.deps, actor, { limit: 2, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...second.items].map(({ title }) => title)).toEqual(["three", "two", "one"]);
    expect(second.nextCursor).toBeNull();
    expect(
      (await listSessions(world.deps, actor, { limit: 10, search: "TW" })).items.map(({ title }) => title),
    ).toEqual(["two"]);
  });
});
