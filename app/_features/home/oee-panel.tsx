"use client";

import { IconGauge } from "@tabler/icons-react";
import { formatNumber } from "#app/_ui/data/units.ts";
import { EmptyState } from "#app/_ui/feedback/empty-state.tsx";
import { StateIcon } from "#app/_ui/state/state-icon.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import { FORMAT_TAG, type Locale } from "#app/_ui/words/locales.ts";
import type { MachineOee, PlantState } from "#server/features/plant/schema.ts";
import { homeWords } from "./home-words.ts";
import { machineState } from "./machine-state.ts";
import { ViewPanel } from "./view-panel.tsx";
import classes from "./oee.module.css";

/** One bar a machine, with the line of its target; the figures behind it stand in the same row. */
export function OeePanel({ view }: { view: PlantState["oee"] | undefined }) {
  const words = useWords(homeWords);
  return (
    <ViewPanel
      title={words.oee}
      view={view}
      question={words.oeeAsk}
      skeletonRows={10}
      none={<EmptyState icon={<IconGauge />} title={words.noMachines} />}
      aside={view?.state === "ok" && <TargetKey rows={view.rows} />}
    >
      {(rows) => <OeeTable rows={rows} />}
    </ViewPanel>
  );
}

function TargetKey({ rows }: { rows: MachineOee[] }) {
  const words = useWords(homeWords);
  const locale = useLocale();
  const targets = new Set(rows.flatMap(({ target }) => target ?? []));
  const [only] = targets;
  if (only === undefined) return null;
  return (
    <span className={classes.key}>
      <span aria-hidden="true" />
      {targets.size === 1 ? words.target(percent(only, locale)) : words.targets}
    </span>
  );
}

const percent = (value: number, locale: Locale) => `${formatNumber(value, locale, 1)}\u00a0%`;
const within = (value: number) => Math.min(100, Math.max(0, value));

function OeeTable({ rows }: { rows: MachineOee[] }) {
  const words = useWords(homeWords);
  const locale = useLocale();
  const tenths = new Intl.NumberFormat(FORMAT_TAG[locale], { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const figure = (value: number | null) => (value === null ? "–" : tenths.format(value));
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{words.machine}</th>
          <th scope="col" colSpan={2}>
            OEE <small>%</small>
          </th>
          <th scope="col" data-wide>
            {words.availability} <small>%</small>
          </th>
          <th scope="col" data-wide>
            {words.performance} <small>%</small>
          </th>
          <th scope="col" data-wide>
            {words.quality} <small>%</small>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const state = machineState(row.state, words);
          const below = row.oee !== null && row.target !== null && row.oee < row.target;
          return (
            <tr key={row.id ?? row.name}>
              <th scope="row">
                <span className={classes.machine}>
                  {state && (
                    <span title={state.word}>
                      <StateIcon state={state.state} size={14} label={state.word} />
                    </span>
                  )}
                  {row.name}
                </span>
              </th>
              <td className={classes.track} aria-hidden="true">
                <div>
                  {row.oee !== null && (
                    <span
                      className={classes.bar}
                      data-below={below || undefined}
                      style={{ width: `${within(row.oee)}%` }}
                    />
                  )}
                </div>
                {row.target !== null && (
                  <span className={classes.line}>
                    <i style={{ insetInlineStart: `${within(row.target)}%` }} />
                  </span>
                )}
              </td>
              <td className={classes.value} data-below={below || undefined}>
                {row.oee === null ? <span className={classes.none}>{words.notPlanned}</span> : figure(row.oee)}
                {below && <StateIcon state="attention" size={14} label={words.below} />}
              </td>
              <td data-wide>{figure(row.availability)}</td>
              <td data-wide>{figure(row.performance)}</td>
              <td data-wide>{figure(row.quality)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
