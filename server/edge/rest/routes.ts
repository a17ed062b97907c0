import { accountRoutes } from "../../features/accounts/routes.ts";
import { approvalRoutes } from "../../features/approvals/routes.ts";
import { catalogueRoutes } from "../../features/catalogue/routes.ts";
import { auditRoutes } from "../../features/audit/routes.ts";
import { chatRoutes } from "../../features/chat/routes.ts";
import { flowRoutes } from "../../features/flows/routes.ts";
import type { Metrics } from "../../features/health/metrics.ts";
import { healthRoutes } from "../../features/health/routes.ts";
import { mcpHealthRoutes } from "../../features/mcp-health/routes.ts";
import { mcpServiceRoutes } from "../../features/mcp-services/routes.ts";
import { modelRoutes } from "../../features/models/routes.ts";
import { openaiRoutes } from "../../features/openai/routes.ts";
import { internalRoutes } from "../../features/pods/internal/routes.ts";
import { podRoutes } from "../../features/pods/routes.ts";
import { plantRoutes } from "../../features/plant/routes.ts";
import { runRoutes } from "../../features/runs/routes.ts";
import { secretRoutes } from "../../features/secrets/routes.ts";
import { toolReviewRoutes } from "../../features/tool-review/routes.ts";
import { upstreamRoutes } from "../../features/upstreams/routes.ts";
import { workspaceRoutes } from "../../features/workspaces/routes.ts";
import { documentRoute } from "./document-route.ts";
import type { Route } from "./route.ts";

/** The whole HTTP API, its own description included. */
export function allRoutes(metrics: Metrics, about: { version: string; url: string }): Route[] {
  const routes = [
    ...healthRoutes(metrics),
    ...accountRoutes,
    ...workspaceRoutes,
    ...chatRoutes,
    ...openaiRoutes,
    ...modelRoutes,
    ...runRoutes,
    ...flowRoutes,
    ...approvalRoutes,
    ...auditRoutes,
    ...secretRoutes,
    ...toolReviewRoutes,
    ...upstreamRoutes,
    ...catalogueRoutes,
    ...mcpHealthRoutes,
    ...mcpServiceRoutes,
    ...plantRoutes,
    ...podRoutes,
    ...internalRoutes,
  ];
  return [...routes, documentRoute(routes, about)];
}
