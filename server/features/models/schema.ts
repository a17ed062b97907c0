import { z } from "zod";

export const ModelStatusView = z.object({
  tier: z.enum(["free", "premium"]),
  model: z.string(),
  demo: z.boolean().meta({ description: "The rule-based demo model: no AI" }),
  state: z
    .enum(["idle", "busy", "saturated", "down", "unconfigured", "unknown"])
    .meta({ description: "`unknown`: no worker has reported of late" }),
  running: z.number(),
  waiting: z.number(),
  concurrency: z.number(),
  depth: z.number(),
  problem: z.string().optional(),
});
export type ModelStatusView = z.infer<typeof ModelStatusView>;
