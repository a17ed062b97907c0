import { can, router } from "../../edge/trpc/procedures.ts";
import { listSecrets, secretUsage } from "./list-secrets.ts";
import { putSecret } from "./put-secret.ts";
import { removeSecret } from "./remove-secret.ts";
import { ListSecrets, PutSecret, SecretRef } from "./schema.ts";

export const secretsRouter = router({
  list: can("secret.read")
    .input(ListSecrets.default({ scope: "workspace" }))
    .query(({ ctx, input }) => listSecrets(ctx.deps, ctx.actor, input)),
  usage: can("secret.read")
    .input(SecretRef)
    .query(({ ctx, input }) => secretUsage(ctx.deps, ctx.actor, input)),
  put: can("secret.write")
    .input(PutSecret)
    .mutation(({ ctx, input }) => putSecret(ctx.deps, ctx.actor, input)),
  remove: can("secret.write")
    .input(SecretRef)
    .mutation(({ ctx, input }) => removeSecret(ctx.deps, ctx.actor, input)),
});
