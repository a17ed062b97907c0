import { z } from "zod";
import { ROLES } from "../../kernel/permissions.ts";

export const Workspace = z.object({
  id: z.string(),
  name: z.string(),
  personal: z.boolean(),
  tier: z.enum(["free", "premium", "own-key"]),
  role: z.enum(ROLES).meta({ description: "The caller's role there" }),
  current: z.boolean(),
});
export type Workspace = z.output<typeof Workspace>;

export const Member = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  since: z.date().meta({ type: "string", format: "date-time" }),
});
export type Member = z.output<typeof Member>;

export const WorkspaceRef = z.strictObject({ id: z.string().min(1).max(64) });
export type WorkspaceRef = z.output<typeof WorkspaceRef>;

export const RenameWorkspace = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, "Give the workspace a name")
    .max(100, "At most 100 characters")
    .regex(/^[^\p{Cc}]*$/u, "Control characters are not allowed"),
});
export type RenameWorkspace = z.output<typeof RenameWorkspace>;

export const ListMembers = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
export type ListMembers = z.output<typeof ListMembers>;
