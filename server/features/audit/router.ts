import { can, router } from "#server/edge/trpc/procedures.ts";
import { listAudit } from "./find-audit.ts";
import { ListAudit } from "./schema.ts";
import { verifyAudit } from "./verify-audit.ts";

export const auditRouter = router({
  list: can("audit.read")
    .input(ListAudit)
    .query(({ ctx, input }) => listAudit(ctx.deps, ctx.actor, input)),
  /** Walks the whole chain: some seconds for a million entries. */
  verify: can("admin.read").mutation(({ ctx }) => verifyAudit(ctx.deps)),
});
