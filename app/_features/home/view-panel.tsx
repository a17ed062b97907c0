"use client";

import { ActionIcon } from "@mantine/core";
import { IconMessageQuestion, IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Notice } from "#app/_ui/feedback/notice.tsx";
import { ListSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { Tooltip } from "#app/_ui/tooltip/tooltip.tsx";
import { useHydrated, useWords } from "#app/_ui/words/locale.tsx";
import { useAsk } from "../shell/use-ask.ts";
import { homeWords } from "./home-words.ts";
import classes from "./home.module.css";

type View<Row> =
  | { state: "ok"; tool: string; summary: string | null; total: number; rows: Row[] }
  | { state: "unavailable"; why: string };

/** One view of the plant: its figures, that there is nothing to tell, or why it has none. Undefined: on the way. */
export function ViewPanel<Row>({
  title,
  view,
  question,
  none,
  skeletonRows = 5,
  aside,
  children,
}: {
  title: string;
  view: View<Row> | undefined;
  /** What the button in the corner asks in a new conversation. */
  question: string;
  /** What is said when there is no row. */
  none: ReactNode;
  skeletonRows?: number;
  aside?: ReactNode;
  children: (rows: Row[]) => ReactNode;
}) {
  const words = useWords(homeWords);
  const hydrated = useHydrated();
  const { ask, question: asked } = useAsk();
  const rest = view?.state === "ok" ? view.total - view.rows.length : 0;
  return (
    <Panel
      flush
      title={
        <>
          {title}
          {view?.state === "ok" && view.rows.length > 0 && <span className={classes.total}>{view.total}</span>}
        </>
      }
      actions={
        <>
          {aside}
          <Tooltip label={words.askAbout}>
            <ActionIcon
              onClick={() => ask(question)}
              loading={asked === question}
              disabled={!hydrated}
              aria-label={`${words.askAbout}: ${title}`}
            >
              <IconMessageQuestion size={18} stroke={1.75} />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      {!view && <ListSkeleton rows={skeletonRows} />}
      {view?.state === "unavailable" && (
        <Notice icon={<IconPlugConnectedX />} tone="attention" title={words.unavailable}>
          <p>
            {view.why}
            {/[.!?]$/.test(view.why) ? " " : ". "}
            {words.unavailableTry}
          </p>
        </Notice>
      )}
      {view?.state === "ok" && view.rows.length === 0 && none}
      {view?.state === "ok" && view.rows.length > 0 && (
        <>
          {children(view.rows)}
          {rest > 0 && <p className={classes.rest}>{words.more(rest)}</p>}
        </>
      )}
    </Panel>
  );
}
