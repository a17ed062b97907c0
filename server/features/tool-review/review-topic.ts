import { z } from "zod";
import type { Tx } from "#server/kernel/db.ts";
import type { UpstreamDefinition } from "#server/mcp/definition.ts";
import type { Deps } from "../deps.ts";

/** Pins of an upstream have changed: payload `ReviewHint`. */
export const reviewTopic = "tool-review";

export const ReviewHint = z.object({
  upstreamId: z.string(),
  /** The workspace that the upstream is limited to; null: all. */
  workspaceId: z.string().nullable(),
});

/** Tells every process, and open pages, when and only when `tx` commits. */
export const announceReview = (
  { live }: Pick<Deps, "live">,
  tx: Tx,
  { id: upstreamId, workspaceId }: Pick<UpstreamDefinition, "id" | "workspaceId">,
): Promise<void> => live.publishIn(tx, reviewTopic, JSON.stringify({ upstreamId, workspaceId }));
