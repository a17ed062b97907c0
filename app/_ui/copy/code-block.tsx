"use client";

import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";
import classes from "./copy.module.css";

/** Code or a command as it is: mono, scrolling within itself, one click to copy. */
export function CodeBlock({
  code,
  title,
  wrap = false,
  maxHeight = "24rem",
  children,
}: {
  code: string;
  title?: ReactNode;
  wrap?: boolean;
  maxHeight?: string;
  /** A marked-up rendering of the same code. */
  children?: ReactNode;
}) {
  return (
    <div className={classes.block}>
      {title && <div className={classes.blockTitle}>{title}</div>}
      <div className={classes.blockCopy}>
        <CopyButton value={code} />
      </div>
      {/* it scrolls: without focus the keyboard cannot reach what is out of sight */}
      <pre className={classes.pre} data-wrap={wrap || undefined} style={{ maxHeight }} tabIndex={0}>
        <code>{children ?? code}</code>
      </pre>
    </div>
  );
}
