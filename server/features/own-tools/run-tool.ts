import type { Run } from "#server/generated/prisma/client.ts";
import type { Permission } from "#server/kernel/permissions.ts";
import type { Json } from "#server/mcp/exchange.ts";
import type { ListedTool } from "#server/mcp/review.ts";
import type { OwnTool } from "#server/mcp/serve/own-tools.ts";
import type { Deps } from "../deps.ts";
import { cancelRun, hasEnded } from "../runs/index.ts";
import { awaitRun } from "./await-run.ts";
import { failure, structured, type OwnCaller } from "./define-tool.ts";

/**
 * A tool whose call is a run: a flow, code. Whoever can wait for long (chat, which is suspended meanwhile) begins it and
 * asks for its result later; the same `caller.idempotencyKey` finds the run that it began before.
 */
export interface RunTool {
  definition: ListedTool;
  permission: Permission;
  start(caller: OwnCaller, args: Json): Promise<{ runId: string }>;
  /** A `CallToolResult` of the run when it has ended. */
  result(run: Run): Promise<Json>;
}

/** What a run that has not ended answers: where to look, and what it waits for. */
export const unfinished = ({ id, status }: Pick<Run, "id" | "status">, publicUrl: string): Json => ({
  run_id: id,
  status: hasEnded(status) || status === "queued" || status === "running" ? status : "waiting",
  message:
    status === "queued" || status === "running"
      ? "The run goes on. Ask for it with get_run"
      : `The run waits for a person's answer, which is given in the inbox: ${publicUrl}/inbox. Then ask for it with get_run`,
});

/** Why a run ended without success. */
export const failureOf = ({ id, status, error }: Pick<Run, "id" | "status" | "error">): Json => {
  const { message } = (error ?? {}) as { message?: string }; // written by the runs alone
  return failure(`The run ${id} ended as ${status.replace("_", " ")}${message ? `: ${message}` : ""}`);
};

/** The same as a tool that waits, with progress. A client that cancels the call, or goes away, ends the run. */
export const asOwnTool = (
  deps: Pick<Deps, "db" | "live" | "settings" | "log">,
  { definition, permission, start, result }: RunTool,
): OwnTool => ({
  definition,
  permission,
  async call(caller, args, { signal, progress }) {
    const { runId } = await start(caller, args);
    try {
      const run = await awaitRun(deps, runId, {
        signal,
        timeoutMs: deps.settings.executionTimeoutMs,
        progress: (ended, message) => progress(ended, undefined, message),
      });
      return hasEnded(run.status) ? await result(run) : structured(unfinished(run, deps.settings.publicUrl));
    } catch (error) {
      if (signal.aborted)
        await cancelRun(deps, [], caller.actor, { id: runId }).catch((err: unknown) =>
          deps.log.debug({ err, runId }, "a run whose caller went away was over already"),
        );
      throw error;
    }
  },
});
