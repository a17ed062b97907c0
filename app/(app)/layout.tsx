import type { ReactNode } from "react";
import { currentActor } from "../_features/auth/page-actor.ts";
import { AppShell } from "../_features/shell/app-shell.tsx";
import { allows } from "#server/kernel/permissions.ts";

/** The frame of signed-in pages. Without a sign-in the page itself decides: it knows where to come back to. */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  if (!actor) return children;
  const { name, email, owner, workspaceId } = actor;
  return (
    <AppShell person={{ name, email, owner, workspaceId, reviews: allows(actor, "tool.review") }}>{children}</AppShell>
  );
}
