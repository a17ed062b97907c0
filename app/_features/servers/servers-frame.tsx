"use client";

import { skipToken, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { SectionNav } from "#app/_ui/layout/section-nav.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import { useTRPC } from "../trpc/provider.tsx";
import { serversWords } from "./servers-words.ts";
import classes from "./servers-frame.module.css";

const PARTS = ["/servers/catalogue", "/servers/quarantine", "/servers/connect"];

/** The parts of everything about tools, above each of their pages. */
export function ServersFrame({ reviews, children }: { reviews: boolean; children: ReactNode }) {
  const { parts, sections, waitingReview } = useWords(serversWords);
  const count = useQuery(useTRPC().toolReview.count.queryOptions(reviews ? undefined : skipToken));
  const waiting = count.data?.quarantined ?? 0;
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
          ...(reviews
            ? [
                {
                  href: "/servers/quarantine",
                  label: parts.quarantine,
                  aside: waiting > 0 && (
                    <span className={classes.count}>
                      <span aria-hidden="true">{waiting > 99 ? "99+" : waiting}</span>
                      <span className="osf-sr-only">{waitingReview(waiting)}</span>
                    </span>
                  ),
                },
              ]
            : []),
          { href: "/servers/connect", label: parts.connect },
        ]}
      />
      {children}
    </>
  );
}
