import { z } from "zod";

const Text = z.union([
  z.string(),
  z.array(
    z.looseObject({ type: z.literal("text", { error: "Only parts of the type text are taken" }), text: z.string() }),
  ),
]);

const Message = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: Text }),
  z.looseObject({ role: z.literal("user"), content: Text }),
  z.looseObject({
    role: z.literal("assistant"),
    content: Text.nullish(),
    tool_calls: z
      .array(
        z.looseObject({
          id: z.string().min(1),
          type: z.literal("function"),
          function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
        }),
      )
      .optional(),
  }),
  z.looseObject({ role: z.literal("tool"), content: Text, tool_call_id: z.string().min(1) }),
]);

const FunctionTool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, "Letters, digits, _ and -, at most 64"),
    description: z.string().default(""),
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** OpenAI's chat completions, as far as a gateway can mean it. Unknown fields are let pass, as clients send many. */
export const ChatCompletion = z
  .looseObject({
    model: z.string().min(1).meta({ description: "`osf-free` or `osf-premium`" }),
    messages: z.array(Message).min(1).max(500),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
    tools: z
      .array(FunctionTool)
      .max(128)
      .nullish()
      .meta({ description: "Your own tools: offered instead of the plant's, and left to you to execute" }),
    tool_choice: z
      .union([
        z.enum(["auto", "none", "required"]),
        z.looseObject({ type: z.literal("function"), function: z.looseObject({ name: z.string() }) }),
      ])
      .nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    max_tokens: z.number().int().min(1).nullish(),
    max_completion_tokens: z.number().int().min(1).nullish(),
    n: z.literal(1, { error: "Only one choice (n = 1) is offered" }).nullish(),
  })
  .meta({ id: "ChatCompletionRequest" });
export type ChatCompletion = z.infer<typeof ChatCompletion>;

export const ModelList = z.object({
  object: z.literal("list"),
  data: z.array(z.object({ id: z.string(), object: z.literal("model"), created: z.number(), owned_by: z.string() })),
});
