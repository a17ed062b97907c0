import { IconChevronRight } from "@tabler/icons-react";
import Link from "next/link";
import type { ReactNode } from "react";
import classes from "./layout.module.css";

export interface PageHeaderProps {
  title: ReactNode;
  /** Beside the title: a state, a version. */
  aside?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** The way here, without the page itself. */
  breadcrumbs?: { href: string; label: string }[];
}

export function PageHeader({ title, aside, description, actions, breadcrumbs }: PageHeaderProps) {
  return (
    <header className={classes.header}>
      {breadcrumbs && breadcrumbs.length > 0 && (
        <nav aria-label="Breadcrumb">
          <ol className={classes.crumbs}>
            {breadcrumbs.map((crumb) => (
              <li key={crumb.href}>
                <Link href={crumb.href}>{crumb.label}</Link>
                <IconChevronRight size={14} aria-hidden="true" />
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className={classes.headline}>
        <div className={classes.lead}>
          <div className={classes.titles}>
            <h1 className={classes.title}>{title}</h1>
            {aside}
          </div>
          {description && <p className={classes.description}>{description}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
    </header>
  );
}
