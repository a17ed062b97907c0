"use client";

import dynamic from "next/dynamic";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Section } from "#app/_ui/layout/panel.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { auditWords } from "./audit-words.ts";
import { ChainState } from "./chain-state.tsx";

/** The table comes with its rows, after the page. */
const LazyAuditLog = dynamic(() => import("./audit-log.tsx").then((module) => module.AuditLog), {
  ssr: false,
  loading: () => <ListSkeleton rows={10} />,
});

/** Of the administration: all workspaces and the chain. */
export function AdminAudit() {
  const words = useWords(auditWords);
  return (
    <PageFrame>
      <PageHeader title={words.title} description={words.description} />
      <ChainState />
      <LazyAuditLog owner />
    </PageFrame>
  );
}

/** Of the settings: the workspace's own. */
export function WorkspaceAudit() {
  const words = useWords(auditWords);
  return (
    <Section title={words.title} description={words.description}>
      <LazyAuditLog owner={false} />
    </Section>
  );
}
