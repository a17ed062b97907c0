import { z } from "zod";
import type { Run } from "#server/generated/prisma/client.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { OwnTool } from "#server/mcp/serve/own-tools.ts";
import { getApproval, listApprovals, respond } from "../approvals/index.ts";
import type { Deps } from "../deps.ts";
import { listFlows, startFlowRun } from "../flows/index.ts";
import { getRun } from "../runs/index.ts";
import { awaitRun } from "./await-run.ts";
import { defineTool } from "./define-tool.ts";

type RunToolDeps = Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings">;

const MAX_OUTPUT = 100_000;
const waitSeconds = (fallback: number) =>
  z
    .number()
    .int()
    .min(0)
    .max(600)
    .default(fallback)
    .describe("Seconds to wait for its end, with progress; then the run goes on and the answer is its state so far");

const short = (output: unknown) => {
  const text = JSON.stringify(output ?? null);
  return text.length <= MAX_OUTPUT ? output : `${text.slice(0, MAX_OUTPUT)} … cut off: ${text.length} characters`;
};

/** A run as these tools show it, with what it waits for. */
async function runAnswer(deps: Pick<Deps, "db">, actor: Actor, { id }: Pick<Run, "id">) {
  const run = await getRun(deps, actor, { id });
  const open = run.endedAt ? [] : (await listApprovals(deps, actor, { box: "team", runId: id, limit: 20 })).items;
  return {
    run_id: run.id,
    title: run.title,
    kind: run.kind,
    status: run.status,
    ...(run.status === "completed" ? { output: short(run.output) } : {}),
    ...(run.error ? { error: run.error } : {}),
    ...(open.length > 0
      ? {
          waits_for: open.map(({ id, kind, title, question, options, form, mayRespond }) => ({
            approval_id: id,
            kind,
            title,
            question,
            options: options.map(({ value, label }) => ({ value, label })),
            form,
            may_respond: mayRespond && kind !== TOOL_CONSENT,
          })),
        }
      : {}),
    started_at: run.startedAt,
    ended_at: run.endedAt,
  };
}

/** Consent for a call of a tool: a person gives it in the inbox, never the program that wants to make the call. */
const TOOL_CONSENT = "tool";

/** `list_flows`, `run_flow`, `get_run`, `respond_to_approval`. */
export const flowAndRunTools = (deps: RunToolDeps): OwnTool[] => [
  defineTool({
    name: "list_flows",
    title: "List flows",
    description: "The workspace's flows (automations), newest first, with the state of each one's last run.",
    permission: "flow.read",
    annotations: { readOnlyHint: true },
    input: z.strictObject({
      search: z.string().max(200).optional().describe("Words of the name or the description"),
      limit: z.number().int().min(1).max(100).default(50),
      cursor: z.string().max(200).optional().describe("next_cursor of the answer before"),
    }),
    async call({ actor }, args) {
      const { items, nextCursor } = await listFlows(deps, actor, args);
      return {
        flows: items.map(({ id, name, description, disabled, ownerName, tool, lastRun }) => ({
          flow_id: id,
          name,
          description,
          disabled,
          owner: ownerName,
          ...(tool ? { tool: tool.name } : {}),
          ...(lastRun ? { last_run: { run_id: lastRun.id, status: lastRun.status, at: lastRun.createdAt } } : {}),
        })),
        ...(nextCursor ? { next_cursor: nextCursor } : {}),
      };
    },
  }),
  defineTool({
    name: "run_flow",
    title: "Run a flow",
    description:
      "Starts a run of a flow and waits for its end. When it takes longer or waits for a person, the answer is its id and what it waits for; go on with get_run.",
    permission: "flow.run",
    annotations: { readOnlyHint: false, destructiveHint: false },
    input: z.strictObject({
      flow_id: z.string().max(64).describe("From list_flows"),
      input: z.unknown().optional().describe("Becomes msg.payload of the first message"),
      wait_seconds: waitSeconds(60),
    }),
    async call(caller, { flow_id, input, wait_seconds }, { signal, progress }) {
      const { runId } = await startFlowRun(deps, caller.actor, {
        flowId: flow_id,
        input,
        trigger: "mcp",
        idempotencyKey: caller.idempotencyKey,
        requestId: caller.requestId,
      });
      if (wait_seconds > 0)
        await awaitRun(deps, runId, {
          signal,
          timeoutMs: wait_seconds * 1_000,
          progress: (ended, message) => progress(ended, undefined, message),
        });
      return runAnswer(deps, caller.actor, { id: runId });
    },
  }),
  defineTool({
    name: "get_run",
    title: "Look at a run",
    description: "State of a run: its output or its error, and what it waits for from people.",
    permission: "run.read",
    annotations: { readOnlyHint: true },
    input: z.strictObject({ run_id: z.string().max(64), wait_seconds: waitSeconds(0) }),
    async call({ actor }, { run_id, wait_seconds }, { signal, progress }) {
      await getRun(deps, actor, { id: run_id }); // a stranger's is not waited for either
      if (wait_seconds > 0)
        await awaitRun(deps, run_id, {
          signal,
          timeoutMs: wait_seconds * 1_000,
          progress: (ended, message) => progress(ended, undefined, message),
        });
      return runAnswer(deps, actor, { id: run_id });
    },
  }),
  defineTool({
    name: "respond_to_approval",
    title: "Answer what a run waits for",
    description:
      "Answers a question that a run asks people, in the name of the person who connected this client. Only with their say. Consent for calls of tools is given in the inbox, not here.",
    permission: "approval.respond",
    annotations: { readOnlyHint: false, destructiveHint: true },
    input: z.strictObject({
      approval_id: z.string().max(64).describe("From waits_for of get_run"),
      decision: z.string().max(200).describe("Value of one of its options"),
      values: z.record(z.string(), z.unknown()).optional().describe("For its form"),
      comment: z.string().max(2_000).optional(),
    }),
    async call({ actor }, { approval_id: id, ...answer }) {
      const { kind } = await getApproval(deps, actor, { id });
      if (kind === TOOL_CONSENT)
        throw new AppError(
          "forbidden",
          "approval.in-person",
          `Consent for the call of a tool is given by a person, in the inbox: ${deps.settings.publicUrl}/inbox`,
        );
      const { decision, comment, values } = answer;
      const done = await respond(deps, actor, {
        id,
        decision,
        ...(comment === undefined ? {} : { comment }),
        ...(values === undefined ? {} : { values }),
      });
      return { approval_id: id, status: done.status, decision: done.decision, run_id: done.runId };
    },
  }),
];
