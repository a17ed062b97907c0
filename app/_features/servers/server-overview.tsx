"use client";

import { KeyValue } from "#app/_ui/data/key-value.tsx";
import { StatNumber, StatRow } from "#app/_ui/data/stat-number.tsx";
import { formatNumber } from "#app/_ui/data/units.ts";
import { ErrorState } from "#app/_ui/feedback/error-state.tsx";
import { StatSkeleton } from "#app/_ui/feedback/skeletons.tsx";
import { Section } from "#app/_ui/layout/panel.tsx";
import { Duration } from "#app/_ui/time/duration.tsx";
import { formatDuration } from "#app/_ui/time/format-time.ts";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import { useLocale, useWords } from "#app/_ui/words/locale.tsx";
import type { ServiceMetrics } from "#server/features/mcp-health/schema.ts";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { BREAKER_STATE } from "./breaker-state.tsx";
import { serversWords } from "./servers-words.ts";
import { useMetrics } from "./use-servers.ts";
import classes from "./servers.module.css";

/** How a server does: what it is, and how much goes to it. */
export function ServerOverview({ server }: { server: UpstreamView }) {
  const words = useWords(serversWords);
  return (
    <div className={classes.form}>
      <div className={classes.facts}>
        <KeyValue
          layout="columns"
          items={[
            { label: words.name, value: <code>{server.name}</code> },
            { label: words.transport, value: words.transports[server.transport] },
            { label: words.address, value: <span className={classes.address}>{server.url}</span> },
            { label: words.protocol, value: server.protocol },
            { label: words.version, value: server.serverVersion },
            { label: words.tools, value: server.tools },
            {
              label: words.latency,
              value: server.latencyMs === undefined ? undefined : <Duration ms={server.latencyMs} />,
            },
            { label: words.checked, value: server.checkedAt && <RelativeTime at={server.checkedAt} /> },
            { label: words.source, value: words.sources[server.source] },
            { label: words.scope, value: server.workspaceId ? words.thisWorkspace : words.everyWorkspace },
          ]}
        />
      </div>
      <Load name={server.name} />
    </div>
  );
}

function Load({ name }: { name: string }) {
  const words = useWords(serversWords);
  const query = useMetrics();
  const metrics = query.data?.find((one) => one.name === name);
  if (query.data && !metrics) return null;
  return (
    <Section title={words.load} description={words.loadHint}>
      {metrics ? (
        <Figures metrics={metrics} />
      ) : query.isError ? (
        <ErrorState error={query.error} title={words.loadFailedMetrics} onRetry={() => void query.refetch()} />
      ) : (
        <StatSkeleton count={6} />
      )}
    </Section>
  );
}

function Figures({ metrics }: { metrics: ServiceMetrics }) {
  const words = useWords(serversWords);
  const locale = useLocale();
  const { breaker, bounds, counts, latency, inFlight, queued, tokens } = metrics;
  const number = (value: number) => formatNumber(value, locale, 0);
  return (
    <StatRow>
      <StatNumber
        label={words.breaker}
        state={BREAKER_STATE[breaker.phase]}
        value={words.breakers[breaker.phase]}
        detail={
          breaker.phase === "open"
            ? words.opens(Math.ceil(breaker.opensInMs / 1000))
            : breaker.phase === "half-open"
              ? words.halfOpen(breaker.halfOpenLeft)
              : words.failuresInRow(breaker.failures, bounds.breaker.failureThreshold)
        }
      />
      <StatNumber
        label={words.calls}
        value={number(counts.calls)}
        detail={words.callsFailed(counts.failed, counts.broken + counts.limited)}
      />
      <StatNumber
        label={words.middle}
        value={latency ? formatDuration(latency.p50, locale) : "–"}
        detail={latency ? words.slowest(formatDuration(latency.p95, locale)) : "\u00a0"}
      />
      <StatNumber
        label={words.inFlight}
        value={number(inFlight)}
        detail={words.inFlightOf(number(bounds.concurrency))}
      />
      <StatNumber label={words.queued} value={number(queued)} detail={words.queuedOf(number(bounds.rate.queue))} />
      <StatNumber
        label={words.tokens}
        value={number(Math.floor(tokens))}
        detail={words.tokensOf(number(bounds.rate.burst), number(bounds.rate.requestsPerMinute))}
      />
    </StatRow>
  );
}
