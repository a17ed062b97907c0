"use client";

import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useWords } from "../words/locale.tsx";
import { feedbackWords } from "./feedback-words.ts";
import classes from "./feedback.module.css";

/** Says "loading" once for all the bones within it, which are not read out. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="osf-sr-only">{useWords(feedbackWords).loading}</span>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

const widths = ["92%", "78%", "85%", "64%", "88%", "71%"];

/** Lines of text. */
export function TextSkeleton({ lines = 3 }: { lines?: number }) {
  return (
    <Loading>
      <div className={classes.lines}>
        {Array.from({ length: lines }, (_, i) => (
          <Skeleton key={i} height={12} width={widths[i % widths.length] ?? "80%"} />
        ))}
      </div>
    </Loading>
  );
}

/** Rows of a list as high as the real ones. */
export function ListSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <Loading>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={classes.listRow}>
          <Skeleton height={16} width={16} circle />
          <Skeleton height={12} width={widths[i % widths.length] ?? "80%"} maw="22rem" />
          <Skeleton height={12} width={64} ml="auto" />
        </div>
      ))}
    </Loading>
  );
}

/** The place of a chart, an image, a graph. */
export function BlockSkeleton({ height = 240 }: { height?: number | string }) {
  return (
    <Loading>
      <Skeleton height={height} radius="md" />
    </Loading>
  );
}

/** Key figures side by side. */
export function StatSkeleton({ count = 4 }: { count?: number }) {
  return (
    <Loading>
      <div className={classes.stats}>
        {Array.from({ length: count }, (_, i) => (
          <div key={i} className={classes.stat}>
            <Skeleton height={12} width="60%" />
            <Skeleton height={24} width="40%" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
