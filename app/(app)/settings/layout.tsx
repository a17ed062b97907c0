import type { ReactNode } from "react";
import { allows } from "#server/kernel/permissions.ts";
import { currentActor } from "../../_features/auth/page-actor.ts";
import { SettingsFrame } from "../../_features/settings/settings-frame.tsx";

/** Without a sign-in the page itself decides: it knows where to come back to. */
export default async function SettingsLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  return actor ? <SettingsFrame audits={allows(actor, "audit.read")}>{children}</SettingsFrame> : children;
}
