import type { ReactNode } from "react";
import { currentActor } from "#app/_features/auth/page-actor.ts";
import { ServersFrame } from "#app/_features/servers/servers-frame.tsx";
import { allows } from "#server/kernel/permissions.ts";

/** Without a sign-in the page itself decides: it knows where to come back to. */
export default async function ServersLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  return actor ? <ServersFrame reviews={allows(actor, "tool.review")}>{children}</ServersFrame> : children;
}
