import type { QueryClient } from "@tanstack/react-query";
import type { TRPCOptionsProxy } from "@trpc/tanstack-react-query";
import type { Change } from "#server/features/activity/router.ts";
import type { AppRouter } from "#server/edge/trpc/root.ts";

/** Marks what a change may have made stale; what is on the page is asked for anew, the rest when it is wanted. */
export function invalidateFor(queries: QueryClient, trpc: TRPCOptionsProxy<AppRouter>, changes: Change[]): void {
  const stale = (filter: { queryKey: readonly unknown[] }) =>
    void queries.invalidateQueries(filter, { cancelRefetch: false });
  if (changes.some(({ type }) => type === "refresh")) {
    void queries.invalidateQueries({}, { cancelRefetch: false });
    return;
  }
  const types = new Set(changes.map(({ type }) => type));
  if (types.has("model")) stale(trpc.models.status.queryFilter());
  // what tools did is shown by the upstreams' figures alone; the plant's views call tools themselves
  if (types.has("tool.called")) stale(trpc.upstreams.list.queryFilter());
  if (types.has("flow")) stale(trpc.flows.pathFilter());
  if (types.has("tool-review")) {
    stale(trpc.toolReview.pathFilter());
    stale(trpc.upstreams.pathFilter());
  }
  if (types.has("approval")) stale(trpc.approvals.pathFilter());
  const runs = changes.filter((change) => change.type === "run");
  if (runs.length === 0) return;
  stale(trpc.runs.list.queryFilter());
  for (const id of new Set(runs.map(({ runId }) => runId))) stale(trpc.runs.byId.queryFilter({ id }));
  if (runs.some(({ kind }) => kind === "flow")) {
    // flows are shown with their last runs; what a run that ended still asked is withdrawn
    stale(trpc.flows.list.queryFilter());
    stale(trpc.flows.byId.queryFilter());
    stale(trpc.approvals.pathFilter());
  }
  if (runs.some(({ kind }) => kind === "chat")) {
    stale(trpc.chat.sessions.queryFilter());
    // asked or answered in another tab: the open conversation goes along
    stale(trpc.chat.session.queryFilter());
  }
}
