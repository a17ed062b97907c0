"use client";

import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { LazyRunList } from "../runs/lazy-run-list.tsx";
import { adminWords } from "./admin-words.ts";

export function AdminRuns() {
  const words = useWords(adminWords);
  return (
    <PageFrame>
      <PageHeader title={words.runs} description={words.runsDescription} />
      <LazyRunList everywhere />
    </PageFrame>
  );
}
