import type { Actor } from "../../../kernel/actor.ts";
import type { Json } from "../../exchange.ts";
import { invalidParams, isObject } from "../wire/rpc.ts";
import type { Sealer } from "../wire/sealed.ts";

/**
 * Ids of tasks as clients know them: sealed for the person and the upstream, so that nobody can ask for the task of
 * another, or guess one. The same task always has the same id.
 */
export interface TaskIds {
  seal(actor: Actor, upstream: string, taskId: string): string;
  /** Throws `invalid params` for an id that was not given to this person. */
  open(actor: Actor, taskId: unknown): { upstream: string; taskId: string };
}

export function createTaskIds(sealer: Sealer): TaskIds {
  const purpose = ({ workspaceId, userId }: Actor) => ({ use: "task", workspaceId, userId });
  return {
    seal: (actor, upstream, taskId) => sealer.seal({ upstream, taskId }, purpose(actor), { steady: true }),
    open(actor, taskId) {
      const content = typeof taskId === "string" ? sealer.open(taskId, purpose(actor)) : undefined;
      if (!content) throw invalidParams("This task does not exist");
      return content as { upstream: string; taskId: string }; // sealed above
    },
  };
}

const RELATED = "io.modelcontextprotocol/related-task";

/**
 * Replaces the ids of tasks wherever a result or a notification carries one: `taskId` (extension of 2026-07-28, and
 * status notifications), `task.taskId` (2025-11-25), and the reference in `_meta`. Unchanged where there is none.
 */
export function withTaskIds(message: Json, replace: (taskId: string) => string): Json {
  let changed = message;
  if (typeof message["taskId"] === "string") changed = { ...changed, taskId: replace(message["taskId"]) };
  const { task, _meta: meta } = message;
  if (isObject(task) && typeof task["taskId"] === "string")
    changed = { ...changed, task: { ...task, taskId: replace(task["taskId"]) } };
  const related = isObject(meta) ? meta[RELATED] : undefined;
  if (isObject(meta) && isObject(related) && typeof related["taskId"] === "string")
    changed = { ...changed, _meta: { ...meta, [RELATED]: { ...related, taskId: replace(related["taskId"]) } } };
  return changed;
}

/** Tasks of the extension (2026-07-28) and those of 2025-11-25 are different things: neither is told to the other era. */
export const TASK_METHODS = new Set(["tasks/get", "tasks/update", "tasks/cancel", "tasks/result"]);
export const TASKS_EXTENSION = "io.modelcontextprotocol/tasks";
