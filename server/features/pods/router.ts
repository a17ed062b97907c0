import { can, router } from "#server/edge/trpc/procedures.ts";
import { drainAll, forgetEnded, listPods, podEvents, podLogs, podStats, releasePod, scalePool } from "./admin-pods.ts";
import { myPod, openMyPod } from "./my-pod.ts";
import { ListPodEvents, ListPods, PodLogs, ReleasePod, ScalePool } from "./schema.ts";

export const podsRouter = router({
  mine: can("editor.use").query(({ ctx }) => myPod(ctx.deps, ctx.actor)),
  open: can("editor.use").mutation(({ ctx }) => openMyPod(ctx.deps, ctx.actor)),
  list: can("admin.read")
    .input(ListPods)
    .query(({ ctx, input }) => listPods(ctx.deps, input)),
  stats: can("admin.read").query(({ ctx }) => podStats(ctx.deps)),
  events: can("admin.read")
    .input(ListPodEvents)
    .query(({ ctx, input }) => podEvents(ctx.deps, input)),
  logs: can("admin.read")
    .input(PodLogs)
    .query(({ ctx, input }) => podLogs(ctx.deps, input)),
  release: can("admin.write")
    .input(ReleasePod)
    .mutation(({ ctx, input }) => releasePod(ctx.deps, ctx.actor, input)),
  scale: can("admin.write")
    .input(ScalePool)
    .mutation(({ ctx, input }) => scalePool(ctx.deps, ctx.actor, input)),
  drainAll: can("admin.write").mutation(({ ctx }) => drainAll(ctx.deps, ctx.actor)),
  cleanup: can("admin.write").mutation(({ ctx }) => forgetEnded(ctx.deps)),
});
