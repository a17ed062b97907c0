/** What somebody typed as an input: nothing, a value, or why it is not JSON. */
export function parseInput(typed: string): { input?: unknown } | { problem: string } {
  if (typed.trim() === "") return {};
  try {
    return { input: JSON.parse(typed) as unknown };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
