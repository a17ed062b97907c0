import { createApiKey } from "#server/features/accounts/index.ts";
import { requestApproval } from "#server/features/approvals/index.ts";
import { sendMessage } from "#server/features/chat/index.ts";
import { createFlow } from "#server/features/flows/index.ts";
import { startRun } from "#server/features/runs/index.ts";
import { putSecret } from "#server/features/secrets/index.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { newId } from "#server/kernel/ids.ts";
import type { World } from "#tests/support/world.ts";

/** Things of a workspace, one of each kind that has an id. */
export async function belongings({ deps }: World, actor: Actor) {
  const { sessionId, runId } = await sendMessage(
    deps,
    actor,
    { message: "secret question", tier: "free" },
    { trigger: "chat" },
  );
  const { run } = await deps.db.$transaction((tx) =>
    startRun(deps, tx, actor, { kind: "agent", title: "secret run", trigger: "api", input: {} }),
  );
  const flow = await createFlow(deps, actor, {
    name: "secret flow",
    nodes: [
      { id: "i", type: "inject", wires: [["d"]] },
      { id: "d", type: "debug" },
    ],
  });
  const flowRun = await deps.db.$transaction((tx) =>
    startRun(deps, tx, actor, {
      kind: "flow",
      title: "secret flow",
      trigger: "manual",
      subjectId: flow.id,
      subjectVersion: flow.revision,
      input: { start: { node: "i", kind: "inject" } },
    }),
  );
  const approval = await requestApproval(deps, {
    kind: "question",
    title: "secret question",
    workspaceId: actor.workspaceId,
    starterId: actor.userId,
    runId: flowRun.run.id,
    stepSeq: 1,
    callN: 1,
    flowId: flow.id,
  });
  const key = await createApiKey(deps, actor, { name: "secret key", scopes: [] });
  const upstream = await deps.db.upstream.create({
    data: {
      id: newId("ups"),
      workspaceId: actor.workspaceId,
      name: `own-${newId("x").slice(-8)}`,
      title: "secret upstream",
      url: "http://127.0.0.1:9/mcp",
      source: "admin",
    },
  });
  const secret = await putSecret(deps, actor, { name: "SECRET_OF_ONE", value: "secret value", scope: "workspace" });
  const login = await deps.db.authSession.create({
    data: {
      id: newId("ses"),
      userId: actor.userId,
      workspaceId: actor.workspaceId,
      kind: "token",
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
  const grantId = newId("gra");
  const app = await deps.db.oAuthRecord.create({
    data: { model: "App", id: grantId, grantId, userId: actor.userId, payload: { name: "secret app" } },
  });
  return {
    sessionId,
    chatRunId: runId,
    runId: run.id,
    flowId: flow.id,
    flowRunId: flowRun.run.id,
    approvalId: approval.id,
    keyId: key.id,
    upstreamId: upstream.id,
    upstreamName: upstream.name,
    secretName: secret.name,
    loginId: login.id,
    appId: app.id,
    workspaceId: actor.workspaceId,
  };
}
type Belongings = Awaited<ReturnType<typeof belongings>>;

/** For each route with an id: whose id, and a body that would do. A route that is missing here fails the test. */
export const ROUTES_WITH_ID: Record<string, (own: Belongings) => { ids: Record<string, string>; body?: unknown }> = {
  "DELETE /auth/api-keys/{id}": (own) => ({ ids: { id: own.keyId } }),
  "GET /chat/sessions/{id}/messages": (own) => ({ ids: { id: own.sessionId } }),
  "DELETE /chat/sessions/{id}": (own) => ({ ids: { id: own.sessionId } }),
  "GET /api/runs/{id}": (own) => ({ ids: { id: own.runId } }),
  "GET /api/runs/{id}/events": (own) => ({ ids: { id: own.runId } }),
  "POST /api/runs/{id}/cancel": (own) => ({ ids: { id: own.runId } }),
  "GET /api/runs/{id}/steps": (own) => ({ ids: { id: own.flowRunId } }),
  "GET /api/runs/{id}/steps/{seq}": (own) => ({ ids: { id: own.flowRunId, seq: "1" } }),
  "GET /api/runs/{id}/graph": (own) => ({ ids: { id: own.flowRunId } }),
  "POST /api/runs/{id}/retry": (own) => ({ ids: { id: own.flowRunId }, body: { from: "start" } }),
  "POST /api/runs/{id}/respond": (own) => ({ ids: { id: own.flowRunId }, body: { decision: "approve" } }),
  "GET /api/workflows/{id}": (own) => ({ ids: { id: own.flowId } }),
  "PUT /api/workflows/{id}": (own) => ({ ids: { id: own.flowId }, body: { name: "mine" } }),
  "DELETE /api/workflows/{id}": (own) => ({ ids: { id: own.flowId } }),
  "PUT /api/workflows/{id}/tool": (own) => ({
    ids: { id: own.flowId },
    body: { name: "mine", description: "x", class: "read" },
  }),
  "DELETE /api/workflows/{id}/tool": (own) => ({ ids: { id: own.flowId } }),
  "POST /api/workflows/{id}/run": (own) => ({ ids: { id: own.flowId }, body: {} }),
  "POST /api/workflows/{id}/validate": (own) => ({ ids: { id: own.flowId }, body: {} }),
  "GET /api/workflows/{id}/versions": (own) => ({ ids: { id: own.flowId } }),
  "GET /api/workflows/{id}/versions/{v}": (own) => ({ ids: { id: own.flowId, v: "2" } }),
  "GET /api/approvals/{id}": (own) => ({ ids: { id: own.approvalId } }),
  "POST /api/approvals/{id}/respond": (own) => ({ ids: { id: own.approvalId }, body: { decision: "approve" } }),
  "GET /api/mcp/servers/{id}": (own) => ({ ids: { id: own.upstreamId } }),
  "GET /mcp/services/{name}/definition": (own) => ({ ids: { name: own.upstreamName } }),
  "GET /api/mcp/servers/{id}/definition": (own) => ({ ids: { id: own.upstreamId } }),
  "GET /api/mcp/servers/{id}/logs": (own) => ({ ids: { id: own.upstreamId } }),
  "PUT /api/mcp/servers/{id}": (own) => ({ ids: { id: own.upstreamId }, body: { title: "mine" } }),
  "DELETE /api/mcp/servers/{id}": (own) => ({ ids: { id: own.upstreamId } }),
  "GET /api/mcp/servers/{id}/tools": (own) => ({ ids: { id: own.upstreamId } }),
  "GET /api/mcp/servers/{id}/health": (own) => ({ ids: { id: own.upstreamId } }),
  "GET /mcp/services/{name}/metrics": (own) => ({ ids: { name: own.upstreamName } }),
  "POST /api/mcp/servers/{id}/tools/{tool}/call": (own) => ({
    ids: { id: own.upstreamName, tool: "x" },
    body: { args: {} },
  }),
  "GET /api/secrets/{name}": (own) => ({ ids: { name: own.secretName } }),
  "DELETE /api/secrets/{name}": (own) => ({ ids: { name: own.secretName } }),
  "GET /api/mcp/servers/{id}/review": (own) => ({ ids: { id: own.upstreamId } }),
  "POST /api/mcp/servers/{id}/review/approve": (own) => ({
    ids: { id: own.upstreamId },
    body: { tools: [{ tool: "x", hash: "0".repeat(64) }] },
  }),
  "GET /api/mcp/servers/{id}/review/{tool}": (own) => ({ ids: { id: own.upstreamId, tool: "x" } }),
  "PUT /api/mcp/servers/{id}/review/{tool}": (own) => ({
    ids: { id: own.upstreamId, tool: "x" },
    body: { class: "read" },
  }),
  "POST /api/mcp/servers/{id}/review/{tool}/approve": (own) => ({
    ids: { id: own.upstreamId, tool: "x" },
    body: { hash: "0".repeat(64) },
  }),
  "POST /api/mcp/servers/{id}/review/{tool}/reject": (own) => ({
    ids: { id: own.upstreamName, tool: "x" },
    body: { hash: "0".repeat(64) },
  }),
  "POST /admin/nr-pods/{id}/release": () => ({ ids: { id: "pod_unknown" } }), // pods are the installation's
  "POST /api/workspaces/{id}/switch": (own) => ({ ids: { id: own.workspaceId } }),
};
/** Routes whose path names what the caller makes: each workspace has names of its own. */
export const ROUTES_WITH_OWN_NAME = ["PUT /api/secrets/{name}"];
/** Routes that name somebody's things in the body. */
export const BODIES_WITH_ID: Record<string, (own: Belongings) => unknown> = {
  "POST /mcp/request": (own) => ({ service: own.upstreamName, operation: "x" }),
  "POST /mcp/add": (own) => ({ name: own.upstreamName }),
  "POST /mcp/remove": (own) => ({ name: own.upstreamName }),
  "POST /chat/completions": (own) => ({ message: "x", sessionId: own.sessionId }),
};
/** The same for procedures. */
export const INPUTS_WITH_ID: Record<string, (own: Belongings) => unknown> = {
  "accounts.apiKeys.revoke": (own) => ({ id: own.keyId }),
  "accounts.sessions.revoke": (own) => ({ id: own.loginId }),
  "oauth.revokeApp": (own) => ({ id: own.appId }),
  "catalogue.add": (own) => ({ name: own.upstreamName }),
  "catalogue.configure": (own) => ({ name: own.upstreamName, config: {} }),
  "catalogue.remove": (own) => ({ name: own.upstreamName }),
  "chat.session": (own) => ({ id: own.sessionId }),
  "chat.rename": (own) => ({ id: own.sessionId, title: "mine" }),
  "chat.remove": (own) => ({ id: own.sessionId }),
  "chat.send": (own) => ({ message: "x", sessionId: own.sessionId }),
  "chat.retry": (own) => ({ sessionId: own.sessionId, runId: own.chatRunId }),
  "chat.provideConfig": (own) => ({ runId: own.chatRunId, callId: "call_0", values: {} }),
  "chat.provideSecrets": (own) => ({ runId: own.chatRunId, callId: "call_0", secrets: { A: "b" } }),
  "pods.logs": () => ({ id: "pod_unknown" }),
  "pods.release": () => ({ id: "pod_unknown" }),
  "runs.byId": (own) => ({ id: own.runId }),
  "runs.events": (own) => ({ id: own.chatRunId }),
  "runs.watch": (own) => ({ id: own.runId }),
  "runs.cancel": (own) => ({ id: own.runId }),
  "runs.steps": (own) => ({ id: own.flowRunId }),
  "runs.step": (own) => ({ id: own.flowRunId, seq: 1 }),
  "runs.graph": (own) => ({ id: own.flowRunId }),
  "runs.retry": (own) => ({ id: own.flowRunId, from: "start" }),
  "flows.byId": (own) => ({ id: own.flowId }),
  "flows.update": (own) => ({ id: own.flowId, name: "mine" }),
  "flows.remove": (own) => ({ id: own.flowId }),
  "flows.run": (own) => ({ id: own.flowId }),
  "flows.setTool": (own) => ({ id: own.flowId, tool: null }),
  "flows.validate": (own) => ({ id: own.flowId }),
  "flows.versions": (own) => ({ id: own.flowId }),
  "flows.version": (own) => ({ id: own.flowId, revision: 2 }),
  "approvals.byId": (own) => ({ id: own.approvalId }),
  "approvals.respond": (own) => ({ id: own.approvalId, decision: "approve" }),
  "connections.remove": (own) => ({ upstream: own.upstreamName }),
  "secrets.usage": (own) => ({ name: own.secretName }),
  "secrets.remove": (own) => ({ name: own.secretName }),
  "toolReview.list": (own) => ({ server: own.upstreamId }),
  "toolReview.get": (own) => ({ id: own.upstreamId, tool: "x" }),
  "toolReview.approve": (own) => ({ id: own.upstreamId, tool: "x", hash: "0".repeat(64) }),
  "toolReview.reject": (own) => ({ id: own.upstreamId, tool: "x", hash: "0".repeat(64) }),
  "toolReview.approveAll": (own) => ({ id: own.upstreamId, tools: [{ tool: "x", hash: "0".repeat(64) }] }),
  "toolReview.setRules": (own) => ({ id: own.upstreamName, tool: "x", roles: [] }),
  "upstreams.check": (own) => ({ id: own.upstreamId }),
  "upstreams.details": (own) => ({ id: own.upstreamId }),
  "upstreams.offer": (own) => ({ id: own.upstreamId }),
  "upstreams.logs": (own) => ({ id: own.upstreamId }),
  "upstreams.update": (own) => ({ id: own.upstreamId, title: "mine" }),
  "upstreams.remove": (own) => ({ id: own.upstreamId }),
  "upstreams.tryTool": (own) => ({ name: `${own.upstreamName}.x`, args: {} }),
  "workspaces.switch": (own) => ({ id: own.workspaceId }),
};
/** Procedures whose input names nobody's things. */
export const INPUTS_WITHOUT_ID = [
  "accounts.apiKeys.create",
  "accounts.apiKeys.list",
  "accounts.changePassword",
  "accounts.updateProfile",
  "audit.list",
  "catalogue.find",
  "chat.sessions",
  "approvals.list",
  "flows.create",
  "flows.list",
  "pods.events",
  "pods.list",
  "pods.scale",
  "runs.list",
  "runs.everywhere",
  "secrets.list",
  "secrets.put",
  "upstreams.create",
  "upstreams.tools",
  "workspaces.members",
  "workspaces.rename",
];
