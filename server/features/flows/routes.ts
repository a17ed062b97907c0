import { z } from "zod";
import { pageOf, route } from "#server/edge/rest/route.ts";
import { createFlow, removeFlow, updateFlow } from "./change-flow.ts";
import { setFlowTool } from "./flow-tool.ts";
import { getFlow, listFlows } from "./find-flows.ts";
import {
  CreateFlow,
  FlowDetail,
  FlowNode,
  FlowRef,
  FlowStarted,
  FlowTool,
  FlowVersion,
  FlowView,
  ListFlows,
  ListVersions,
  RunFlow,
  UpdateFlow,
  ValidateFlow,
  Validation,
} from "./schema.ts";
import { startFlowRun } from "./start-flow-run.ts";
import { getVersion, listVersions, validateStored } from "./versions.ts";

const tag = "Flows";
const NotYours = { 403: "It is in the editor of somebody else" };

export const flowRoutes = [
  route({
    method: "GET",
    path: "/api/workflows",
    permission: "flow.read",
    tag,
    summary: "The workspace's flows, newest first",
    query: ListFlows,
    response: pageOf(FlowView),
    handle: ({ deps, actor, query }) => listFlows(deps, actor, query),
  }),
  route({
    method: "POST",
    path: "/api/workflows",
    permission: "flow.write",
    tag,
    summary: "Add a flow to your editor",
    description:
      "`nodes` is what Node-RED exports: whole tabs, or a selection of nodes without their tab, with groups, subflows and configuration nodes. Nodes without a place are laid out. Of several tabs the first gets the name and is answered; the others become flows of their own.",
    body: CreateFlow,
    response: FlowDetail,
    status: 201,
    errors: { 413: "The editor's document would become too large" },
    handle: ({ deps, actor, body }) => createFlow(deps, actor, body),
  }),
  route({
    method: "GET",
    path: "/api/workflows/{id}",
    permission: "flow.read",
    tag,
    summary: "One flow with its nodes, its issues, where its runs begin and where it answers",
    params: FlowRef,
    response: FlowDetail,
    handle: ({ deps, actor, params }) => getFlow(deps, actor, params),
  }),
  route({
    method: "PUT",
    path: "/api/workflows/{id}",
    permission: "flow.write",
    tag,
    summary: "Change a flow of your editor",
    params: FlowRef,
    body: UpdateFlow,
    response: FlowDetail,
    errors: { ...NotYours, 409: "It was changed since `revision`" },
    handle: ({ deps, actor, params, body }) => updateFlow(deps, actor, { ...body, ...params }),
  }),
  route({
    method: "PUT",
    path: "/api/workflows/{id}/tool",
    permission: "flow.write",
    tag,
    summary: "Make a flow of your editor a tool, for models in chat and for MCP clients",
    description:
      "The arguments of a call become `msg.payload`, the flow's output is the answer. `name` is unique in the workspace.",
    params: FlowRef,
    body: FlowTool,
    response: FlowDetail,
    errors: { ...NotYours, 409: "Another flow has this name as a tool" },
    handle: ({ deps, actor, params: { id }, body: tool }) => setFlowTool(deps, actor, { id, tool }),
  }),
  route({
    method: "DELETE",
    path: "/api/workflows/{id}/tool",
    permission: "flow.write",
    tag,
    summary: "Let a flow be a tool no longer",
    params: FlowRef,
    response: FlowDetail,
    errors: NotYours,
    handle: ({ deps, actor, params: { id } }) => setFlowTool(deps, actor, { id, tool: null }),
  }),
  route({
    method: "DELETE",
    path: "/api/workflows/{id}",
    permission: "flow.write",
    tag,
    summary: "Take a flow out of your editor; its runs and versions stay",
    params: FlowRef,
    response: z.object({ deleted: z.literal(true) }),
    errors: NotYours,
    handle: async ({ deps, actor, params }) => {
      await removeFlow(deps, actor, params);
      return { deleted: true as const };
    },
  }),
  route({
    method: "POST",
    path: "/api/workflows/{id}/run",
    permission: "flow.run",
    tag,
    summary: "Run a flow on the engine",
    description:
      "Answers at once; follow the run at `/api/runs/{run_id}/events`. `Idempotency-Key` is heeded. Flows of others need the role operator.",
    params: FlowRef,
    body: RunFlow.nullable(),
    response: FlowStarted,
    status: 202,
    errors: { 422: "The engine cannot run it: `errors` names nodes and properties", 503: "The model's queue is full" },
    handle: async ({ deps, actor, params, body, idempotencyKey, requestId }) => {
      const started = await startFlowRun(deps, actor, {
        flowId: params.id,
        input: body?.input,
        start: body?.start,
        trigger: "api",
        idempotencyKey,
        requestId,
      });
      return { run_id: started.runId, status: started.status };
    },
  }),
  route({
    method: "POST",
    path: "/api/workflows/{id}/validate",
    permission: "flow.read",
    tag,
    summary: "What keeps the engine from running a flow, and what its author should know",
    params: FlowRef,
    body: ValidateFlow.nullable(),
    response: Validation,
    handle: ({ deps, actor, params, body }) => validateStored(deps, actor, { ...params, nodes: body?.nodes }),
  }),
  route({
    method: "GET",
    path: "/api/workflows/{id}/versions",
    permission: "flow.read",
    tag,
    summary: "The revisions that changed a flow, newest first",
    params: FlowRef,
    query: ListVersions,
    response: pageOf(FlowVersion),
    handle: ({ deps, actor, params, query }) => listVersions(deps, actor, { ...query, ...params }),
  }),
  route({
    method: "GET",
    path: "/api/workflows/{id}/versions/{v}",
    permission: "flow.read",
    tag,
    summary: "The nodes of a flow at a revision",
    params: FlowRef.extend({
      v: z.coerce
        .number()
        .int()
        .min(1)
        .max(2 ** 31 - 1),
    }),
    response: z.object({ revision: z.number(), nodes: z.array(FlowNode) }),
    handle: ({ deps, actor, params }) => getVersion(deps, actor, { id: params.id, revision: params.v }),
  }),
];
