import { z } from "zod";
import { route } from "#server/edge/rest/route.ts";
import { changeRules } from "./change-rules.ts";
import { approveAll, approveTool, rejectTool } from "./decide-review.ts";
import { getReview, listReviews } from "./find-reviews.ts";
import {
  ApprovedAll,
  ListReview,
  ReviewItem,
  ReviewRef,
  ReviewView,
  Rules,
  Seen,
  SeenTools,
  ServerRef,
} from "./schema.ts";

const tag = "MCP servers";
const Items = z.object({ items: z.array(ReviewItem), nextCursor: z.null() });
const Changed = { 409: "It has changed since it was looked at, or somebody else has decided" };

export const toolReviewRoutes = [
  route({
    method: "GET",
    path: "/api/mcp/review",
    permission: "tool.review",
    tag,
    summary: "Tools under review, those that wait first",
    query: ListReview,
    response: Items,
    handle: async ({ deps, actor, query }) => ({ items: await listReviews(deps, actor, query), nextCursor: null }),
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}/review",
    permission: "tool.review",
    tag,
    summary: "The same of one server",
    params: ServerRef,
    query: ListReview.omit({ server: true }),
    response: Items,
    handle: async ({ deps, actor, params, query }) => ({
      items: await listReviews(deps, actor, { ...query, server: params.id }),
      nextCursor: null,
    }),
  }),
  route({
    method: "POST",
    path: "/api/mcp/servers/{id}/review/approve",
    permission: "tool.review",
    tag,
    summary: "Approve several tools of a server, each as it was looked at",
    params: ServerRef,
    body: SeenTools,
    response: ApprovedAll,
    handle: ({ deps, actor, params, body }) => approveAll(deps, actor, { ...params, ...body }),
  }),
  route({
    method: "GET",
    path: "/api/mcp/servers/{id}/review/{tool}",
    permission: "tool.review",
    tag,
    summary: "One tool, with what differs from the approved definition",
    params: ReviewRef,
    response: ReviewView,
    handle: ({ deps, actor, params }) => getReview(deps, actor, params),
  }),
  route({
    method: "PUT",
    path: "/api/mcp/servers/{id}/review/{tool}",
    permission: "tool.review",
    tag,
    summary: "Set a tool's class, whether its calls need consent, and who may use it",
    params: ReviewRef,
    body: Rules,
    response: ReviewView,
    handle: ({ deps, actor, params, body }) => changeRules(deps, actor, { ...params, ...body }),
  }),
  route({
    method: "POST",
    path: "/api/mcp/servers/{id}/review/{tool}/approve",
    permission: "tool.review",
    tag,
    summary: "Let a tool be used as it is now",
    params: ReviewRef,
    body: Seen,
    response: ReviewView,
    errors: Changed,
    handle: ({ deps, actor, params, body }) => approveTool(deps, actor, { ...params, ...body }),
  }),
  route({
    method: "POST",
    path: "/api/mcp/servers/{id}/review/{tool}/reject",
    permission: "tool.review",
    tag,
    summary: "Keep a tool out of use until it changes",
    params: ReviewRef,
    body: Seen,
    response: ReviewView,
    errors: Changed,
    handle: ({ deps, actor, params, body }) => rejectTool(deps, actor, { ...params, ...body }),
  }),
];
