import type { ReactNode } from "react";
import { Notice } from "./notice.tsx";

/** Nothing is here yet: says what would be, and the one act that puts something here. */
export function EmptyState(props: {
  icon?: ReactNode;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  size?: "compact" | "page";
}) {
  const { action, ...rest } = props;
  return <Notice {...rest} actions={action} />;
}
