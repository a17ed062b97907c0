"use client";

import type { ToolPart } from "#server/features/chat/turn.schema.ts";
import { ResultChart, useChosenChart } from "../results/result-chart.tsx";
import classes from "./conversation.module.css";

/** The figures of an answer as charts: the last result of each tool that has figures, two at most. */
export function AnswerCharts({ calls }: { calls: ToolPart[] }) {
  const last = new Map(calls.filter(({ state }) => state === "ok").map((call) => [call.name, call]));
  return [...last.values()].slice(-2).map((call) => <CallChart key={call.callId} result={call.result} />);
}

function CallChart({ result }: { result: unknown }) {
  const chart = useChosenChart(result);
  return chart ? (
    <div className={classes.chart}>
      <ResultChart chart={chart} />
    </div>
  ) : null;
}
