import { can, router } from "#server/edge/trpc/procedures.ts";
import { createFlow, removeFlow, updateFlow } from "./change-flow.ts";
import { setFlowTool } from "./flow-tool.ts";
import { getFlow, listFlows } from "./find-flows.ts";
import {
  CreateFlow,
  FlowRef,
  ListFlows,
  ListVersions,
  RunFlow,
  SetFlowTool,
  UpdateFlow,
  ValidateFlow,
  VersionRef,
} from "./schema.ts";
import { startFlowRun } from "./start-flow-run.ts";
import { getVersion, listVersions, validateStored } from "./versions.ts";

export const flowsRouter = router({
  list: can("flow.read")
    .input(ListFlows)
    .query(({ ctx, input }) => listFlows(ctx.deps, ctx.actor, input)),
  byId: can("flow.read")
    .input(FlowRef)
    .query(({ ctx, input }) => getFlow(ctx.deps, ctx.actor, input)),
  create: can("flow.write")
    .input(CreateFlow)
    .mutation(({ ctx, input }) => createFlow(ctx.deps, ctx.actor, input, "import")),
  update: can("flow.write")
    .input(UpdateFlow.extend(FlowRef.shape))
    .mutation(({ ctx, input }) => updateFlow(ctx.deps, ctx.actor, input)),
  remove: can("flow.write")
    .input(FlowRef)
    .mutation(({ ctx, input }) => removeFlow(ctx.deps, ctx.actor, input)),
  run: can("flow.run")
    .input(RunFlow.extend(FlowRef.shape))
    .mutation(({ ctx, input: { id, input, start } }) =>
      startFlowRun(ctx.deps, ctx.actor, { flowId: id, input, start, trigger: "manual", requestId: ctx.requestId }),
    ),
  setTool: can("flow.write")
    .input(SetFlowTool)
    .mutation(({ ctx, input }) => setFlowTool(ctx.deps, ctx.actor, input)),
  validate: can("flow.read")
    .input(ValidateFlow.extend(FlowRef.shape))
    .query(({ ctx, input }) => validateStored(ctx.deps, ctx.actor, input)),
  versions: can("flow.read")
    .input(ListVersions.extend(FlowRef.shape))
    .query(({ ctx, input }) => listVersions(ctx.deps, ctx.actor, input)),
  version: can("flow.read")
    .input(VersionRef)
    .query(({ ctx, input }) => getVersion(ctx.deps, ctx.actor, input)),
});
