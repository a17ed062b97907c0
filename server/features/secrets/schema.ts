import { z } from "zod";

const name = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, "A capital letter first, then capital letters, digits and _; at most 64 in all")
  .meta({ description: "Used as `${NAME}`" });
const scope = z
  .enum(["workspace", "installation"])
  .default("workspace")
  .meta({ description: "The caller's workspace, or the upstreams of every workspace (the platform's owner only)" });

export const SecretRef = z.strictObject({ name, scope });
export type SecretRef = z.output<typeof SecretRef>;

export const ListSecrets = z.strictObject({ scope });
export type ListSecrets = z.output<typeof ListSecrets>;

export const ChangeSecret = z.strictObject({
  value: z
    .string()
    .min(1, "Enter the secret")
    .max(32_768, "At most 32,768 characters")
    .refine((text) => !text.includes("\0"), "NUL is not allowed")
    .meta({ description: "Never returned by anything" }),
  description: z.string().trim().max(200, "At most 200 characters").optional(),
});
export const PutSecret = ChangeSecret.extend({ name, scope });
export type PutSecret = z.output<typeof PutSecret>;

const date = z.date().meta({ type: "string", format: "date-time" });

export const SecretView = z.object({
  name: z.string(),
  description: z.string(),
  version: z.number().int().meta({ description: "Counts the values that it has had" }),
  createdAt: date,
  updatedAt: date,
  lastUsedAt: date.nullable(),
  usedBy: z.array(z.string()).meta({ description: "Names of the MCP servers that are set up with it" }),
});
export type SecretView = z.output<typeof SecretView>;

export const SecretUsage = z.object({
  usedBy: z.array(z.string()).meta({ description: "Names of the MCP servers that are set up with it" }),
  uses: z
    .array(
      z.object({
        at: date,
        userId: z.string().nullable().meta({ description: "Null: the gateway itself" }),
        person: z.string().nullable(),
        purpose: z.string().meta({ description: "Such as `upstream:erp`" }),
        runId: z.string().nullable(),
      }),
    )
    .meta({ description: "The latest first, at most 100; one a minute for each purpose" }),
});
export type SecretUsage = z.output<typeof SecretUsage>;
