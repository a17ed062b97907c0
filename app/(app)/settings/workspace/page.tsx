import type { Metadata } from "next";
import { pageActor } from "../../../_features/auth/page-actor.ts";
import { Workspace } from "../../../_features/settings/workspace.tsx";

export const metadata: Metadata = { title: "Workspace" };

export default async function WorkspacePage() {
  await pageActor("/settings/workspace");
  return <Workspace />;
}
