"use client";

import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { LazyRunList } from "./lazy-run-list.tsx";
import { runWords } from "./run-words.ts";

export function RunsPage() {
  const words = useWords(runWords);
  return (
    <PageFrame>
      <PageHeader title={words.runs} description={words.description} />
      <LazyRunList />
    </PageFrame>
  );
}
