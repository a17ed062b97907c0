import { setTimeout as pause } from "node:timers/promises";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { eventView, heardEvents, runTopic } from "./events.ts";
import { isTerminal, type RunEventView } from "./schema.ts";

const PAGE = 500;
/** Announcements that may wait for a slow reader; above it they are dropped and the events read from the log. */
const MAX_HEARD = 200;

/**
 * The events of a run after number `after`: those that were, then those that come, each once and in order, until the
 * terminal one or the abort. Every stream to a browser or a program is this one function in another rendering.
 * The caller has made sure that the run may be seen.
 */
export async function* watchRun(
  { db, live }: Pick<Deps, "db" | "live">,
  runId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RunEventView, void> {
  let heard: string[] = [];
  let behind = true; // something may be in the log that was not heard
  let wake: () => void = () => undefined;
  const unsubscribe = live.subscribe(runTopic(runId), (payload) => {
    if (heard.length < MAX_HEARD) heard.push(payload);
    else behind = true;
    wake();
  });
  const forgetGap = live.onGap(() => {
    behind = true;
    wake();
  });
  const aborted = () => wake();
  signal.addEventListener("abort", aborted);

  let last = after;
  try {
    while (!signal.aborted) {
      if (behind) {
        behind = false;
        heard = [];
        for await (const event of readLog(db, runId, last, signal)) {
          last = event.seq;
          yield event;
          if (isTerminal(event.type)) return;
        }
        if (await isOver(db, runId, last, signal)) return;
      }
      for (let payload = heard.shift(); payload !== undefined && !behind; payload = heard.shift()) {
        const { last: reach, events } = heardEvents(payload);
        if (reach <= last) continue;
        if (!events || (events[0]?.seq ?? 0) > last + 1) {
          behind = true;
          break;
        }
        for (const event of events) {
          if (event.seq <= last) continue;
          last = event.seq;
          yield event;
          if (isTerminal(event.type)) return;
        }
      }
      if (behind || heard.length > 0 || signal.aborted) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = () => undefined;
    }
  } finally {
    unsubscribe();
    forgetGap();
    signal.removeEventListener("abort", aborted);
  }
}

/** Reads to the end of the log; waits while the database is away. */
async function* readLog(
  db: Deps["db"],
  runId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<RunEventView, void> {
  let last = after;
  while (!signal.aborted) {
    let page: RunEventView[];
    try {
      page = (
        await db.runEvent.findMany({ where: { runId, seq: { gt: last } }, orderBy: { seq: "asc" }, take: PAGE })
      ).map(eventView);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      await pause(500);
      continue;
    }
    yield* page;
    last = page.at(-1)?.seq ?? last;
    if (page.length < PAGE) return;
  }
}

/** Whether nothing can follow: the run ended at or before this event, or was deleted. Waits while the database is away. */
async function isOver(db: Deps["db"], runId: string, last: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    try {
      const run = await db.run.findUnique({ where: { id: runId }, select: { endedAt: true, lastSeq: true } });
      return !run || (run.endedAt !== null && run.lastSeq <= last);
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      await pause(500);
    }
  }
  return true;
}
