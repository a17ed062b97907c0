import { afterEach, expect, vi } from "vitest";
import { createCallerFactory } from "#server/edge/trpc/procedures.ts";
import { appRouter } from "#server/edge/trpc/root.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import { it, type World } from "#tests/support/world.ts";
import { startRun } from "../runs/index.ts";
import type { Change } from "./router.ts";

afterEach(() => void vi.useRealTimers());

/** What a page hears of its workspace until `leave` or the end. */
async function listen({ deps }: World, actor: Actor, now = async () => actor) {
  const leave = new AbortController();
  const context = { deps, requestId: "test", ip: "192.0.2.1", actor: async () => actor, actorNow: now };
  const caller = createCallerFactory(appRouter)(context, { signal: leave.signal });
  const changes = await caller.activity.changes();
  const heard: Change[] = [];
  const ended = (async () => {
    for await (const change of changes) heard.push(change);
  })();
  await vi.waitFor(() => expect(heard).toEqual([{ type: "refresh" }]));
  return { heard, ended, leave: () => leave.abort() };
}
const start = ({ deps }: World, actor: Actor, kind: "chat" | "agent") =>
  deps.db.$transaction((tx) => startRun(deps, tx, actor, { kind, title: "x", trigger: "test", input: {} }));

it("tells of the workspace's runs, but of conversations only their own person", async ({ world }) => {
  const actor = await world.actor();
  const colleague = await world.actor({ workspaceId: actor.workspaceId });
  const [mine, theirs] = [await listen(world, actor), await listen(world, colleague)];
  const { run: talk } = await start(world, actor, "chat");
  const { run } = await start(world, actor, "agent");
  const runs = (heard: Change[]) => heard.flatMap((change) => (change.type === "run" ? [change.runId] : []));
  await vi.waitFor(() => expect(runs(mine.heard)).toEqual([talk.id, run.id]));
  await vi.waitFor(() => expect(runs(theirs.heard)).toEqual([run.id]));
  for (const one of [mine, theirs]) one.leave();
  await Promise.all([mine.ended, theirs.ended]);
});

it("ends with an error within 15 s after the sign-in was ended, and not while the database cannot tell", async ({
  world,
}) => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const actor = await world.actor();
  let answer = () => Promise.reject<Actor>(Object.assign(new Error("connect"), { code: "ECONNREFUSED" }));
  const page = await listen(world, actor, () => answer());
  const outcome = page.ended.then(
    () => "ended",
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(15_000);
  await start(world, actor, "agent");
  await vi.waitFor(() => expect(page.heard).toHaveLength(2));
  answer = () => Promise.reject<Actor>(new AppError("unauthenticated", "auth.revoked", "Ended"));
  await vi.advanceTimersByTimeAsync(15_000);
  expect(await outcome).toMatchObject({ code: "UNAUTHORIZED" });
});
