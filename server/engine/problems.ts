import { AppError } from "#server/kernel/errors.ts";
import type { FlowNode } from "#server/engine/node.ts";

/** What people call a node. */
export const label = (node: FlowNode): string => node.name ?? node.type;

export function messageOf(problem: unknown): string {
  if (problem instanceof Error) return problem.message || problem.name;
  if (typeof problem === "string") return problem;
  try {
    return typeof problem === "object" ? (JSON.stringify(problem) ?? String(problem)) : String(problem);
  } catch {
    return "An error that cannot be written";
  }
}

export function codeOf(problem: unknown): string {
  const code = typeof problem === "object" && problem !== null ? (problem as { code?: unknown }).code : undefined;
  return typeof code === "string" && code !== "" ? code : "node.error";
}

/** A flow that cannot be planned, in words for who drew it. */
export const planError = (code: string, message: string): AppError => new AppError("unprocessable", code, message);
