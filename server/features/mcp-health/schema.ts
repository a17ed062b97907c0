import { z } from "zod";

const Breaker = z.object({
  phase: z.enum(["closed", "half-open", "open"]),
  failures: z.number().int().meta({ description: "In a row" }),
  opensInMs: z.number().meta({ description: "Until it lets calls through again" }),
  halfOpenLeft: z.number().int().meta({ description: "Calls that it lets through yet, while half open" }),
});
const Counts = z
  .object({
    calls: z.number().int(),
    ok: z.number().int(),
    failed: z.number().int(),
    rejected: z.number().int().meta({ description: "Answered by the upstream that it does not want this" }),
    aborted: z.number().int().meta({ description: "Given up by the caller" }),
    retries: z.number().int(),
    broken: z.number().int().meta({ description: "Refused by the breaker" }),
    limited: z.number().int().meta({ description: "Refused since too many calls wait, or for too long" }),
  })
  .meta({ description: "Since the processes started" });
const Latency = z
  .object({ p50: z.number(), p95: z.number(), p99: z.number() })
  .nullable()
  .meta({ description: "Milliseconds, of the last calls; of the slowest process" });
const Rate = { requestsPerMinute: z.number(), burst: z.number() };
const Bounds = z.object({
  concurrency: z.number(),
  rate: z.object({ ...Rate, queue: z.number(), queueMs: z.number() }),
  callerRate: z.object(Rate),
  breaker: z.object({ failureThreshold: z.number(), recoveryMs: z.number(), halfOpenMaxCalls: z.number() }),
  retry: z.object({
    backoff: z.enum(["exponential", "linear"]),
    initialDelayMs: z.number(),
    maxDelayMs: z.number(),
    maxAttempts: z.number(),
  }),
});

const load = {
  breaker: Breaker,
  inFlight: z.number().int(),
  queued: z.number().int().meta({ description: "Calls that wait for room" }),
  tokens: z.number().meta({ description: "In the bucket of all callers" }),
};

export const ServiceMetrics = z.object({
  name: z.string(),
  ...load,
  callers: z.number().int().meta({ description: "People with a bucket of their own at present" }),
  counts: Counts,
  latency: Latency,
  bounds: Bounds.meta({ description: "Of each process: buckets and breakers are not shared between processes" }),
  processes: z.array(z.object({ part: z.enum(["web", "worker"]), ...load })),
});
export type ServiceMetrics = z.output<typeof ServiceMetrics>;

export const ServiceView = z.object({
  name: z.string(),
  title: z.string(),
  state: z.enum(["ok", "connecting", "down", "disabled"]),
  problem: z.string().optional(),
  transport: z.string(),
  protocol: z.string().optional(),
  tools: z.number().int(),
  latencyMs: z.number().optional(),
  breaker: Breaker.shape.phase,
  inFlight: z.number().int(),
  queued: z.number().int(),
});
export type ServiceView = z.output<typeof ServiceView>;

export const McpHealth = z.object({
  status: z.enum(["ok", "degraded", "down"]).meta({ description: "degraded: some do not answer; down: none does" }),
  services: z.array(ServiceView.pick({ name: true, state: true, problem: true, latencyMs: true, breaker: true })),
});
export type McpHealth = z.output<typeof McpHealth>;

export const ServiceRef = z.strictObject({ name: z.string().min(1).max(64) });
export type ServiceRef = z.output<typeof ServiceRef>;
