import type { State } from "#app/_ui/state/states.ts";
import type { HomeWords } from "./home-words.ts";

// What upstreams call the states of machines; another word is shown as it comes, without a colour's opinion.
const STATES: Record<string, { state: State; word: keyof HomeWords["states"] }> = {
  running: { state: "running", word: "running" },
  producing: { state: "running", word: "running" },
  idle: { state: "idle", word: "idle" },
  setup: { state: "waiting", word: "setup" },
  starved: { state: "attention", word: "starved" },
  blocked: { state: "attention", word: "blocked" },
  maintenance: { state: "waiting", word: "maintenance" },
  down: { state: "fault", word: "down" },
  fault: { state: "fault", word: "down" },
};

export function machineState(given: string | null, words: HomeWords): { state: State; word: string } | null {
  if (!given) return null;
  const known = Object.hasOwn(STATES, given) ? STATES[given] : undefined;
  return known ? { state: known.state, word: words.states[known.word] } : { state: "idle", word: given };
}

const SEVERITIES: Record<string, { state: State; word: keyof HomeWords["severity"] }> = {
  critical: { state: "fault", word: "critical" },
  high: { state: "fault", word: "critical" },
  warning: { state: "attention", word: "warning" },
  medium: { state: "attention", word: "warning" },
  info: { state: "idle", word: "info" },
  low: { state: "idle", word: "info" },
};

export function alarmState(severity: string | null, words: HomeWords): { state: State; word: string } {
  const known = severity && Object.hasOwn(SEVERITIES, severity) ? SEVERITIES[severity] : undefined;
  // a severity that is not known is not taken lightly
  return known
    ? { state: known.state, word: words.severity[known.word] }
    : { state: "attention", word: severity ?? "" };
}
