"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

/** Closer than this to the end one is at the end, px. */
const NEAR = 48;

/**
 * Keeps a scrolling element at its end while its content grows, until the reader scrolls up; from then on it moves
 * nothing by itself. `away`: the reader is not at the end.
 */
export function useStickToEnd(): {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  away: boolean;
  toEnd: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    stuck.current = true;
    setAway(false);
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, []);

  useEffect(() => {
    const area = scroller.current;
    const inner = content.current;
    if (!area || !inner) return undefined;
    let top = area.scrollTop;
    const onScroll = () => {
      const distance = area.scrollHeight - area.clientHeight - area.scrollTop;
      // only the reader moves upwards; growth moves the end away without a scroll
      if (area.scrollTop < top - 1 && distance > NEAR) stuck.current = false;
      else if (distance <= NEAR) stuck.current = true;
      top = area.scrollTop;
      setAway(distance > NEAR && !stuck.current);
    };
    const onGrow = () => {
      if (stuck.current) area.scrollTop = area.scrollHeight;
      else setAway(area.scrollHeight - area.clientHeight - area.scrollTop > NEAR);
      top = area.scrollTop;
    };
    const observer = new ResizeObserver(onGrow);
    observer.observe(inner);
    observer.observe(area);
    area.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      area.removeEventListener("scroll", onScroll);
    };
  }, []);

  return { scroller, content, away, toEnd };
}
