import type { Actor } from "#server/kernel/actor.ts";
import { recordOf } from "#server/kernel/actor.ts";
import { newId } from "#server/kernel/ids.ts";
import type { Deps } from "../../deps.ts";
import { workspaceTopic } from "../../runs/index.ts";
import type { Executions } from "./internal.schema.ts";
import { roomForExecutions } from "./pod-rate.ts";

const LONGEST_MS = 24 * 3_600_000;

/**
 * Keeps what ran in a pod as runs beside those of the engine: over already, with the trigger `pod`. What a pod says is
 * its own word about itself: the seat, the workspace and the flow are the gateway's.
 */
export async function recordExecutions(
  { db, live, clock }: Pick<Deps, "db" | "live" | "clock">,
  actor: Actor,
  { executions: told }: Executions,
): Promise<void> {
  const { workspaceId, userId } = actor;
  const executions = told.slice(0, await roomForExecutions(actor, told.length));
  const tabs = [...new Set(executions.flatMap(({ tab }) => tab ?? []))];
  const flows = await db.flow.findMany({
    where: { workspaceId, ownerId: userId, tabId: { in: tabs }, deletedAt: null },
    select: { id: true, tabId: true, name: true, document: { select: { revision: true } } },
  });
  const now = clock.now().getTime();
  const within = (at: number) => new Date(Math.min(now, Math.max(now - LONGEST_MS, at)));
  for (const { tab, startedAt, endedAt, steps } of executions) {
    const flow = flows.find(({ tabId }) => tabId === tab);
    const id = newId("run", within(startedAt).getTime());
    const failed = steps.find(({ status }) => status === "failed");
    const error = failed ? { code: "node.failed", message: failed.error ?? "A node failed" } : null;
    const status = failed ? ("failed" as const) : ("completed" as const);
    await db.run.create({
      data: {
        id,
        workspaceId,
        kind: "flow",
        subjectId: flow?.id ?? null,
        subjectVersion: flow?.document.revision ?? null,
        title: flow?.name ?? "Flow in the editor",
        status,
        trigger: "pod",
        actor: { ...recordOf(actor), scopes: null },
        userId,
        input: {},
        ...(error ? { error } : {}),
        lastSeq: 1,
        createdAt: within(startedAt),
        startedAt: within(startedAt),
        endedAt: within(Math.max(startedAt, endedAt)),
        events: {
          create: {
            seq: 1,
            type: error ? "error" : "done",
            data: { runId: id, status, ...error },
            at: within(Math.max(startedAt, endedAt)),
          },
        },
        steps: {
          create: steps.map((step, i) => ({
            seq: i + 1,
            nodeId: step.node,
            nodeType: step.type,
            nodeName: step.name,
            fromSeq: step.from !== null && step.from <= i ? step.from : null,
            fromPort: step.from !== null && step.from <= i ? step.port : null,
            status: step.status === "running" ? "dropped" : step.status,
            input: { payload: (step.payload ?? null) as string | null }, // parsed JSON
            ...(step.error ? { error: { code: "node.failed", message: step.error } } : {}),
            at: within(step.at),
            startedAt: within(step.at),
            durationMs: step.durationMs,
          })),
        },
      },
    });
    const hint = JSON.stringify({ type: "run", runId: id, status, kind: "flow", userId });
    await live.publish(workspaceTopic(workspaceId), hint);
  }
}
