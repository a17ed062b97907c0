"use client";

import { useRef, useState } from "react";
import { foldEvent, newTurn, type Turn } from "#server/features/chat/fold.schema.ts";
import { useRunEvents, type FeedState } from "../runs/use-run-events.ts";

/** The fold writes into the turn it is given: what is drawn is a copy, whose results and texts are shared. */
const copyOf = (turn: Turn): Turn => ({
  ...turn,
  steps: turn.steps.map((step) => ({ ...step, calls: step.calls.map((call) => ({ ...call })) })),
});

/** A turn as it is known by now, followed to its end. `runId` null: nothing is followed. */
export function useTurn(runId: string | null): { turn: Turn; feed: FeedState } {
  const folded = useRef<Turn>(newTurn());
  const [turn, setTurn] = useState<Turn>(newTurn);
  const feed = useRunEvents(runId, (events) => {
    for (const event of events) foldEvent(folded.current, event);
    setTurn(copyOf(folded.current));
  });
  return { turn, feed };
}
