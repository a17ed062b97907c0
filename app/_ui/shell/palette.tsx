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
      scrollable
      maxHeight="min(28rem, 60dvh)"
      size={600}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      transitionProps={{ duration: 140, transition: "fade-down" }}
      title={words.search}
      classNames={{ content: classes.content ?? "", action: classes.action ?? "", actionsGroup: classes.group ?? "" }}
    >
      <Spotlight.Search
        placeholder={words.palettePlaceholder}
        aria-label={words.palettePlaceholder}
        leftSection={<IconSearch size={18} />}
      />
      <Spotlight.ActionsList>
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
const NOTHING: Found = { state: "idle", actions: [] };

function useSearch(query: string, search: PaletteSearch | undefined): Found {
  const [typed] = useDebouncedValue(query.trim(), 150);
  const [found, setFound] = useState<Found>(NOTHING);
  useEffect(() => {
    if (!search || typed.length < LEAST_LETTERS) {
      setFound(NOTHING);
      return undefined;
    }
    const controller = new AbortController();
    // what was found for the last words stays until the new answer is there: the list does not flicker
    setFound((before) => ({ state: "searching", actions: before.actions }));
    search(typed, controller.signal).then(
      (actions) => controller.signal.aborted || setFound({ state: "idle", actions }),
      () => controller.signal.aborted || setFound({ state: "failed", actions: [] }),
    );
    return () => controller.abort();
  }, [typed, search]);
  return found;
}
