import { accountsRouter } from "../../features/accounts/router.ts";
import { activityRouter } from "../../features/activity/router.ts";
import { approvalsRouter } from "../../features/approvals/router.ts";
import { catalogueRouter } from "../../features/catalogue/router.ts";
import { auditRouter } from "../../features/audit/router.ts";
import { chatRouter } from "../../features/chat/router.ts";
import { connectionsRouter } from "../../features/upstream-auth/router.ts";
import { flowsRouter } from "../../features/flows/router.ts";
import { mcpHealthRouter } from "../../features/mcp-health/router.ts";
import { modelsRouter } from "../../features/models/router.ts";
import { oauthRouter } from "../../features/oauth/router.ts";
import { plantRouter } from "../../features/plant/router.ts";
import { podsRouter } from "../../features/pods/router.ts";
import { runsRouter } from "../../features/runs/router.ts";
import { secretsRouter } from "../../features/secrets/router.ts";
import { toolReviewRouter } from "../../features/tool-review/router.ts";
import { upstreamsRouter } from "../../features/upstreams/router.ts";
import { workspacesRouter } from "../../features/workspaces/router.ts";
import { router } from "./procedures.ts";

export const appRouter = router({
  accounts: accountsRouter,
  activity: activityRouter,
  approvals: approvalsRouter,
  audit: auditRouter,
  catalogue: catalogueRouter,
  chat: chatRouter,
  connections: connectionsRouter,
  flows: flowsRouter,
  mcpHealth: mcpHealthRouter,
  models: modelsRouter,
  oauth: oauthRouter,
  plant: plantRouter,
  pods: podsRouter,
  runs: runsRouter,
  secrets: secretsRouter,
  toolReview: toolReviewRouter,
  upstreams: upstreamsRouter,
  workspaces: workspacesRouter,
});

export type AppRouter = typeof appRouter;
