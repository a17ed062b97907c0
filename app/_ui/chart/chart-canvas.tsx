"use client";

import "@mantine/charts/styles.layer.css";
import { BarChart, LineChart } from "@mantine/charts";
import { formatQuantity } from "../data/units.ts";
import { useLocale } from "../words/locale.tsx";
import { DASHES, patternId, seriesColor } from "./series-marks.tsx";

export interface ChartCanvasProps {
  kind: "bar" | "line";
  data: Record<string, string | number | null>[];
  x: string;
  xLabel: string | undefined;
  series: { key: string; label: string }[];
  marks: string;
  unit: string | undefined;
  target: { value: number; label: string } | undefined;
  stacked: boolean;
  height: number;
}

const LONGEST_DOTTED_LINE = 40;

/** The drawing itself; loaded by `Chart` when it is needed. */
export function ChartCanvas(props: ChartCanvasProps) {
  const { kind, data, x, xLabel, series, marks, unit, target, stacked, height } = props;
  const locale = useLocale();
  const colored = series.map(({ key, label }, index) => ({ name: key, label, color: seriesColor(index) }));
  const indexOf = (key: string) =>
    Math.max(
      0,
      series.findIndex((one) => one.key === key),
    );
  const common = {
    h: height,
    data,
    dataKey: x,
    withLegend: false,
    tickLine: "none" as const,
    gridAxis: "x" as const,
    strokeDasharray: "0",
    textColor: "var(--osf-text-dim)",
    gridColor: "var(--osf-border)",
    tooltipAnimationDuration: 0,
    valueFormatter: (value: number) => formatQuantity(value, unit, locale),
    yAxisProps: {
      width: "auto" as const,
    },
    ...(xLabel ? { xAxisLabel: xLabel } : {}),
    ...(target
      ? {
          referenceLines: [
            {
              y: target.value,
              color: "var(--osf-text)",
              strokeDasharray: "5 4",
              strokeWidth: 1.5,
              ifOverflow: "extendDomain" as const,
            },
          ],
        }
      : {}),
  };
  if (kind === "bar")
    return (
      <BarChart
        {...common}
        series={colored}
        type={stacked ? "stacked" : "default"}
        maxBarWidth={40}
        barChartProps={{ barGap: 2 }}
        barProps={({ name }) => ({
          fill: `url(#${patternId(marks, indexOf(name))})`,
          isAnimationActive: false,
          radius: stacked ? 0 : [2, 2, 0, 0],
        })}
      />
    );
  return (
    <LineChart
      {...common}
      series={colored.map((one, index) => ({ ...one, strokeDasharray: DASHES[index] ?? "0" }))}
      curveType="linear"
      connectNulls={false}
      withDots={data.length <= LONGEST_DOTTED_LINE}
      dotProps={{ r: 3, strokeWidth: 1.5 }}
      lineProps={{ isAnimationActive: false }}
    />
  );
}
