"use client";

import { useMemo } from "react";
import { Chart } from "#app/_ui/chart/chart.tsx";
import { formatQuantity, kindOf } from "#app/_ui/data/units.ts";
import { useFormatTag, useLocale, useWords } from "#app/_ui/words/locale.tsx";
import { chartTitle, chooseChart, type ChosenChart } from "./choose-chart.ts";
import { readResult } from "./result-rows.ts";
import { resultWords } from "./result-words.ts";

/** The chart of a result, or null where the table says it better. Give it results that do not change. */
export function useChosenChart(result: unknown): ChosenChart | null {
  return useMemo(() => {
    const { rows } = readResult(result);
    return rows && chooseChart(rows);
  }, [result]);
}

export function ResultChart({ chart, height = 220 }: { chart: ChosenChart; height?: number }) {
  const words = useWords(resultWords);
  const locale = useLocale();
  const tag = useFormatTag();
  const data = useMemo(() => withReadableTimes(chart, tag), [chart, tag]);
  return (
    <Chart
      kind={chart.kind}
      label={chartTitle(chart, words)}
      data={data}
      x={chart.x}
      series={chart.series}
      height={height}
      {...(chart.unit ? { unit: chart.unit } : {})}
      {...(chart.target
        ? {
            target: {
              value: chart.target.value,
              label: words.target(formatQuantity(chart.target.value, chart.unit, locale)),
            },
          }
        : {})}
    />
  );
}

/** Moments on the axis as one reads them: hours within a day, days else. */
function withReadableTimes({ data, x }: ChosenChart, tag: string): ChosenChart["data"] {
  const moments = data.map((point) => String(point[x]));
  const kind = kindOf(moments[0]);
  if (kind !== "date" && kind !== "instant") return data;
  const dates = moments.map((moment) => new Date(moment));
  const day = new Intl.DateTimeFormat(tag, {
    day: "numeric",
    month: "short",
    ...(kind === "date" ? { timeZone: "UTC" } : {}),
  });
  const time = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit" });
  const whole = kind === "date";
  const oneDay = (dates.at(-1)?.getTime() ?? 0) - (dates[0]?.getTime() ?? 0) <= 26 * 3_600_000;
  const write = (date: Date) =>
    whole ? day.format(date) : oneDay ? time.format(date) : `${day.format(date)} ${time.format(date)}`;
  return data.map((point, index) => ({ ...point, [x]: dates[index] ? write(dates[index]) : (moments[index] ?? "") }));
}
