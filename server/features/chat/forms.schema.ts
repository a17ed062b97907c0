import { z } from "zod";

/** What a turn asks of a person outside of the text, as its call keeps it. Never a value of a secret. */
export type FormRequest = { callId: string; server: string; title: string } & (
  | {
      op: "config.request";
      kind: "config";
      /** JSON Schema of the values, flat. */
      schema: Record<string, unknown>;
      /** Known already. */
      values: Record<string, unknown>;
      wrong: { path: string; message: string }[];
    }
  | {
      op: "secrets.request";
      kind: "secrets";
      names: string[];
      secrets: { name: string; title: string; description: string }[];
    }
);
export const FORM_OPS: readonly FormRequest["op"][] = ["config.request", "secrets.request"];

export type FormAnswer = { action: "accept"; values: Record<string, unknown> } | { action: "decline" };

/** A form of a call, as the page shows it. `open` until the person has answered. */
export const CallForm = z.object({
  /** Its number within the turn. */
  n: z.number(),
  kind: z.enum(["config", "secrets"]),
  server: z.string(),
  title: z.string(),
  schema: z.record(z.string(), z.unknown()).optional(),
  values: z.record(z.string(), z.unknown()).optional(),
  wrong: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  names: z.array(z.string()).optional(),
  secrets: z.array(z.object({ name: z.string(), title: z.string(), description: z.string() })).optional(),
  state: z.enum(["open", "given", "declined"]),
});
export type CallForm = z.infer<typeof CallForm>;

const ref = { runId: z.string().max(64), callId: z.string().max(200) };
export const ProvideConfig = z.strictObject({
  ...ref,
  values: z.record(z.string().max(100), z.unknown()).nullable().meta({ description: "null: declined" }),
});
export type ProvideConfig = z.infer<typeof ProvideConfig>;
export const ProvideSecrets = z.strictObject({
  ...ref,
  secrets: z
    .record(z.string().max(64), z.string().min(1).max(32_768))
    .nullable()
    .meta({ description: "null: declined" }),
});
export type ProvideSecrets = z.infer<typeof ProvideSecrets>;
