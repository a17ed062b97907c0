"use client";

import { useEffect, useEffectEvent, useRef, useState, type RefObject } from "react";
import { rowWindow, type RowWindow } from "./row-window.ts";

/** Up to this many rows are simply drawn. */
const ALL = 120;
const FIRST_GUESS = 36;

/**
 * Which of many rows of one height are drawn, by how far their box was scrolled; null: all of them, without a box that
 * scrolls.
 */
export function useRowWindow(count: number): {
  box: RefObject<HTMLDivElement | null>;
  window: RowWindow | null;
  onScroll: () => void;
} {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 480, row: FIRST_GUESS });
  const many = count > ALL;
  const look = () => {
    const at = box.current;
    if (!at) return;
    const row = at.querySelector("li[data-row]")?.getBoundingClientRect().height || FIRST_GUESS;
    setView((before) =>
      before.top === at.scrollTop && before.height === at.clientHeight && before.row === row
        ? before
        : { top: at.scrollTop, height: at.clientHeight, row },
    );
  };
  const resized = useEffectEvent(look);
  useEffect(() => {
    const at = box.current;
    if (!many || !at) return undefined;
    const observer = new ResizeObserver(() => resized());
    observer.observe(at);
    return () => observer.disconnect();
  }, [many]);
  return { box, window: many ? rowWindow(count, view) : null, onScroll: look };
}
