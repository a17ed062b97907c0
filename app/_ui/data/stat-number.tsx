import Link from "next/link";
import type { ReactNode } from "react";
import { StateIcon } from "../state/state-icon.tsx";
import type { State } from "../state/states.ts";
import classes from "./data.module.css";

export interface StatNumberProps {
  label: ReactNode;
  /** Already written for the reader's language: "1,204", "82.4". */
  value: ReactNode;
  unit?: ReactNode;
  /** One line below: the target, the trend, the span of time. */
  detail?: ReactNode;
  state?: State;
  href?: string;
}

/** One figure that one looks at from afar. A state always comes with its icon. */
export function StatNumber({ label, value, unit, detail, state, href }: StatNumberProps) {
  const inside = (
    <>
      <span className={classes.statLabel}>
        {state && <StateIcon state={state} size={14} />}
        {label}
      </span>
      <span className={classes.statValue} data-state={state}>
        {value}
        {unit && <span className={classes.statUnit}> {unit}</span>}
      </span>
      {detail && <span className={classes.statDetail}>{detail}</span>}
    </>
  );
  return href ? (
    <Link className={classes.stat} href={href} data-link>
      {inside}
    </Link>
  ) : (
    <div className={classes.stat}>{inside}</div>
  );
}

/** Figures side by side with hairlines between them. */
export function StatRow({ children }: { children: ReactNode }) {
  return <div className={classes.statRow}>{children}</div>;
}
