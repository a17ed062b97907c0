import { z } from "zod";

const JsonObject = z.record(z.string(), z.unknown());

export const ServiceRequest = z.strictObject({
  id: z.string().min(1).max(200).optional().meta({ description: "The caller's own; made where it is left out" }),
  timestamp: z.union([z.string().max(64), z.number()]).optional(),
  service: z.string().min(1).max(64).meta({ description: "Name of an upstream" }),
  operation: z.string().min(1).max(200).meta({ description: "Its own name of the operation, or of the tool" }),
  parameters: JsonObject.default({}),
  metadata: z
    .looseObject({
      priority: z.enum(["low", "normal", "high"]).optional(),
      timeout: z.number().int().min(100).max(600_000).optional().meta({ description: "Milliseconds" }),
    })
    .default({})
    .meta({ description: "Passed on to services of the kind POST {endpoint}/api/{operation}" }),
});
export type ServiceRequest = z.output<typeof ServiceRequest>;

export const ServiceAnswer = z.object({
  id: z.string(),
  requestId: z.string(),
  timestamp: z.string(),
  success: z.boolean(),
  data: z.unknown().optional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      mayHaveRun: z.boolean().optional().meta({ description: "Whether the operation may have been carried out" }),
      retryAfter: z.number().optional().meta({ description: "Seconds" }),
    })
    .optional(),
  metadata: z.object({
    processingTime: z.number().meta({ description: "Milliseconds" }),
    serviceEndpoint: z.string(),
    retryCount: z.number().int().meta({ description: "Repetitions by the gateway" }),
    cacheHit: z.boolean().meta({ description: "False: the gateway keeps no answers" }),
  }),
});
export type ServiceAnswer = z.output<typeof ServiceAnswer>;

export const ServiceRef = z.strictObject({ name: z.string().min(1).max(64) });
export type ServiceRef = z.output<typeof ServiceRef>;

export const ServiceDefinition = z.object({
  name: z.string(),
  title: z.string(),
  version: z.string().optional(),
  protocol: z.string(),
  transport: z.enum(["http", "sse", "stdio", "openapi", "service"]),
  description: z.string().optional(),
  operations: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      inputSchema: JsonObject,
      outputSchema: JsonObject.optional(),
      class: z.enum(["read", "write", "dangerous"]),
      idempotent: z.boolean(),
      consent: z.boolean().meta({ description: "Whether each call needs a person's consent" }),
    }),
  ),
});
export type ServiceDefinition = z.output<typeof ServiceDefinition>;
