"use client";

import { useMemo } from "react";
import { formatDuration } from "#app/_ui/time/format-time.ts";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import { defineWords } from "#app/_ui/words/locales.ts";
import type { FlowNode } from "#server/features/flows/schema.ts";
import type { Marks } from "../flows/graph/marks.ts";
import type { FlowPlace } from "../flows/graph/use-flow-place.ts";
import type { FlowLog } from "./flow-log.ts";
import { flowMarks, type MarkWords } from "./flow-marks.ts";

const words = defineWords({
  en: {
    queued: "Queued",
    running: "Running",
    waiting: "Waits for an answer",
    failed: "Failed",
    dropped: "Dropped",
    done: "Done",
    times: (n: number) => `${n} ×`,
  },
  de: {
    queued: "In der Schlange",
    running: "Läuft",
    waiting: "Wartet auf Antwort",
    failed: "Gescheitert",
    dropped: "Verworfen",
    done: "Fertig",
    times: (n: number) => `${n} ×`,
  },
});

/** What a run did upon the part of the flow that is drawn, as of a version of its log. */
export function useFlowMarks(log: FlowLog, version: number, place: FlowPlace, nodes: readonly FlowNode[]): Marks {
  const said = useWords(words);
  const locale = useLocale();
  const { drawing, path } = place;
  return useMemo(() => {
    const given: MarkWords = { ...said, duration: (ms) => formatDuration(ms, locale) };
    // the log changes in place: its version is what makes the marks stale
    return flowMarks(version === log.version ? log : { ...log }, drawing, nodes, path, given);
  }, [log, version, drawing, nodes, path, said, locale]);
}
