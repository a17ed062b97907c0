import { can, router } from "#server/edge/trpc/procedures.ts";
import { settlers } from "../settlers.ts";
import { provideConfig, provideSecrets } from "./answer-form.ts";
import { deleteSession } from "./delete-session.ts";
import { ProvideConfig, ProvideSecrets } from "./forms.schema.ts";
import { ListSessions, RenameSession, RetryTurn, SendMessage, SessionRef } from "./schema.ts";
import { retryTurn, sendMessage } from "./send-message.ts";
import { getSession, listSessions, renameSession } from "./sessions.ts";

export const chatRouter = router({
  sessions: can("chat.read")
    .input(ListSessions)
    .query(({ ctx, input }) => listSessions(ctx.deps, ctx.actor, input)),
  session: can("chat.read")
    .input(SessionRef)
    .query(({ ctx, input }) => getSession(ctx.deps, ctx.actor, input)),
  rename: can("chat.write")
    .input(RenameSession)
    .mutation(({ ctx, input }) => renameSession(ctx.deps, ctx.actor, input)),
  remove: can("chat.write")
    .input(SessionRef)
    .mutation(({ ctx, input }) => deleteSession(ctx.deps, settlers, ctx.actor, input)),
  send: can("chat.write")
    .input(SendMessage)
    .mutation(({ ctx, input }) =>
      sendMessage(ctx.deps, ctx.actor, input, { trigger: "chat", requestId: ctx.requestId }),
    ),
  provideConfig: can("chat.write")
    .input(ProvideConfig)
    .mutation(({ ctx, input }) => provideConfig(ctx.deps, ctx.actor, input)),
  provideSecrets: can("chat.write")
    .input(ProvideSecrets)
    .mutation(({ ctx, input }) => provideSecrets(ctx.deps, ctx.actor, input)),
  retry: can("chat.write")
    .input(RetryTurn)
    .mutation(({ ctx, input }) => retryTurn(ctx.deps, ctx.actor, input, { requestId: ctx.requestId })),
});
