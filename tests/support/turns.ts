import { afterEach, beforeEach, expect, vi } from "vitest";
import { chatExecutor, chatSettler, sendMessage } from "#server/features/chat/index.ts";
import { getSession } from "#server/features/chat/sessions.ts";
import { flowExecution } from "#server/features/flows/execute/index.ts";
import { RunWorker } from "#server/features/runs/index.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { createModels } from "#server/llm/models.ts";
import { startCountingUpstream, type TestUpstream } from "./mcp-upstream.ts";
import { startScriptedModel, type ModelRequest, type Scripted } from "./scripted-model.ts";
import type { World } from "./world.ts";

// What the tests of chat turns share: importing it gives each test an upstream, and ends what the test began.
/** What is ended after the test, last first. */
export const ends: (() => Promise<unknown>)[] = [];
/** The upstream `plant` of the test at hand, whose calls are counted. */
export let upstream: TestUpstream;
beforeEach<{ world: World }>(async ({ world }) => {
  await world.deps.db.run.deleteMany();
  upstream = await startCountingUpstream({ delayMs: 60_000 });
  world.setUpstreams([{ name: "plant", url: upstream.url }]);
  ends.push(() => upstream.stop());
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

export type Script = (request: ModelRequest, call: number) => Scripted;
export async function model(script: Script) {
  const server = await startScriptedModel(script);
  ends.push(() => server.stop());
  return server;
}

/** A worker of its own on that model; `flows`: for runs of flows and of code too, in real runners. */
export async function worker({ deps }: World, url: string, { flows = false, name = "scripted" } = {}) {
  const settings = {
    ...deps.settings,
    models: { free: { url, model: name, demo: false }, premium: { model: "none", demo: false } },
  };
  const models = createModels({ settings, log: deps.log, onChange: () => undefined });
  const execution = flows ? flowExecution({ ...deps, settings, models }) : null;
  const made = new RunWorker(
    { ...deps, settings },
    {
      executors: [chatExecutor({ ...deps, models }), ...(execution ? [execution.executor] : [])],
      settlers: [chatSettler],
    },
    { tendMs: 50 },
  );
  await made.start();
  if (execution) ends.push(() => execution.close());
  ends.push(() => made.stop(0));
  return made;
}
/** What another worker sees of a worker that died: a lease that is over. */
export const takeAway = ({ deps }: World, runId: string) =>
  deps.sql.query(`UPDATE "Run" SET "leaseToken" = 'gone', "leaseUntil" = now() - interval '1 second' WHERE id = $1`, [
    runId,
  ]);
export const send = ({ deps }: World, actor: Actor, message: string, sessionId?: string) =>
  sendMessage(deps, actor, { message, tier: "free", ...(sessionId ? { sessionId } : {}) }, { trigger: "chat" }).then(
    async (turn) => {
      await deps.sql.query(`UPDATE "Run" SET "createdAt" = now() - interval '1 minute' WHERE id = $1`, [turn.runId]); // due for the sweep
      return turn;
    },
  );
export const ended = ({ deps }: World, runId: string, timeout = 10_000) =>
  vi.waitFor(
    async () => expect((await deps.db.run.findUniqueOrThrow({ where: { id: runId } })).endedAt).not.toBeNull(),
    { timeout, interval: 20 },
  );
/** Types in order; pieces of text in a row count once, because how many there are is a matter of timing. */
export const eventTypes = async ({ deps }: World, runId: string) =>
  (await deps.db.runEvent.findMany({ where: { runId }, orderBy: { seq: "asc" } }))
    .map(({ type }) => type)
    .filter((type, i, all) => type !== "content" || all[i - 1] !== "content");
export const sees = ({ deps }: World, runId: string, type: string) =>
  vi.waitFor(async () => expect(await deps.db.runEvent.count({ where: { runId, type } })).toBeGreaterThan(0), {
    timeout: 5_000,
    interval: 10,
  });
export const answerOf = async (world: World, actor: Actor, id: string) =>
  (await getSession(world.deps, actor, { id })).messages.at(-1);
