import { Button } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { EmptyState } from "./empty-state.tsx";

/** There is something, but nothing that the search and the filters let through; `clear` takes them away. */
export function NoMatch({
  title,
  clear,
  onClear,
  children,
}: {
  title: ReactNode;
  clear: string;
  onClear: () => void;
  children?: ReactNode;
}) {
  return (
    <EmptyState
      icon={<IconSearch />}
      title={title}
      action={
        <Button variant="default" onClick={onClear}>
          {clear}
        </Button>
      }
    >
      {children}
    </EmptyState>
  );
}
