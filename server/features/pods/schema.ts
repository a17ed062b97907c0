import { z } from "zod";

export const PodState = z.enum(["starting", "warm", "claimed", "draining", "terminated", "failed"]);
export type PodState = z.infer<typeof PodState>;

/** The caller's own editor. */
export const SeatPod = z.object({
  state: z.enum(["none", "starting", "ready", "queued"]),
  podId: z.string().nullable(),
  place: z.number().nullable().meta({ description: "In the queue, where demand is high" }),
  message: z.string().nullable(),
  claimedAt: z.date().nullable(),
});
export type SeatPod = z.infer<typeof SeatPod>;

export const PodView = z.object({
  id: z.string(),
  driver: z.string(),
  state: PodState,
  workspaceName: z.string().nullable(),
  userName: z.string().nullable(),
  memoryMb: z.number().nullable(),
  busy: z.object({ runs: z.number(), http: z.number(), timers: z.number() }).nullable(),
  version: z.string(),
  createdAt: z.date(),
  claimedAt: z.date().nullable(),
  lastActivityAt: z.date().nullable(),
  lastSeenAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  reason: z.string().nullable(),
});
export type PodView = z.infer<typeof PodView>;

export const PodStats = z.object({
  warm: z.number(),
  claimed: z.number(),
  starting: z.number(),
  draining: z.number(),
  wanted: z.number().meta({ description: "Pods to keep warm" }),
  limit: z.number(),
  waiting: z.number().meta({ description: "Seats in the queue" }),
  memoryMb: z.number(),
});
export type PodStats = z.infer<typeof PodStats>;

export const PodEventView = z.object({
  id: z.string(),
  podId: z.string(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  at: z.date(),
});
export type PodEventView = z.infer<typeof PodEventView>;

export const PodRef = z.strictObject({ id: z.string().max(64) });
export const ScalePool = z.strictObject({ size: z.number().int().min(0).max(20) });

export const ReleasePod = z.strictObject({
  id: z.string().max(64),
  force: z.boolean().default(false).meta({ description: "Also while it works; what it does is lost" }),
});
export const Released = z.object({
  released: z.boolean(),
  interrupted: z.object({ runs: z.number(), http: z.number(), timers: z.number() }).nullable(),
});
export const ListPods = z.strictObject({
  ended: z.stringbool().or(z.boolean()).default(false).meta({ description: "Also those that are over" }),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  cursor: z.string().max(200).optional(),
});
export type ListPods = z.infer<typeof ListPods>;
export const ListPodEvents = z.strictObject({
  podId: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type ListPodEvents = z.infer<typeof ListPodEvents>;
export const PodLogs = z.strictObject({
  id: z.string().max(64),
  lines: z.coerce.number().int().min(1).max(2_000).default(200),
});
