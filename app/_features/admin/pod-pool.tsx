"use client";

import { Slider } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { StatNumber, StatRow } from "#app/_ui/data/stat-number.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { StatSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { FormErrors } from "#app/_ui/form/form-errors.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { PodStats } from "#server/features/pods/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { podWords } from "./pod-words.ts";
import classes from "./pods.module.css";

const PARTS = ["claimed", "warm", "starting", "draining"] as const;
/** Of the server: `ScalePool`. */
const MOST_WARM = 20;

/** How many pods there are of each kind, and how many are kept warm. */
export function PoolPanel(props: { stats: PodStats | undefined; error: unknown; onRetry: () => void }) {
  const { stats, error, onRetry } = props;
  const words = useWords(podWords);
  const locale = useLocale();
  return (
    <Panel title={words.pool}>
      {stats ? (
        <div className={classes.pool}>
          <StatRow>
            <StatNumber label={words.warm} value={stats.warm} state="idle" detail={words.wanted(stats.wanted)} />
            <StatNumber label={words.claimed} value={stats.claimed} state="ok" detail={words.ofLimit(stats.limit)} />
            <StatNumber label={words.starting} value={stats.starting} state="running" />
            <StatNumber
              label={words.waiting}
              value={stats.waiting}
              {...(stats.waiting > 0 ? { state: "attention" as const } : {})}
            />
            <StatNumber label={words.memory} value={formatNumber(stats.memoryMb, locale)} unit="MB" />
          </StatRow>
          <Gauge stats={stats} />
          <Warm stats={stats} />
        </div>
      ) : error ? (
        <ErrorState error={error} title={words.statsFailed} onRetry={onRetry} />
      ) : (
        <StatSkeleton count={5} />
      )}
    </Panel>
  );
}

function Gauge({ stats }: { stats: PodStats }) {
  const words = useWords(podWords);
  const { warm, claimed, starting, draining, limit } = stats;
  const whole = Math.max(1, limit, warm + claimed + starting + draining);
  return (
    <div>
      <div className={classes.gauge} role="img" aria-label={words.gauge(warm, claimed, starting, draining, limit)}>
        {PARTS.map(
          (part) =>
            stats[part] > 0 && (
              <span key={part} data-part={part} style={{ width: `${(stats[part] / whole) * 100}%` }}>
                {stats[part]}
              </span>
            ),
        )}
      </div>
      <ul className={classes.legend} aria-hidden="true">
        {PARTS.map((part) => (
          <li key={part}>
            <i data-part={part} />
            {words[part]}
          </li>
        ))}
        <li>
          <i data-part="free" />
          {words.free}
        </li>
      </ul>
    </div>
  );
}

function Warm({ stats }: { stats: PodStats }) {
  const words = useWords(podWords);
  const trpc = useTRPC();
  const queries = useQueryClient();
  const id = useId();
  const [held, setHeld] = useState<number | null>(null);
  const scale = useMutation(
    trpc.pods.scale.mutationOptions({
      onSettled: async () => {
        await queries.invalidateQueries(trpc.pods.stats.queryFilter());
        setHeld(null);
      },
    }),
  );
  const most = Math.max(1, Math.min(MOST_WARM, stats.limit));
  const middle = Math.round(most / 2);
  return (
    <div className={classes.warm}>
      <label id={id}>{words.keepWarm}</label>
      <p>{words.keepWarmHint}</p>
      <Slider
        aria-labelledby={id}
        thumbProps={{ "aria-labelledby": id }}
        min={0}
        max={most}
        value={Math.min(most, held ?? stats.wanted)}
        onChange={setHeld}
        onChangeEnd={(size) => scale.mutate({ size })}
        marks={[...new Set([0, middle, most])].map((value) => ({ value, label: String(value) }))}
        label={(value) => value}
      />
      <FormErrors error={scale.error} />
    </div>
  );
}
