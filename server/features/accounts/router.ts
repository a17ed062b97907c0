import { z } from "zod";
import { can, open, router } from "../../edge/trpc/procedures.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { changePassword, me, updateProfile } from "./profile.ts";
import { holdRate } from "./rate-limit.ts";
import { register } from "./register.ts";
import { ById, ChangePassword, CreateApiKey, Register, UpdateProfile } from "./schema.ts";
import { listSessions, revokeSession } from "./sessions.ts";

const List = z.strictObject({
  limit: z.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});

export const accountsRouter = router({
  register: open.input(Register).mutation(async ({ ctx, input }) => {
    await holdRate(ctx.deps, "register", ctx.ip);
    await register(ctx.deps, input, { ip: ctx.ip });
  }),
  me: can("account.read").query(({ ctx }) => me(ctx.deps, ctx.actor)),
  updateProfile: can("account.write")
    .input(UpdateProfile)
    .mutation(({ ctx, input }) => updateProfile(ctx.deps, ctx.actor, input)),
  changePassword: can("account.write")
    .input(ChangePassword)
    .mutation(({ ctx, input }) => changePassword(ctx.deps, ctx.actor, input)),
  sessions: router({
    list: can("account.read").query(({ ctx }) => listSessions(ctx.deps, ctx.actor)),
    revoke: can("account.write")
      .input(ById)
      .mutation(({ ctx, input }) => revokeSession(ctx.deps, ctx.actor, input)),
  }),
  apiKeys: router({
    list: can("api-key.read")
      .input(List)
      .query(({ ctx, input }) => listApiKeys(ctx.deps, ctx.actor, input)),
    create: can("api-key.write")
      .input(CreateApiKey)
      .mutation(({ ctx, input }) => createApiKey(ctx.deps, ctx.actor, input)),
    revoke: can("api-key.write")
      .input(ById)
      .mutation(({ ctx, input }) => revokeApiKey(ctx.deps, ctx.actor, input)),
  }),
});
