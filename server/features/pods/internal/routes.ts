import { z } from "zod";
import { route, type Call } from "#server/edge/rest/route.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Permission } from "#server/kernel/permissions.ts";
import { listFlows } from "../../flows/index.ts";
import { modelStatus } from "../../models/index.ts";
import { askApproval, awaitApproval } from "./ask-approval.ts";
import { complete } from "./ask-model.ts";
import { exchangeSecret } from "./exchange.ts";
import * as i from "./internal.schema.ts";
import { holdPodRate } from "./pod-rate.ts";
import { recordExecutions } from "./record-executions.ts";
import { reportActivity } from "./report-activity.ts";
import { callTool, podTools, runAgent } from "./run-agent.ts";
import { runFlowForPod } from "./run-flow.ts";
import * as storage from "./seat-storage.ts";

interface PodRoute<PS extends z.ZodType, QS extends z.ZodType, BS extends z.ZodType, RS extends z.ZodType> {
  permission: Permission;
  summary: string;
  params?: PS;
  query?: QS;
  body?: BS;
  response: RS;
  handle(call: Call<Permission, z.output<PS>, z.output<QS>, z.output<BS>> & { actor: Actor }): Promise<z.input<RS>>;
}
const Nothing = z.object({});

/** A route below `/internal`: for a pod's token alone, which is good for the pod's seat; counted by pod. */
const podRoute = <
  RS extends z.ZodType,
  PS extends z.ZodType = typeof Nothing,
  QS extends z.ZodType = typeof Nothing,
  BS extends z.ZodType = z.ZodNull,
>(
  method: "GET" | "PUT" | "POST",
  path: string,
  { permission, summary, params, query, body, response, handle }: PodRoute<PS, QS, BS, RS>,
) =>
  route({
    method,
    path: `/internal${path}`,
    permission,
    credential: "pod",
    tag: "Pods (internal)",
    summary,
    ...(params ? { params } : {}),
    ...(query ? { query } : {}),
    ...(body ? { body } : {}),
    response,
    errors: { 403: "The pod is nobody's yet" },
    handle: async (call) => {
      await holdPodRate(call.actor);
      return handle(call as Parameters<typeof handle>[0]); // absent schemas parse as `Nothing`
    },
  });

const done = async (work: Promise<unknown>) => {
  await work;
  return { ok: true as const };
};

export const internalRoutes = [
  route({
    method: "POST",
    path: "/internal/exchange",
    permission: null,
    credential: "pod", // pods share an address: they are not counted by it
    tag: "Pods (internal)",
    summary: "A new pod trades its secret for its token, once",
    body: i.Exchange,
    response: i.Exchanged,
    handle: ({ deps, body }) => exchangeSecret(deps, body),
  }),
  podRoute("GET", "/flows", {
    permission: "editor.use",
    summary: "The seat's flows",
    response: i.PodDocument,
    handle: ({ deps, actor }) => storage.readFlows(deps, actor),
  }),
  podRoute("PUT", "/flows", {
    permission: "flow.write",
    summary: "A deploy of the editor",
    body: i.PutFlows,
    response: z.object({ revision: z.number() }),
    handle: ({ deps, actor, body }) => storage.writeFlows(deps, actor, body),
  }),
  podRoute("GET", "/credentials", {
    permission: "editor.use",
    summary: "Credentials of the seat's flows, encrypted with the seat's key",
    response: z.object({ credentials: z.unknown() }),
    handle: async ({ deps, actor }) => ({ credentials: (await storage.readFlows(deps, actor)).credentials }),
  }),
  podRoute("PUT", "/credentials", {
    permission: "flow.write",
    summary: "Replaces them",
    body: i.PutCredentials,
    response: z.object({ revision: z.number() }),
    handle: ({ deps, actor, body }) => storage.writeCredentials(deps, actor, body),
  }),
  podRoute("GET", "/settings", {
    permission: "editor.use",
    summary: "Settings of the seat's editor",
    response: i.EditorSettings,
    handle: ({ deps, actor }) => storage.readSettings(deps, actor),
  }),
  podRoute("PUT", "/settings", {
    permission: "editor.use",
    summary: "Keeps them",
    body: i.EditorSettings,
    response: i.Done,
    handle: ({ deps, actor, body }) => done(storage.writeSettings(deps, actor, body)),
  }),
  podRoute("GET", "/library", {
    permission: "editor.use",
    summary: "An entry of the seat's library, or what a folder holds",
    query: i.LibraryRef,
    response: z.object({ body: z.unknown() }),
    handle: async ({ deps, actor, query }) => ({ body: await storage.readLibrary(deps, actor, query) }),
  }),
  podRoute("POST", "/library", {
    permission: "editor.use",
    summary: "Keeps an entry",
    body: i.LibraryEntry,
    response: i.Done,
    handle: ({ deps, actor, body }) => done(storage.writeLibrary(deps, actor, body)),
  }),
  podRoute("GET", "/llm-config", {
    permission: "model.read",
    summary: "Models that a flow may ask",
    response: z.object({ models: z.array(z.unknown()) }),
    handle: async ({ deps }) => ({ models: await modelStatus(deps) }),
  }),
  podRoute("POST", "/llm", {
    permission: "model.use",
    summary: "One answer of a model",
    body: i.LlmAsk,
    response: i.LlmAnswer,
    handle: ({ deps, actor, body, signal }) => complete(deps, actor, body, signal),
  }),
  podRoute("GET", "/mcp-tools", {
    permission: "tool.read",
    summary: "Tools that the seat may call",
    query: i.ListTools,
    response: z.object({ tools: z.array(i.PodTool) }),
    handle: async ({ deps, actor, query }) => ({
      tools: (await podTools(deps, actor, query.server)).map(
        ({ name, server, title, description, inputSchema, class: kind }) => ({
          name,
          server,
          title,
          description,
          inputSchema,
          class: kind === "dangerous" ? ("destructive" as const) : kind,
        }),
      ),
    }),
  }),
  podRoute("POST", "/mcp-tool", {
    permission: "plant.read",
    summary: "Calls a tool",
    body: i.CallTool,
    response: i.ToolAnswer,
    handle: ({ deps, actor, body, ...from }) => callTool(deps, actor, body, from),
  }),
  podRoute("POST", "/agents/run", {
    permission: "model.use",
    summary: "Runs an agent that the node describes",
    body: i.AgentAsk,
    response: i.AgentAnswer,
    handle: ({ deps, actor, body, ...from }) => runAgent(deps, actor, body, from),
  }),
  podRoute("GET", "/flows/list", {
    permission: "flow.read",
    summary: "Flows of the workspace, to choose one",
    response: z.object({ flows: z.array(z.object({ id: z.string(), name: z.string() })) }),
    handle: async ({ deps, actor }) => ({
      flows: (await listFlows(deps, actor, { limit: 200 })).items.map(({ id, name }) => ({ id, name })),
    }),
  }),
  podRoute("POST", "/flows/{id}/run", {
    permission: "flow.run",
    summary: "Runs a flow on the engine",
    params: i.Id,
    body: i.RunOfFlow,
    response: i.RunOutcome,
    handle: ({ deps, actor, params, body, ...from }) =>
      runFlowForPod(deps, actor, { flowId: params.id, ...body }, from),
  }),
  podRoute("POST", "/approvals", {
    permission: "approval.read",
    summary: "Asks people",
    body: i.AskApproval,
    response: z.object({ id: z.string() }),
    handle: ({ deps, actor, body }) => askApproval(deps, actor, body),
  }),
  podRoute("GET", "/approvals/{id}", {
    permission: "approval.read",
    summary: "Their answer; `answer` null while there is none",
    params: i.Id,
    query: i.WaitApproval,
    response: z.object({ answer: z.unknown() }),
    handle: ({ deps, actor, params, query, signal }) => awaitApproval(deps, actor, params.id, query.wait, signal),
  }),
  podRoute("POST", "/activity", {
    permission: "editor.use",
    summary: "What the pod does",
    body: i.Activity,
    response: i.Done,
    handle: ({ deps, actor, body }) => done(reportActivity(deps, actor, body)),
  }),
  podRoute("POST", "/events", {
    permission: "editor.use",
    summary: "What ran in the pod",
    body: i.Executions,
    response: i.Done,
    handle: ({ deps, actor, body }) => done(recordExecutions(deps, actor, body)),
  }),
];
