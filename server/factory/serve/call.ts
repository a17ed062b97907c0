import { isDeepStrictEqual } from "node:util";
import { PlantError } from "../plant/model.ts";
import type { Plant } from "../plant/plant.ts";
import type { FactoryTool } from "../tools/tool.ts";

/** A request that repeats this key in `_meta` gets the first result again; the tool is not run twice. */
export const IDEMPOTENCY_KEY = "osf/idempotency-key";
const KEYS_KEPT = 2000;

/** What both generations of the SDK take as the result of a tool call. */
type CallResult = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};

export type CallTool = (
  tool: FactoryTool,
  input: unknown,
  meta: Readonly<Record<string, unknown>> | undefined,
) => CallResult;

/** Runs the tools of one server on the plant, brought up to `now()` before each call. Remembers keys of writes. */
export function createCaller(plant: Plant, now: () => Date): CallTool {
  const first = new Map<string, { tool: string; input: unknown; result: CallResult }>();

  const run = (tool: FactoryTool, input: unknown): CallResult => {
    plant.advance(now());
    try {
      const structuredContent = tool.run(plant.world, input);
      return { content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      if (error instanceof PlantError) return refuse(error.message);
      throw error;
    }
  };

  return (tool, input, meta) => {
    const key = meta?.[IDEMPOTENCY_KEY];
    if (typeof key !== "string" || tool.annotations.readOnlyHint) return run(tool, input);
    const known = first.get(key);
    if (known) {
      if (known.tool === tool.name && isDeepStrictEqual(known.input, input)) return known.result;
      return refuse(
        `The idempotency key "${key}" belongs to another call of ${known.tool}. Use a new key for a new call.`,
      );
    }
    const result = run(tool, input);
    // A refused call changed nothing: it may be tried again with the same key.
    if (!result.isError) first.set(key, { tool: tool.name, input, result });
    const [oldest] = first.keys();
    if (first.size > KEYS_KEPT && oldest !== undefined) first.delete(oldest);
    return result;
  };
}

const refuse = (message: string): CallResult => ({ content: [{ type: "text", text: message }], isError: true });
