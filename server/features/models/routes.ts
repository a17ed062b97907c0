import { z } from "zod";
import { route } from "#server/edge/rest/route.ts";
import { modelStatus } from "./model-status.ts";
import { ModelStatusView } from "./schema.ts";

export const modelRoutes = [
  route({
    method: "GET",
    path: "/api/models",
    permission: "model.read",
    tag: "Models",
    summary: "State and queue of each model",
    response: z.object({ items: z.array(ModelStatusView) }),
    handle: async ({ deps }) => ({ items: await modelStatus(deps) }),
  }),
];
