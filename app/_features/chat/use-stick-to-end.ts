"use client";

import { useCallback, useEffect, useRef, useState, type RefObject } from "react";

/** Closer than this to the end one is at the end, px. */
const NEAR = 48;
/** Above the last question, px. */
const MARGIN = 16;

/**
 * Scrolls along while an answer grows: until its question stands at the top, so that it is read from its beginning; to
 * its very end once the reader has gone there. When the reader scrolls up nothing moves by itself any more.
 * `away`: there is more below.
 */
export function useStickToEnd(): {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  away: boolean;
  follow: () => void;
  toEnd: () => void;
} {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const mode = useRef<"question" | "end" | "free">("question");
  const [away, setAway] = useState(false);

  const toEnd = useCallback(() => {
    mode.current = "end";
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, []);
  const follow = useCallback(() => {
    mode.current = "question";
  }, []);

  useEffect(() => {
    const area = scroller.current;
    const inner = content.current;
    if (!area || !inner) return undefined;
    let top = area.scrollTop;
    const distance = () => area.scrollHeight - area.clientHeight - area.scrollTop;
    const questionTop = () => {
      const last = [...inner.querySelectorAll<HTMLElement>("[data-question]")].at(-1);
      return last ? last.getBoundingClientRect().top - area.getBoundingClientRect().top + area.scrollTop - MARGIN : 0;
    };
    const onScroll = () => {
      // only the reader moves upwards; growth moves the end away without a scroll
      if (area.scrollTop < top - 1 && distance() > NEAR) mode.current = "free";
      else if (distance() <= NEAR && mode.current === "free") mode.current = "end";
      top = area.scrollTop;
      setAway(distance() > NEAR);
    };
    const onGrow = () => {
      const end = area.scrollHeight - area.clientHeight;
      if (mode.current === "end") area.scrollTop = end;
      if (mode.current === "question") area.scrollTop = Math.max(area.scrollTop, Math.min(end, questionTop()));
      top = area.scrollTop;
      setAway(distance() > NEAR);
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

  return { scroller, content, away, follow, toEnd };
}
