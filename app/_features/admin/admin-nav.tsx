"use client";

import type { ReactNode } from "react";
import { SectionNav } from "#app/_ui/layout/section-nav.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { adminWords } from "./admin-words.ts";

/** The parts of the administration above each of its pages. */
export function AdminFrame({ children }: { children: ReactNode }) {
  const words = useWords(adminWords);
  return (
    <>
      <SectionNav
        label={words.sections}
        parts={(["runs", "pods", "model", "audit"] as const).map((part) => ({
          href: `/admin/${part}`,
          label: words[part],
        }))}
      />
      {children}
    </>
  );
}
