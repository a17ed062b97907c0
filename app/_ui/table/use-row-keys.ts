"use client";

import { useEffect, useEffectEvent, type RefObject } from "react";

const FIELDS = 'textarea, select, input:not([type="checkbox"], [type="radio"], [type="button"])';
const editable = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS));

/**
 * j and k, or the arrows, go through the rows' links; Enter is the link's own. With `everywhere` the letters work from
 * anywhere on the page but fields: for the one main table of a page.
 */
export function useRowKeys(table: RefObject<HTMLElement | null>, everywhere: boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const root = table.current;
    if (!root || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || editable(event.target))
      return;
    const within = event.target instanceof Node && root.contains(event.target);
    const letter = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
    const arrow = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const step = letter !== 0 && (within || (everywhere && !openDialog())) ? letter : within ? arrow : 0;
    if (step === 0) return;
    const links = [...root.querySelectorAll<HTMLElement>("[data-row-link]")];
    const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
    const next = at === -1 ? (step > 0 ? links[0] : links.at(-1)) : links[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.closest("tr")?.scrollIntoView({ block: "nearest" });
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

// overlays may stay in the document while they are closed
const openDialog = () =>
  [...document.querySelectorAll('[role="dialog"], [role="menu"], [role="listbox"]')].some((one) =>
    one.checkVisibility(),
  );
