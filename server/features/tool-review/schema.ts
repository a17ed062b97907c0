import { z } from "zod";
import { ROLES } from "#server/kernel/permissions.ts";

export const ReviewState = z.enum(["approved", "quarantined", "rejected", "gone"]);
export type ReviewState = z.output<typeof ReviewState>;
const ToolClass = z.enum(["read", "write", "dangerous"]);
const Consent = z.enum(["always", "never"]);
const server = z.string().min(1).max(64).meta({ description: "The server's id or its name" });
const tool = z.string().min(1).max(200).meta({ description: "The server's own name of it" });
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: "Of the definition that was looked at; another one is not decided about" });

export const ListReview = z.strictObject({
  server: server.optional(),
  state: ReviewState.optional(),
});
export type ListReview = z.output<typeof ListReview>;

export const ReviewRef = z.strictObject({ id: server, tool });
export type ReviewRef = z.output<typeof ReviewRef>;
export const ServerRef = z.strictObject({ id: server });

export const Seen = z.strictObject({ hash });
export const Decide = ReviewRef.extend(Seen.shape);
export type Decide = z.output<typeof Decide>;

export const SeenTools = z.strictObject({ tools: z.array(z.strictObject({ tool, hash })).min(1).max(1_000) });
export const ApproveAll = ServerRef.extend(SeenTools.shape);
export type ApproveAll = z.output<typeof ApproveAll>;

export const Rules = z.strictObject({
  class: ToolClass.nullable().optional().meta({ description: "Null: as its annotations say" }),
  approval: Consent.nullable().optional().meta({
    description: "Whether each call needs a person's consent; null: as the server's policy says",
  }),
  roles: z.array(z.enum(ROLES)).max(ROLES.length).optional().meta({
    description: "Who may use it; empty: all that may use the server",
  }),
});
export const ChangeRules = ReviewRef.extend(Rules.shape);
export type ChangeRules = z.output<typeof ChangeRules>;

export const ReviewItem = z.object({
  serverId: z.string(),
  server: z.string(),
  serverTitle: z.string(),
  tool: z.string(),
  state: ReviewState,
  /** Of a quarantined one: whether there is an approved definition that it differs from. */
  isNew: z.boolean(),
  /** Names of what differs at the top: `description`, `inputSchema` … */
  changed: z.array(z.string()),
  hash: z.string().nullable().meta({ description: "Of the definition that waits, or else of the approved one" }),
  class: ToolClass.nullable().meta({ description: "Set by an administrator; null: as its annotations say" }),
  approval: Consent.nullable(),
  roles: z.array(z.string()),
  warnings: z.number().meta({ description: "How many texts hold characters that nobody sees" }),
  reviewedByName: z.string().nullable(),
  reviewedAt: z.date().nullable(),
  firstSeenAt: z.date(),
  changedAt: z.date(),
  mayReview: z.boolean(),
});
export type ReviewItem = z.output<typeof ReviewItem>;

export const TextPiece = z.object({ kind: z.enum(["same", "added", "removed"]), text: z.string() });
export type TextPiece = z.output<typeof TextPiece>;

export const FieldChange = z.object({
  path: z.string().meta({ description: "As `inputSchema.properties.id.type`" }),
  kind: z.enum(["added", "removed", "changed"]),
  before: z.unknown(),
  after: z.unknown(),
  /** Of texts: word by word. */
  pieces: z.array(TextPiece).optional(),
});
export type FieldChange = z.output<typeof FieldChange>;

export const HiddenText = z.object({
  path: z.string(),
  kind: z.enum(["control", "bidi", "invisible", "tag"]),
  characters: z.array(z.string()).meta({ description: "As `U+202E`, each once" }),
  count: z.number(),
  shown: z.string().meta({ description: "The text around the first, with what is hidden written out" }),
});
export type HiddenText = z.output<typeof HiddenText>;

const Definition = z.record(z.string(), z.unknown()).nullable();
export const ReviewView = ReviewItem.omit({ warnings: true }).extend({
  approved: Definition.meta({ description: "What was approved last" }),
  proposed: Definition.meta({ description: "What waits, or was rejected" }),
  changes: z.array(FieldChange),
  warnings: z.array(HiddenText).meta({ description: "In the definition that waits, or else in the approved one" }),
});
export type ReviewView = z.output<typeof ReviewView>;

export const ApprovedAll = z.object({
  approved: z.array(z.string()),
  changed: z.array(z.string()).meta({ description: "Not approved: they have changed again, or wait no longer" }),
});
export type ApprovedAll = z.output<typeof ApprovedAll>;
