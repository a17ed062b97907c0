import { isDeepStrictEqual } from "node:util";
import { authorise, type Actor } from "#server/kernel/actor.ts";
import { AppError, missing } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { refuseWhenSaturated } from "../models/index.ts";
import { idempotencyMismatch, rowKey, startRunNow, type RunStatus } from "../runs/index.ts";
import type { FlowRunInput, RequestView } from "./flow-input.ts";
import { prepareFlow, refuseInvalid } from "./prepare-flow.ts";
import { chooseStart } from "./starts.ts";

/** How a run of a flow is begun. */
export interface StartFlow {
  flowId: string;
  /** Becomes `msg.payload` of the first message; absent: an inject node makes its own. */
  input?: unknown;
  /** Id of an inject or http-in node; default: the first. */
  start?: string | undefined;
  /** manual | api | http | flow | retry | pod … */
  trigger: string;
  /** Of an http-in start. */
  request?: RequestView;
  idempotencyKey?: string | undefined;
  parentRunId?: string | undefined;
  requestId?: string | undefined;
}

export interface StartedFlow {
  runId: string;
  status: RunStatus;
  /** False: the idempotency key is known, and this is the run that it began. */
  created: boolean;
}

/** A flow as a start needs it. */
export interface RunnableFlow {
  id: string;
  workspaceId: string;
  ownerId: string;
  name: string;
  documentId: string;
  tabId: string;
  /** The document's, now. */
  revision: number;
}

/** Finds a flow of the actor's workspace for a start. Throws `missing` for others and for deleted ones. */
export async function runnableFlow({ db }: Pick<Deps, "db">, actor: Actor, flowId: string): Promise<RunnableFlow> {
  const flow = await db.flow.findFirst({
    where: { id: flowId, workspaceId: actor.workspaceId, deletedAt: null },
    include: { document: { select: { revision: true } } },
  });
  if (!flow) throw missing("flow");
  if (flow.disabled)
    throw new AppError("conflict", "flow.disabled", "This flow is switched off. Switch it on in its settings first");
  const { id, workspaceId, ownerId, name, documentId, tabId } = flow;
  return { id, workspaceId, ownerId, name, documentId, tabId, revision: flow.document.revision };
}

/** Editors run their own flows; those of others need `run.control`. */
export function authoriseRun(actor: Actor, { ownerId }: Pick<RunnableFlow, "ownerId">): void {
  authorise(actor, "flow.run");
  if (ownerId !== actor.userId) authorise(actor, "run.control");
}

/**
 * Begins a run of a flow on the engine, at the document's current revision. Throws `missing` (`flow.missing`),
 * `forbidden`, `unprocessable` (`flow.invalid` with the issues, `flow.no-start`, `flow.start`), `unavailable`
 * (`model.saturated`) when it needs a model whose queue is full.
 */
export async function startFlowRun(
  deps: Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings">,
  actor: Actor,
  start: StartFlow,
): Promise<StartedFlow> {
  // what was begun already needs no flow that can be begun today
  const before = await begunBefore(deps, actor, start);
  return before ?? startPreparedRun(deps, actor, await runnableFlow(deps, actor, start.flowId), start);
}

/** The run that this key began before with the same input; a key that began something else is refused by the start. */
async function begunBefore(
  { db }: Pick<Deps, "db">,
  { workspaceId, userId }: Actor,
  { flowId, idempotencyKey, input, start }: StartFlow,
): Promise<StartedFlow | null> {
  if (idempotencyKey === undefined) return null;
  const run = await db.run.findFirst({ where: { workspaceId, idempotencyKey: rowKey(userId, idempotencyKey) } });
  if (!run || run.kind !== "flow" || run.subjectId !== flowId) return null;
  const begun = run.input as unknown as FlowRunInput; // of a run of a flow
  const asked = input === undefined ? undefined : (JSON.parse(JSON.stringify(input)) as unknown);
  const same = isDeepStrictEqual(begun.payload, asked) && (start === undefined || begun.start.node === start);
  return same ? { runId: run.id, status: run.status, created: false } : null;
}

/** The same for a flow that was found already. */
export async function startPreparedRun(
  deps: Pick<Deps, "db" | "sql" | "live" | "log" | "clock" | "settings">,
  actor: Actor,
  flow: RunnableFlow,
  { input, start, trigger, request, idempotencyKey, parentRunId, requestId }: Omit<StartFlow, "flowId">,
): Promise<StartedFlow> {
  authoriseRun(actor, flow);
  const prepared = await prepareFlow(deps, flow);
  refuseInvalid(prepared);
  const { node, kind } = chooseStart(prepared.starts, start);
  for (const tier of prepared.models) await refuseWhenSaturated(deps, tier);
  const runInput: FlowRunInput = {
    start: { node, kind },
    ...(input === undefined ? {} : { payload: input }),
    ...(request ? { request } : {}),
  };
  const { run, created } = await startRunNow(deps, actor, {
    kind: "flow",
    title: flow.name,
    subjectId: flow.id,
    subjectVersion: flow.revision,
    trigger,
    input: { ...runInput },
    idempotencyKey,
    ...(parentRunId === undefined ? {} : { parentRunId }),
    ...(requestId === undefined ? {} : { requestId }),
  });
  if (run.subjectId !== flow.id) throw idempotencyMismatch(); // the key began another flow with the same input
  return { runId: run.id, status: run.status, created };
}
