import { z } from "zod";

/** The OpenAI chat completions request, as far as a text model takes part in it. Unknown members are refused. */
const TextPart = z.strictObject({ type: z.literal("text"), text: z.string() });
const RefusalPart = z.strictObject({ type: z.literal("refusal"), refusal: z.string() });
const UserPart = z.discriminatedUnion("type", [
  TextPart,
  z.looseObject({ type: z.literal("image_url") }),
  z.looseObject({ type: z.literal("input_audio") }),
  z.looseObject({ type: z.literal("file") }),
]);
const Text = z.union([z.string(), z.array(TextPart).min(1)]);

const ToolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const Message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: Text, name: z.string().optional() }),
  z.strictObject({ role: z.literal("developer"), content: Text, name: z.string().optional() }),
  z.strictObject({
    role: z.literal("user"),
    content: z.union([z.string(), z.array(UserPart).min(1)]),
    name: z.string().optional(),
  }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.union([z.string(), z.array(z.discriminatedUnion("type", [TextPart, RefusalPart])).min(1)]).nullish(),
    refusal: z.string().nullish(),
    name: z.string().optional(),
    tool_calls: z.array(ToolCall).min(1).max(128).optional(),
    // Clients hand back what they were given, these members included.
    annotations: z.array(z.unknown()).nullish(),
    audio: z.null().optional(),
    function_call: z.null().optional(),
  }),
  z.strictObject({ role: z.literal("tool"), content: Text, tool_call_id: z.string() }),
]);

const FunctionTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: z
      .string()
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
});

const ToolChoice = z.union([
  z.enum(["none", "auto", "required"]),
  z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: z.string() }) }),
]);

const tokens = z.int().min(1).nullish();

export const ChatRequest = z.strictObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() })
    .nullish(),
  tools: z.array(FunctionTool).min(1).max(128).optional(),
  tool_choice: ToolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  stop: z.union([z.string(), z.array(z.string()).min(1).max(4)]).nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.looseObject({ type: z.literal("json_schema") }),
    ])
    .optional(),
  n: z.int().min(1).max(128).nullish(),
  logprobs: z.boolean().nullish(),
  // Rules have no randomness to steer: these are checked and have no effect.
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().nullish(),
  user: z.string().optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  service_tier: z.string().nullish(),
  reasoning_effort: z.string().nullish(),
  verbosity: z.string().nullish(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;
export type ChatMessage = ChatRequest["messages"][number];
export type WireTool = NonNullable<ChatRequest["tools"]>[number];

/** The text of a message's content, its parts joined. */
export function textOf(content: ChatMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => ("text" in part && typeof part.text === "string" ? part.text : "")).join("\n");
}
