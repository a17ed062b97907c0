import { tracked } from "@trpc/server";
import { can, router, whileAllowed } from "#server/edge/trpc/procedures.ts";
import type { Deps } from "../deps.ts";
import { runGraph } from "../flows/index.ts";
import { settlers } from "../settlers.ts";
import { cancelRun } from "./cancel-run.ts";
import { findRun, getRun, listRunEvents, listRuns, withoutQuestions } from "./find-runs.ts";
import { getStep, listSteps } from "./find-steps.ts";
import { retryRun } from "./retry-run.ts";
import { AdminRunFilter, EventsAfter, RunFilter, RunRef } from "./schema.ts";
import { ListSteps, RetryRun, StepRef } from "./steps.schema.ts";
import { shownEvent } from "./events.ts";
import { watchRun } from "./watch-run.ts";

async function* trackedEvents(deps: Pick<Deps, "db" | "live">, runId: string, after: number, signal: AbortSignal) {
  for await (const event of watchRun(deps, runId, after, signal)) yield tracked(String(event.seq), shownEvent(event));
}

export const runsRouter = router({
  list: can("run.read")
    .input(RunFilter)
    .query(({ ctx, input }) => listRuns(ctx.deps, ctx.actor, input)),
  /** Of all workspaces, for the platform's owner. */
  everywhere: can("admin.read")
    .input(AdminRunFilter)
    .query(async ({ ctx, input }) => withoutQuestions(ctx.actor, await listRuns(ctx.deps, ctx.actor, input, true))),
  byId: can("run.read")
    .input(RunRef)
    .query(({ ctx, input }) => getRun(ctx.deps, ctx.actor, input)),
  events: can("run.read")
    .input(EventsAfter)
    .query(({ ctx, input }) => listRunEvents(ctx.deps, ctx.actor, { ...input, limit: 1_000 })),
  steps: can("run.read")
    .input(ListSteps)
    .query(({ ctx, input }) => listSteps(ctx.deps, ctx.actor, input)),
  step: can("run.read")
    .input(StepRef)
    .query(({ ctx, input }) => getStep(ctx.deps, ctx.actor, input)),
  graph: can("run.read")
    .input(RunRef)
    .query(({ ctx, input }) => runGraph(ctx.deps, ctx.actor, input.id)),
  retry: can("flow.run")
    .input(RetryRun.extend(RunRef.shape))
    .mutation(({ ctx, input }) => retryRun(ctx.deps, ctx.actor, input, { requestId: ctx.requestId })),
  cancel: can("run.cancel")
    .input(RunRef)
    .mutation(({ ctx, input }) => cancelRun(ctx.deps, settlers, ctx.actor, input)),
  /** `lastEventId` is what tRPC's client sends when it comes back after a broken connection. */
  watch: can("run.read")
    .input(EventsAfter.extend({ lastEventId: EventsAfter.shape.after.nullish() }))
    .subscription(async ({ ctx, input, signal }) => {
      const run = await findRun(ctx.deps, ctx.actor, input.id); // before the stream begins, so that it fails as a request does
      // From beyond the end a watcher would wait for ever.
      const after = Math.min(input.lastEventId ?? input.after, run.lastSeq);
      return whileAllowed(ctx.stillAllowed, signal, (until) => trackedEvents(ctx.deps, run.id, after, until));
    }),
});
