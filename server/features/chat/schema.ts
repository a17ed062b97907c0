import { z } from "zod";
import { MAX_MESSAGE } from "./limits.schema.ts";
import { MessagePart } from "./turn.schema.ts";

export { MAX_MESSAGE };

export const Tier = z.enum(["free", "premium"]);

export const MessageText = z
  .string()
  .trim()
  .min(1, "Write something first")
  .max(MAX_MESSAGE, `At most ${MAX_MESSAGE.toLocaleString("en")} characters`);

export const SendMessage = z.strictObject({
  message: MessageText,
  sessionId: z.string().max(64).optional().meta({ description: "Without it a new conversation begins" }),
  tier: Tier.default("free"),
});
export type SendMessage = z.infer<typeof SendMessage>;

export const SessionRef = z.strictObject({ id: z.string().max(64) });
export const RenameSession = z.strictObject({ id: z.string().max(64), title: z.string().trim().min(1).max(120) });
export const RetryTurn = z.strictObject({ sessionId: z.string().max(64), runId: z.string().max(64) });

export const ListSessions = z.strictObject({
  search: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});

export const ChatSessionView = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.date(),
  updatedAt: z.date(),
  activeRunId: z.string().nullable().meta({ description: "The turn that is being answered now" }),
});
export type ChatSessionView = z.infer<typeof ChatSessionView>;

export const ChatMessageView = z.object({
  id: z.string(),
  role: z.enum(["user", "assistant"]),
  parts: z.array(MessagePart),
  status: z.enum(["complete", "stopped", "failed"]),
  runId: z.string().nullable(),
  createdAt: z.date(),
});
export type ChatMessageView = z.infer<typeof ChatMessageView>;

/** What a chat turn's run takes as input. */
export type TurnInput =
  | { source: "session"; sessionId: string; messageId: string; tier: "free" | "premium" }
  | {
      source: "api";
      tier: "free" | "premium";
      messages: ApiMessage[];
      /** Tools of the caller: offered instead of the gateway's, and left to the caller to execute. */
      tools: { name: string; description: string; inputSchema: Record<string, unknown> }[] | null;
      toolChoice?: "auto" | "none" | "required" | { name: string };
      temperature?: number;
      maxOutputTokens?: number;
    };

export type ApiMessage =
  | { role: "system" | "user"; text: string }
  | {
      role: "assistant";
      text: string;
      toolCalls: { callId: string; name: string; arguments: Record<string, unknown> }[];
    }
  | { role: "tool"; results: { callId: string; name: string; text: string }[] };
