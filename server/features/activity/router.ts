import { z } from "zod";
import { can, router, whileAllowed } from "#server/edge/trpc/procedures.ts";
import type { Actor } from "#server/kernel/actor.ts";
import type { Deps } from "../deps.ts";
import { modelTopic } from "../models/index.ts";
import { workspaceTopic } from "../runs/index.ts";
import { ReviewHint, reviewTopic } from "../tool-review/index.ts";

const Change = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run"),
    runId: z.string(),
    status: z.string(),
    kind: z.string(),
    userId: z.string().nullish(),
  }),
  z.object({
    type: z.literal("tool.called"),
    tool: z.string(),
    outcome: z.string(),
    durationMs: z.number().nullish(),
  }),
  z.object({ type: z.literal("flow") }),
  z.object({ type: z.literal("approval") }),
  z.object({ type: z.literal("model") }),
  z.object({ type: z.literal("tool-review") }),
  z.object({ type: z.literal("refresh") }),
]);
/** `refresh`: changes may have been missed; look at everything anew. */
export type Change = z.infer<typeof Change>;

/** Of conversations a person learns only of their own, as in lists. */
const isFor = (userId: string, change: Change) =>
  change.type !== "run" || change.kind !== "chat" || change.userId === userId;

/** Hints of what changed in a workspace, so that open pages look anew; never the data itself. */
async function* changes(
  { live }: Pick<Deps, "live">,
  { workspaceId, userId }: Actor,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  let heard: Change[] = [{ type: "refresh" }];
  let wake: () => void = () => undefined;
  const hear = (change: Change) => {
    if (heard.length < 100) heard.push(change);
    else heard = [{ type: "refresh" }];
    wake();
  };
  const offs = [
    live.subscribe(workspaceTopic(workspaceId), (payload) => {
      const parsed = Change.safeParse(JSON.parse(payload));
      if (parsed.success && isFor(userId, parsed.data)) hear(parsed.data);
    }),
    live.subscribe(modelTopic, () => hear({ type: "model" })),
    live.subscribe(reviewTopic, (payload) => {
      const { workspaceId: of } = ReviewHint.parse(JSON.parse(payload));
      if (of === null || of === workspaceId) hear({ type: "tool-review" });
    }),
    live.onGap(() => hear({ type: "refresh" })),
  ];
  const aborted = () => wake();
  signal.addEventListener("abort", aborted);
  try {
    while (!signal.aborted) {
      for (let change = heard.shift(); change; change = heard.shift()) yield change;
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    for (const off of offs) off();
    signal.removeEventListener("abort", aborted);
  }
}

export const activityRouter = router({
  changes: can("workspace.read").subscription(({ ctx, signal }) =>
    whileAllowed(ctx.stillAllowed, signal, (until) => changes(ctx.deps, ctx.actor, until)),
  ),
});
