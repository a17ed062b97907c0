"use client";

import { useQuery } from "@tanstack/react-query";
import { StatNumber, StatRow } from "#app/_ui/data/stat-number.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { BlockSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { PageFrame } from "#app/_ui/layout/page-frame.tsx";
import { PageHeader } from "#app/_ui/layout/page-header.tsx";
import { Panel } from "#app/_ui/layout/panel.tsx";
import { StateBadge } from "#app/_ui/state/state-badge.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { ModelStatusView } from "#server/features/models/schema.ts";
import { useTRPC } from "../trpc/provider.tsx";
import { adminWords } from "./admin-words.ts";
import classes from "./admin.module.css";
import { MODEL_STATE } from "#app/_features/models/model-state.ts";

/** Both tiers, live: the shell's subscription says when something changed. */
export function ModelPage() {
  const words = useWords(adminWords);
  const query = useQuery(useTRPC().models.status.queryOptions());
  return (
    <PageFrame>
      <PageHeader title={words.model} description={words.modelDescription} />
      {query.isError && !query.data ? (
        <ErrorState error={query.error} title={words.modelFailed} onRetry={() => void query.refetch()} />
      ) : (
        <div className={classes.models}>
          {query.data
            ? query.data.map((model) => <ModelPanel key={model.tier} model={model} />)
            : ["free", "premium"].map((tier) => <BlockSkeleton key={tier} height={220} />)}
        </div>
      )}
    </PageFrame>
  );
}

function ModelPanel({ model }: { model: ModelStatusView }) {
  const words = useWords(adminWords);
  const locale = useLocale();
  const { tier, state, running, waiting, concurrency, depth, problem, demo } = model;
  const hint = {
    idle: demo ? words.demoHint : undefined,
    busy: demo ? words.demoHint : undefined,
    saturated: words.saturatedHint,
    down: words.modelDownHint,
    unconfigured: words.unconfiguredHint(tier.toUpperCase()),
    unknown: words.unknownHint,
  }[state];
  const troubled = state === "down" || state === "saturated" || state === "unknown";
  return (
    <Panel
      title={words.tier[tier]}
      actions={<StateBadge state={MODEL_STATE[state]} word={words.modelState[state]} />}
      footer={troubled ? undefined : hint}
    >
      <div className={classes.model}>
        <div className={classes.modelName}>
          <strong>{demo ? words.demo : model.model}</strong>
        </div>
        {troubled && (
          <div className={classes.problem} role="status" data-tone={state === "down" ? "fault" : "attention"}>
            {problem && <p>{problem}</p>}
            <p>{hint}</p>
          </div>
        )}
        {state !== "unconfigured" && state !== "unknown" && (
          <StatRow>
            <StatNumber
              label={words.running}
              value={formatNumber(running, locale)}
              detail={words.runningOf(concurrency)}
            />
            <StatNumber label={words.waiting} value={formatNumber(waiting, locale)} detail={words.waitingOf(depth)} />
          </StatRow>
        )}
      </div>
    </Panel>
  );
}
