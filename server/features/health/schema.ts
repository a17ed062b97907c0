import { z } from "zod";

export const HealthView = z.object({
  status: z.literal("ok"),
  service: z.literal("osf-gateway"),
  version: z.string(),
  uptime: z.number().meta({ description: "Seconds" }),
  endpoints: z.object({ api: z.string(), mcp: z.string(), docs: z.string(), health: z.string() }),
});

export const Check = z.object({
  status: z.enum(["ok", "degraded", "down"]),
  detail: z.string().optional(),
  latencyMs: z.number().optional(),
});
export type Check = z.infer<typeof Check>;
export const ReadyView = z.object({
  status: z
    .enum(["ready", "degraded", "not_ready"])
    .meta({ description: "`degraded`: something beside the database is down; requests are served all the same" }),
  checks: z.record(z.string(), Check),
});
export type ReadyView = z.infer<typeof ReadyView>;
