import type { Database } from "#server/kernel/db.ts";
import { deployDocument, importNodes, loadDocument } from "#server/features/flows/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { systemClock } from "#server/kernel/clock.ts";
import { openLive } from "#server/kernel/live.ts";
import { createLog } from "#server/kernel/log.ts";
import { DEMO_FLOWS } from "./demo-flows.ts";
import { DEMO_WORKSPACE_ID, FLOW_AUTHOR } from "./demo-people.ts";

/** Puts the demo's flows into the engineer's editor, which must not have been opened before. */
export async function seedFlows({ url, rows: db, sql }: Database): Promise<void> {
  const author = await db.user.findUnique({ where: { email: FLOW_AUTHOR }, select: { id: true, name: true } });
  if (!author) return;
  const seat = { workspaceId: DEMO_WORKSPACE_ID, userId: author.id };
  if (await db.flowDocument.findUnique({ where: { workspaceId_userId: seat } })) return;
  const live = await openLive({ url, sql, log: createLog("seed", "silent") });
  try {
    const deps = { db, live, clock: systemClock };
    const document = await loadDocument(deps, seat);
    const nodes = [...document.nodes];
    for (const build of DEMO_FLOWS) nodes.push(...importNodes(build(), new Set(nodes.map(({ id }) => id))).nodes);
    await deployDocument(
      deps,
      { ...seat, name: author.name, role: "editor", via: "session" },
      { nodes, baseRevision: document.revision, source: "import" },
    );
  } catch (error) {
    // another start does the same at this moment, and was quicker
    if (!(error instanceof AppError && error.code === "flow.conflict")) throw error;
  } finally {
    await live.close();
  }
}
