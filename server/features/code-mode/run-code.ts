import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { startCodeRun } from "../flows/index.ts";

/** Characters of a result, and of what the code logged, that come back. */
const MAX_RESULT = 20_000;
const MAX_LINES = 200;
const MAX_CODE = 100_000;

/** The tool as models and clients see it. */
export const runCodeDefinition = {
  name: "run_code",
  title: "Run code",
  description:
    "Runs TypeScript that combines several calls of tools and returns only what matters: for loops over results, joins, sums. It is the body of an async function: call `await tools.<server>.<tool>(args)`, which answers the tool's structured result or throws, `await flows.<name>(args)`, console.log, and `return` a JSON value. Look signatures up with mcp-find (format typescript). No network, no files, no imports.",
  inputSchema: {
    type: "object",
    properties: {
      code: { type: "string", description: "TypeScript, the body of an async function" },
      timeout_seconds: { type: "integer", minimum: 1, maximum: 600, default: 60 },
    },
    required: ["code"],
    additionalProperties: false,
  },
  // What the code may do is said by the tools that it calls; each call is judged by itself.
  annotations: { title: "Run code", readOnlyHint: false, destructiveHint: false, openWorldHint: false },
};

export interface CodeRequest {
  code: string;
  timeoutSeconds: number;
}

/** Throws `invalid` (`tool.arguments`). */
export function codeRequest(args: Record<string, unknown>): CodeRequest {
  const { code, timeout_seconds: seconds = 60 } = args;
  const wrong = (path: string, message: string) =>
    new AppError("invalid", "tool.arguments", "The arguments do not fit the tool run_code", {
      fields: [{ path, message }],
    });
  if (typeof code !== "string" || !code.trim()) throw wrong("code", "must be TypeScript");
  if (code.length > MAX_CODE) throw wrong("code", `has more than ${MAX_CODE} characters`);
  if (typeof seconds !== "number" || !(seconds >= 1 && seconds <= 600))
    throw wrong("timeout_seconds", "must be 1 to 600");
  return { code, timeoutSeconds: Math.ceil(seconds) };
}

/** Begins a run of code; see `startCodeRun`. `flows`: those that are tools for this person, name → id. */
export const beginCode = (
  deps: Pick<Deps, "db" | "sql" | "log">,
  actor: Actor,
  request: CodeRequest & { flows: Record<string, string> },
  from: Pick<Parameters<typeof startCodeRun>[2], "trigger" | "parentRunId" | "idempotencyKey" | "requestId">,
): Promise<{ runId: string }> => startCodeRun(deps, actor, { ...request, ...from });

/** What an ended run of code comes to: bounded, because a model reads it. */
export async function codeResult(
  { db }: Pick<Deps, "db">,
  run: { id: string; status: string; output: unknown; error: unknown },
): Promise<{ failed: boolean; result: unknown; log: string[] }> {
  const said = await db.runEvent.findMany({
    where: { runId: run.id, type: "log" },
    orderBy: { seq: "asc" },
    take: MAX_LINES,
    select: { data: true },
  });
  const log: string[] = [];
  let left = MAX_RESULT;
  for (const { data } of said) {
    const { level, message } = data as { level?: string; message?: string }; // as the engine's facade emits them
    const line = `${level === "warn" ? "warning: " : ""}${message ?? ""}`.slice(0, left);
    if (!line) break;
    log.push(line);
    left -= line.length;
  }
  if (run.status !== "completed") {
    const { message } = (run.error ?? {}) as { message?: string }; // written by the runs alone
    return { failed: true, result: message ?? `It ended as ${run.status.replace("_", " ")}`, log };
  }
  const value = (run.output as { payload?: unknown } | null)?.payload ?? null; // as the engine ends runs
  const text = JSON.stringify(value);
  const result =
    text.length <= MAX_RESULT
      ? value
      : `${text.slice(0, MAX_RESULT)}… cut off: ${text.length} characters. Return less: only what the answer needs`;
  return { failed: false, result, log };
}
