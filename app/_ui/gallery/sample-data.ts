import type { State } from "../state/states.ts";
import type { TimelineStep } from "../timeline/timeline.tsx";

export interface SampleRow {
  id: string;
  name: string;
  state: State;
  startedAt: Date;
  ms: number | null;
  by: string;
  tokens: number;
}

const names = ["Check stock", "Late orders, daily", "Energy report", "Reorder screws", "Shift handover", "Tool wear"];
const people = ["Ana Kovač", "Jürgen Weiß", "schedule", "webhook"];
const states: State[] = ["running", "ok", "ok", "fault", "waiting", "ok", "attention", "idle"];

export function sampleRows(count: number, now: number): SampleRow[] {
  return Array.from({ length: count }, (_, i) => {
    const state = states[i % states.length] ?? "ok";
    return {
      id: `019a2b3c-7d8e-7f00-8123-4567${String(89_000_000 + i * 7919).padStart(8, "0")}`,
      name: names[i % names.length] ?? "",
      state,
      startedAt: new Date(now - (i * i + 1) * 42_000),
      ms: state === "running" ? null : 180 + i * 913,
      by: people[i % people.length] ?? "",
      tokens: (i * 1777) % 4096,
    };
  });
}

export const oee = [
  { machine: "M-01", oee_percent: 82.4, availability_percent: 91.2, performance_percent: 93.1, quality_percent: 97 },
  { machine: "M-02", oee_percent: 88.9, availability_percent: 95.5, performance_percent: 95.1, quality_percent: 97.9 },
  { machine: "M-03", oee_percent: 61.7, availability_percent: 70.2, performance_percent: 90.4, quality_percent: 97.2 },
  { machine: "M-04", oee_percent: 86.1, availability_percent: 93.8, performance_percent: 94.2, quality_percent: 97.4 },
  { machine: "M-05", oee_percent: 79.3, availability_percent: 89.9, performance_percent: 90.1, quality_percent: 97.9 },
  { machine: "M-06", oee_percent: 90.2, availability_percent: 96.1, performance_percent: 95.4, quality_percent: 98.4 },
];

export const energy = Array.from({ length: 24 }, (_, hour) => ({
  hour: `${String(hour).padStart(2, "0")}:00`,
  press_kwh: Math.round(420 + 160 * Math.sin((hour - 6) / 3.8)),
  oven_kwh: Math.round(300 + 60 * Math.cos(hour / 3)),
  paint_kwh: Math.round(180 + 40 * Math.sin(hour / 2)),
  compressor_kwh: hour === 11 ? null : Math.round(120 + 20 * Math.cos(hour)),
}));

export const orders = [
  { order_id: "FA-10234", customer: "Nordwind GmbH", due_date: "2026-11-18", days_late: 3, open_qty: 1200, value_eur: 48211.5, released: true, updated_at: "2026-11-21T06:12:00Z" },
  { order_id: "FA-10240", customer: "Alpen Pumpen AG", due_date: "2026-11-20", days_late: 1, open_qty: 80, value_eur: 9120, released: true, updated_at: "2026-11-21T10:40:00Z" },
  { order_id: "FA-10251", customer: "Kovač d.o.o.", due_date: "2026-11-25", days_late: 0, open_qty: 15, value_eur: 711.2, released: false, updated_at: null },
]; // prettier-ignore

export function sampleSteps(now: number): TimelineStep[] {
  const at = (ms: number) => now - 42_000 + ms;
  return [
    { id: "a", label: "Inject", state: "ok", from: at(0), to: at(40) },
    { id: "b", label: "List stock below minimum", state: "ok", from: at(60), to: at(4_200), detail: "1 tool call", gaps: [{ from: at(1_200), to: at(3_400), reason: "retry 2 of 3, the upstream was busy" }] },
    { id: "c", label: "Decide", state: "ok", from: at(4_250), to: at(5_900) },
    { id: "d", label: "Ask the shift lead", state: "ok", from: at(5_900), to: at(28_000), gaps: [{ from: at(6_000), to: at(27_800), reason: "waiting for approval" }] },
    { id: "e", label: "Book the transfer", state: "fault", from: at(28_100), to: at(33_600), detail: "the WMS did not answer within 5 s" },
    { id: "f", label: "Write the report", state: "running", from: at(33_700), to: null },
  ]; // prettier-ignore
}

export const answer = `Three machines are **below 85 %** today. The largest loss is *M-03*, whose spindle stood still from 06:10 to 08:35.

| Machine | OEE | Loss |
|---|---:|---|
| M-03 | 61.7 % | availability |
| M-05 | 79.3 % | availability |
| M-01 | 82.4 % | performance |

1. Ask maintenance about \`SPINDLE_07\`
2. Move FA-10234 to M-06
   - it has 4 h free
   - the tool is there

- [x] checked the stock
- [ ] informed the customer

> The target for this line is 85 %.

\`\`\`sql
select machine, avg(oee) from shifts where day = current_date group by 1;
\`\`\`

Sources: [the run](/dev/ui#run), [a page elsewhere](https://example.org), <b>no markup</b>, ![tracking pixel](https://example.org/p.gif)`;

export const toolResult = {
  ok: true,
  machine: { id: "M-03", name: "Mill 3", oee: 61.7, stops: [{ from: "06:10", to: "08:35", reason: "spindle" }] },
  shifts: Array.from({ length: 140 }, (_, i) => ({ shift: i + 1, parts: (i * 37) % 211 })),
  note: "Measured by the machine itself. ".repeat(20),
  empty: {},
  nothing: null,
};
