import type { ReactNode } from "react";
import classes from "./feedback.module.css";

export interface NoticeProps {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** `compact` sits within a panel or a table; `page` stands alone. */
  size?: "compact" | "page";
  tone?: "fault" | "attention" | "idle";
  role?: "alert" | "status";
  /** The title is the page's heading. */
  heading?: boolean;
}

/** The common shape of everything that stands where content would be: icon, what, why, what to do. */
export function Notice({
  icon,
  title,
  children,
  actions,
  size = "compact",
  tone = "idle",
  role,
  heading,
}: NoticeProps) {
  const Title = heading ? "h1" : "p";
  return (
    <div className={classes.notice} data-size={size} data-tone={tone} {...(role ? { role } : {})}>
      {icon && (
        <span className={classes.noticeIcon} aria-hidden="true">
          {icon}
        </span>
      )}
      <Title className={classes.noticeTitle}>{title}</Title>
      {children && <div className={classes.noticeText}>{children}</div>}
      {actions && <div className={classes.noticeActions}>{actions}</div>}
    </div>
  );
}
