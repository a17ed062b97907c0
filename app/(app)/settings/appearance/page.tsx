import type { Metadata } from "next";
import { pageActor } from "../../../_features/auth/page-actor.ts";
import { Appearance } from "../../../_features/settings/appearance.tsx";

export const metadata: Metadata = { title: "Appearance" };

export default async function AppearancePage() {
  await pageActor("/settings/appearance");
  return <Appearance />;
}
