import { pageOf, route } from "#server/edge/rest/route.ts";
import { getApproval, listApprovals } from "./find-approvals.ts";
import { respondToRun } from "./respond-to-run.ts";
import { respond } from "./respond.ts";
import { ApprovalRef, ApprovalView, ListApprovals, Respond, RespondToRun } from "./schema.ts";

const tag = "Approvals";
const Refused = {
  403: "Not yours to answer: not named, started by you, or your role is too low",
  409: "It was decided before: the answer says by whom and when",
};

export const approvalRoutes = [
  route({
    method: "GET",
    path: "/api/approvals",
    permission: "approval.read",
    tag,
    summary: "What waits for an answer, newest first",
    query: ListApprovals,
    response: pageOf(ApprovalView),
    handle: ({ deps, actor, query }) => listApprovals(deps, actor, query),
  }),
  route({
    method: "GET",
    path: "/api/approvals/{id}",
    permission: "approval.read",
    tag,
    summary: "One approval",
    params: ApprovalRef,
    response: ApprovalView,
    handle: ({ deps, actor, params }) => getApproval(deps, actor, params),
  }),
  route({
    method: "POST",
    path: "/api/approvals/{id}/respond",
    // Whoever a flow names may answer, whatever their role; `respond` has the rule, and holds a key to approval.respond.
    permission: "approval.read",
    tag,
    summary: "Answer an approval",
    description:
      "Needs the role operator, or to be named in it; an API key needs the scopes approval.read and approval.respond. The first decision counts. Where several must agree, this is a vote, which may be changed while it is open.",
    params: ApprovalRef,
    body: Respond,
    response: ApprovalView,
    errors: Refused,
    handle: ({ deps, actor, params, body }) => respond(deps, actor, { ...body, ...params }),
  }),
  route({
    method: "POST",
    path: "/api/runs/{id}/respond",
    permission: "approval.read",
    tag: "Runs",
    summary: "Answer what a run waits for",
    description: "As `/api/approvals/{id}/respond`, for the one open approval of the run.",
    params: ApprovalRef,
    body: RespondToRun,
    response: ApprovalView,
    errors: { ...Refused, 409: "It waits for no answer, for more than one, or was answered before" },
    handle: ({ deps, actor, params, body }) => respondToRun(deps, actor, { ...body, runId: params.id }),
  }),
];
