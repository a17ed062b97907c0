import type { ToolOutcome } from "#server/mcp/gateway.ts";

/** Characters of a result that a model is given; the person sees all of it. */
const MAX_FOR_MODEL = 24_000;
/** Above it a result is kept only in part: an event is a row, and a page has to show it. */
const MAX_KEPT = 500_000;

/** What the model reads of a result. */
export function textForModel(result: unknown): string {
  const text = typeof result === "string" ? result : JSON.stringify(result ?? null);
  if (text.length <= MAX_FOR_MODEL) return text;
  return `${text.slice(0, MAX_FOR_MODEL)}\n… cut off: ${text.length - MAX_FOR_MODEL} of ${text.length} characters are left out. Ask for less, with the tool's own filters.`;
}

/** What the run's log keeps of a result. */
export function keptResult(outcome: Pick<ToolOutcome, "value" | "text" | "failed">): unknown {
  if (outcome.failed) return outcome.text.slice(0, MAX_KEPT);
  const size = JSON.stringify(outcome.value ?? null).length;
  return size <= MAX_KEPT
    ? outcome.value
    : `${outcome.text.slice(0, MAX_KEPT)}\n… cut off at ${MAX_KEPT} of ${size} characters`;
}
