"use client";

import type { ReactNode } from "react";
import { SectionNav } from "#app/_ui/layout/section-nav.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { serversWords } from "./servers-words.ts";

const PARTS = ["/servers/catalogue", "/servers/quarantine", "/servers/connect"];

/** The parts of everything about tools, above each of their pages. */
export function ServersFrame({ reviews, children }: { reviews: boolean; children: ReactNode }) {
  const { parts, sections } = useWords(serversWords);
  return (
    <>
      <SectionNav
        label={sections}
        parts={[
          {
            href: "/servers",
            label: parts.servers,
            exact: (pathname) => !PARTS.some((part) => pathname.startsWith(part)),
          },
          { href: "/servers/catalogue", label: parts.catalogue },
          ...(reviews ? [{ href: "/servers/quarantine", label: parts.quarantine }] : []),
          { href: "/servers/connect", label: parts.connect },
        ]}
      />
      {children}
    </>
  );
}
