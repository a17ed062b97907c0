import type { Metadata } from "next";
import { pageActor } from "#app/_features/auth/page-actor.ts";
import { EditorPage } from "#app/_features/editor/editor-page.tsx";
import { ForbiddenEditor } from "#app/_features/editor/forbidden-editor.tsx";
import { allows } from "#server/kernel/permissions.ts";

export const metadata: Metadata = { title: "Editor" };

export default async function Page({ searchParams }: { searchParams: Promise<{ flow?: string | string[] }> }) {
  const { flow } = await searchParams;
  const flowId = typeof flow === "string" ? flow : null;
  const actor = await pageActor(flowId ? `/editor?flow=${encodeURIComponent(flowId)}` : "/editor");
  if (!allows(actor, "editor.use")) return <ForbiddenEditor />;
  return <EditorPage key={flowId} flowId={flowId} />;
}
