import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { RunsPage } from "#app/_features/runs/runs-page.tsx";

export const metadata: Metadata = { title: "Runs" };

export default async function Page() {
  await pageActor("/runs");
  return <RunsPage />;
}
