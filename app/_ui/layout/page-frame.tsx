import type { ReactNode } from "react";
import classes from "./layout.module.css";

/** The padded content of a page, 1440 px at most; `narrow` (720 px) for what one reads or fills in. */
export function PageFrame({ narrow = false, children }: { narrow?: boolean; children: ReactNode }) {
  return (
    <div className={classes.frame} data-narrow={narrow || undefined}>
      {children}
    </div>
  );
}

/** Fills what the shell leaves, without padding and without scrolling itself: chat, editor, run graph. */
export function FullFrame({ children }: { children: ReactNode }) {
  return (
    <div className={classes.full} data-full>
      {children}
    </div>
  );
}
