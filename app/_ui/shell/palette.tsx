"use client";

import "@mantine/spotlight/styles.layer.css";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useWords } from "../words/locale.tsx";
import { filterActions, groupActions } from "./filter-actions.ts";
import { shellWords } from "./shell-words.ts";
import type { PaletteAction, PaletteSearch } from "./types.ts";
import classes from "./palette.module.css";

const [store, palette] = createSpotlight();
const LEAST_LETTERS = 2;
// the list is a scroll area, whose props pass through although its types do not name them; axe wants it focusable
const reachable = { viewportProps: { tabIndex: 0 } } as object;

/** Commands at once, found things as they come. Each rise of `openings` opens it. */
export function Palette({
  actions,
  search,
  openings,
}: {
  actions: PaletteAction[];
  search?: PaletteSearch;
  openings: number;
}) {
  const words = useWords(shellWords);
  const router = useRouter();
  const [query, setQuery] = useState("");
  const found = useSearch(query, search);
  useEffect(() => {
    if (openings > 0) palette.open();
  }, [openings]);

  const trigger = (action: PaletteAction) => {
    if (action.href) router.push(action.href);
    action.run?.();
  };
  const groups = groupActions([...filterActions(actions, query), ...found.actions]);
  const nothing = groups.length === 0 && found.state !== "searching";

  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      size={600}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      transitionProps={{ duration: 140, transition: "fade-down" }}
      title={words.search}
      centered={false}
      yOffset="12dvh"
      classNames={{
        header: "osf-sr-only",
        content: classes.content ?? "",
        action: classes.action ?? "",
        actionsGroup: classes.group ?? "",
      }}
    >
      <Spotlight.Search
        placeholder={words.palettePlaceholder}
        aria-label={words.palettePlaceholder}
        leftSection={<IconSearch size={18} />}
      />
      <Spotlight.ActionsList mah="min(25rem, 55dvh)" {...reachable}>
        {groups.map(({ group, actions: members }) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {members.map((action) => (
              <Spotlight.Action
                key={action.id}
                label={action.label}
                {...(action.description ? { description: action.description } : {})}
                leftSection={action.icon}
                onClick={() => trigger(action)}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {nothing && <Spotlight.Empty>{words.nothingFound(query)}</Spotlight.Empty>}
      </Spotlight.ActionsList>
      <Spotlight.Footer className={classes.footer}>
        <span role="status">
          {found.state === "searching" ? words.searching : found.state === "failed" ? words.searchFailed : ""}
        </span>
        <span className={classes.keys} aria-hidden="true">
          <kbd>↑↓</kbd> {words.move} <kbd>↵</kbd> {words.open} <kbd>esc</kbd> {words.close}
        </span>
      </Spotlight.Footer>
    </Spotlight.Root>
  );
}

interface Found {
  state: "idle" | "searching" | "failed";
  actions: PaletteAction[];
}
const NOTHING: PaletteAction[] = [];

function useSearch(query: string, search: PaletteSearch | undefined): Found {
  const [typed] = useDebouncedValue(query.trim(), 150);
  const [answer, setAnswer] = useState({ typed: "", failed: false, actions: NOTHING });
  const wanted = search !== undefined && typed.length >= LEAST_LETTERS;
  useEffect(() => {
    if (!search || !wanted) return undefined;
    const controller = new AbortController();
    const settle = (failed: boolean, actions: PaletteAction[]) => {
      if (!controller.signal.aborted) setAnswer({ typed, failed, actions });
    };
    search(typed, controller.signal).then(
      (actions) => settle(false, actions),
      () => settle(true, NOTHING),
    );
    return () => controller.abort();
  }, [typed, search, wanted]);
  if (!wanted) return { state: "idle", actions: NOTHING };
  // what was found for the last words stays until the new answer is there: the list does not flicker
  if (answer.typed !== typed) return { state: "searching", actions: answer.actions };
  return { state: answer.failed ? "failed" : "idle", actions: answer.actions };
}
