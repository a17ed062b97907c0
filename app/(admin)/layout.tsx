import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ForbiddenAdmin } from "#app/_features/admin/forbidden-admin.tsx";
import { AdminFrame } from "#app/_features/admin/admin-nav.tsx";
import { currentActor } from "#app/_features/auth/page-actor.ts";
import { AppShell } from "#app/_features/shell/app-shell.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Admin" };

/** Administration, for the platform's owner. Without a sign-in the page itself decides: it knows where to come back to. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  if (!actor) return children;
  const { name, email, owner, workspaceId } = actor;
  return (
    <AppShell person={{ name, email, owner, workspaceId, reviews: allows(actor, "tool.review") }}>
      {owner ? <AdminFrame>{children}</AdminFrame> : <ForbiddenAdmin />}
    </AppShell>
  );
}
