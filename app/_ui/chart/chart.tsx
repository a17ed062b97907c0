"use client";

import { ActionIcon } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useId, useState, type ReactNode } from "react";
import { humanise, unitOf } from "../data/units.ts";
import { BlockSkeleton } from "../feedback/skeletons.tsx";
import { AutoTable } from "../table/auto-table.tsx";
import { Tooltip } from "../tooltip/tooltip.tsx";
import { useWords } from "../words/locale.tsx";
import { defineWords } from "../words/locales.ts";
import { Swatch, SeriesPatterns } from "./series-marks.tsx";
import classes from "./chart.module.css";

// recharts weighs more than the rest of a page: it comes after it
const ChartCanvas = dynamic(() => import("./chart-canvas.tsx").then((module) => module.ChartCanvas), {
  ssr: false,
  loading: () => <BlockSkeleton height="100%" />,
});

const chartWords = defineWords({
  en: {
    asTable: "Show as table",
    asChart: "Show as chart",
    notAll: (shown: number, all: number) => `${shown} of ${all} series; the table has all of them.`,
    empty: "No values in this period",
  },
  de: {
    asTable: "Als Tabelle zeigen",
    asChart: "Als Diagramm zeigen",
    notAll: (shown: number, all: number) => `${shown} von ${all} Reihen; die Tabelle hat alle.`,
    empty: "Keine Werte in diesem Zeitraum",
  },
});

export const MAX_SERIES = 6;

export interface ChartProps {
  kind: "bar" | "line";
  /** Read out for the chart, and its heading unless `title` is false. */
  label: string;
  title?: ReactNode | false;
  data: Record<string, string | number | null>[];
  /** The key along the x axis. */
  x: string;
  xLabel?: string;
  /** Shown in this order, at most six; the table has all. */
  series: { key: string; label?: string }[];
  /** On the axis and beside values; read from the first key (`oee_percent`) when not given. */
  unit?: string;
  target?: { value: number; label: string };
  stacked?: boolean;
  height?: number;
}

/** Bars or lines, told apart by more than colour, with the same data as a table one click away. */
export function Chart(props: ChartProps) {
  const { kind, label, title = label, data, x, series, target, height = 240 } = props;
  const words = useWords(chartWords);
  const [asTable, setAsTable] = useState(false);
  const marks = useId().replaceAll(/[^\w-]/g, "");
  const shown = series.slice(0, MAX_SERIES).map((one) => ({ key: one.key, label: one.label ?? humanise(one.key) }));
  const unit = props.unit ?? unitOf(series[0]?.key ?? "");
  const rows = data.map((row) =>
    Object.fromEntries([x, ...series.map(({ key }) => key)].map((key) => [key, row[key]])),
  );
  const many = shown.length > 1;

  return (
    <figure className={classes.chart} aria-label={label}>
      <div className={classes.top}>
        {title !== false && <figcaption className={classes.title}>{title}</figcaption>}
        <Tooltip label={asTable ? words.asChart : words.asTable}>
          <ActionIcon
            className={classes.toggle}
            onClick={() => setAsTable(!asTable)}
            aria-pressed={asTable}
            aria-label={`${words.asTable}: ${label}`}
          >
            {asTable ? <IconChartBar size={18} stroke={1.75} /> : <IconTable size={18} stroke={1.75} />}
          </ActionIcon>
        </Tooltip>
      </div>
      {asTable ? (
        <div className={classes.table}>
          <AutoTable rows={rows} label={label} name={label} bare maxHeight={`${height + 40}px`} />
        </div>
      ) : (
        <>
          {(many || target) && (
            <ul className={classes.legend}>
              {many &&
                shown.map((one, index) => (
                  <li key={one.key}>
                    <Swatch kind={kind} index={index} marks={marks} />
                    {one.label}
                  </li>
                ))}
              {target && (
                <li>
                  <span className={classes.targetSwatch} aria-hidden="true" />
                  {target.label}
                </li>
              )}
            </ul>
          )}
          <div style={{ height }}>
            {data.length === 0 ? (
              <p className={classes.empty}>{words.empty}</p>
            ) : (
              <ChartCanvas
                kind={kind}
                data={data}
                x={x}
                series={shown}
                marks={marks}
                height={height}
                stacked={props.stacked ?? false}
                unit={unit}
                target={target}
                xLabel={props.xLabel}
              />
            )}
          </div>
          {series.length > MAX_SERIES && <p className={classes.note}>{words.notAll(MAX_SERIES, series.length)}</p>}
          <SeriesPatterns marks={marks} count={shown.length} />
        </>
      )}
    </figure>
  );
}
