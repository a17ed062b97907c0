import { z } from "zod";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Permission } from "#server/kernel/permissions.ts";
import type { Caller, Json } from "#server/mcp/exchange.ts";
import type { OwnTool, OwnToolKit } from "#server/mcp/serve/own-tools.ts";

export type OwnCaller = Caller & { actor: Actor };

interface Definition<I extends z.ZodObject> {
  name: string;
  title: string;
  description: string;
  permission: Permission;
  input: I;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint?: boolean };
  /** Answers the structured result, an object, or a whole `CallToolResult` where it has `content`. */
  call(caller: OwnCaller, args: z.output<I>, kit: OwnToolKit): Promise<Json>;
}

/** A tool of our own from a zod schema. Arguments are parsed here too: not every caller has checked them. */
export function defineTool<I extends z.ZodObject>(definition: Definition<I>): OwnTool {
  const { name, title, description, permission, input, annotations, call } = definition;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: "input" });
  return {
    definition: { name, title, description, inputSchema, annotations: { title, ...annotations } },
    permission,
    async call(caller, args, kit) {
      const parsed = input.safeParse(args);
      if (!parsed.success)
        throw new AppError("invalid", "tool.arguments", `The arguments do not fit the tool ${name}`, {
          fields: parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message })),
        });
      return orMissing(async () => {
        const answer = await call(caller, parsed.data, kit);
        return "content" in answer ? answer : structured(answer);
      });
    },
  };
}

/** A `CallToolResult` of a value. */
export const structured = (value: Json): Json => {
  const plain = JSON.parse(JSON.stringify(value)) as Json; // dates become texts, undefined members go
  return { content: [{ type: "text", text: JSON.stringify(plain) }], structuredContent: plain };
};

export const failure = (text: string): Json => ({ isError: true, content: [{ type: "text", text }] });

/** What an argument names and does not exist is a result that a model can do something about; the tool itself exists. */
export async function orMissing(act: () => Promise<Json>): Promise<Json> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AppError && error.kind === "missing") return failure(error.message);
    throw error;
  }
}

/** What a `CallToolResult` says, as chat keeps results. */
export function valueOf(result: Json): { failed: boolean; value: unknown; text: string } {
  const parts = Array.isArray(result["content"]) ? (result["content"] as { type?: unknown; text?: unknown }[]) : [];
  const text = parts.flatMap((part) => (part.type === "text" ? [String(part.text)] : [])).join("\n");
  return { failed: result["isError"] === true, value: result["structuredContent"] ?? parsed(text), text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
