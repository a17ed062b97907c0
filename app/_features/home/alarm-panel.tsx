"use client";

import { IconBellOff } from "@tabler/icons-react";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useWords } from "#app/_ui/words/locale.tsx";
import type { PlantState } from "#server/features/plant/schema.ts";
import { homeWords } from "./home-words.ts";
import { alarmState } from "./machine-state.ts";
import { ViewPanel } from "./view-panel.tsx";
import classes from "./home.module.css";

export function AlarmPanel({ view }: { view: PlantState["alarms"] | undefined }) {
  const words = useWords(homeWords);
  return (
    <ViewPanel
      title={words.alarms}
      view={view}
      question={words.alarmsAsk}
      skeletonRows={3}
      none={<EmptyState icon={<IconBellOff />} title={words.noAlarms} />}
    >
      {(rows) => (
        <ul className={classes.list}>
          {rows.map((row) => {
            const { state, word } = alarmState(row.severity, words);
            return (
              <li key={row.id ?? `${row.machine} ${row.text}`}>
                <StateIcon state={state} />
                <div className={classes.entry}>
                  <span className={classes.entryTitle}>{row.text}</span>
                  <span className={classes.entryDetail}>
                    {[
                      word,
                      row.machine,
                      row.acknowledgedBy ? words.acknowledged(row.acknowledgedBy) : words.unacknowledged,
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </div>
                {row.since && (
                  <span className={classes.when}>
                    <RelativeTime at={row.since} />
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </ViewPanel>
  );
}
