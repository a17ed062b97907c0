import type { State } from "#app/_ui/state/states.ts";
import { defineWords } from "#app/_ui/words/locales.ts";
import type { RunKind, RunStatus } from "#server/features/runs/schema.ts";

/** The colour and icon of each status; its word is in `statusWords`. */
export const STATE_OF: Record<RunStatus, State> = {
  queued: "waiting",
  running: "running",
  waiting: "waiting",
  paused: "idle",
  needs_decision: "attention",
  completed: "ok",
  failed: "fault",
  cancelled: "idle",
  timed_out: "fault",
};

export const statusWords = defineWords({
  en: {
    queued: "Queued",
    running: "Running",
    waiting: "Waiting",
    paused: "Paused",
    needs_decision: "Needs a decision",
    completed: "Completed",
    failed: "Failed",
    cancelled: "Cancelled",
    timed_out: "Timed out",
  },
  de: {
    queued: "In der Schlange",
    running: "Läuft",
    waiting: "Wartet",
    paused: "Angehalten",
    needs_decision: "Braucht eine Entscheidung",
    completed: "Fertig",
    failed: "Gescheitert",
    cancelled: "Abgebrochen",
    timed_out: "Zeit überschritten",
  },
}) satisfies Record<string, Record<RunStatus, string>>;

export const kindWords = defineWords({
  en: { chat: "Chat", agent: "Agent", chain: "Chain", flow: "Flow", code_agent: "Code agent" },
  de: { chat: "Chat", agent: "Agent", chain: "Kette", flow: "Flow", code_agent: "Code-Agent" },
}) satisfies Record<string, Record<RunKind, string>>;
