import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { FlowPage } from "#app/_features/flows/flow-page.tsx";
import { flowTab } from "#app/_features/flows/flow-tabs.ts";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Flow" };

export default async function Page(props: {
  params: Promise<{ id: string }>;
  searchParams: Promise<{ tab?: string | string[] }>;
}) {
  const [{ id }, { tab }] = await Promise.all([props.params, props.searchParams]);
  const actor = await pageActor(`/flows/${encodeURIComponent(id)}`);
  const viewer = {
    runs: allows(actor, "flow.run"),
    controlsRuns: allows(actor, "run.control"),
    writes: allows(actor, "flow.write"),
    edits: allows(actor, "editor.use"),
  };
  return <FlowPage key={id} id={id} viewer={viewer} tab={flowTab(tab)} />;
}
