import type { ReactNode } from "react";
import classes from "./data.module.css";

/** What a thing is, as pairs; entries without a value (`null`, `undefined`) are left out. */
export function KeyValue({
  items,
  layout = "rows",
}: {
  items: { label: string; value: ReactNode }[];
  /** `rows`: label left, value right of it. `columns`: label above, as many columns as fit. */
  layout?: "rows" | "columns";
}) {
  return (
    <dl className={classes.pairs} data-layout={layout}>
      {items
        .filter(({ value }) => value !== null && value !== undefined)
        .map(({ label, value }) => (
          <div key={label} className={classes.pair}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
