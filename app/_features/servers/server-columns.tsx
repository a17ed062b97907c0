import type { Column } from "#app/_ui/table/columns.ts";
import { Duration } from "#app/_ui/time/duration.tsx";
import { RelativeTime } from "#app/_ui/time/relative-time.tsx";
import type { ServiceMetrics } from "#server/features/mcp-health/schema.ts";
import type { UpstreamView } from "#server/features/upstreams/schema.ts";
import { BreakerState } from "./breaker-state.tsx";
import { CheckNow } from "./check-now.tsx";
import { ServerState } from "./server-state.tsx";
import type { serversWords } from "./servers-words.ts";
import classes from "./servers.module.css";

export type ServerRow = UpstreamView & {
  /** How much goes to it; undefined while that is not known. */
  metrics: ServiceMetrics | undefined;
};

export function serverColumns(words: (typeof serversWords)["en"]): Column<ServerRow>[] {
  return [
    {
      id: "server",
      header: words.server,
      value: ({ title }) => title,
      render: ({ title, name, problem }) => (
        <span className={classes.two}>
          {title}
          <span className={classes.sub}>{name}</span>
          {problem && <span className={classes.problem}>{problem}</span>}
        </span>
      ),
    },
    {
      id: "state",
      header: words.state,
      width: "10rem",
      value: ({ state }) => words[state],
      render: ({ state }) => <ServerState state={state} plain />,
    },
    { id: "tools", header: words.tools, width: "6rem", align: "right", from: "sm", value: ({ tools }) => tools },
    {
      id: "latency",
      header: words.latency,
      width: "7rem",
      align: "right",
      from: "sm",
      value: ({ latencyMs }) => latencyMs ?? null,
      render: ({ latencyMs }) => (latencyMs === undefined ? "–" : <Duration ms={latencyMs} />),
    },
    {
      id: "breaker",
      header: words.breaker,
      width: "8rem",
      from: "md",
      value: ({ metrics }) => (metrics ? words.breakers[metrics.breaker.phase] : null),
      render: ({ metrics }) => (metrics ? <BreakerState phase={metrics.breaker.phase} /> : "–"),
    },
    {
      id: "calls",
      header: words.calls,
      width: "6rem",
      align: "right",
      from: "md",
      firstDirection: "desc",
      value: ({ metrics }) => metrics?.counts.calls ?? null,
    },
    {
      id: "load",
      header: words.inFlight,
      width: "7rem",
      align: "right",
      from: "md",
      optional: true,
      value: ({ metrics }) => metrics?.inFlight ?? null,
    },
    {
      id: "transport",
      header: words.transport,
      width: "9rem",
      from: "md",
      value: ({ transport }) => words.transports[transport],
    },
    {
      id: "protocol",
      header: words.protocol,
      width: "8rem",
      from: "md",
      mono: true,
      value: ({ protocol }) => protocol ?? "–",
    },
    {
      id: "source",
      header: words.source,
      width: "9rem",
      from: "md",
      optional: true,
      value: ({ source }) => words.sources[source],
    },
    { id: "address", header: words.address, from: "md", mono: true, optional: true, value: ({ url }) => url },
    {
      id: "checked",
      header: words.checked,
      width: "8rem",
      from: "md",
      optional: true,
      value: ({ checkedAt }) => checkedAt ?? null,
      render: ({ checkedAt }) => (checkedAt ? <RelativeTime at={checkedAt} /> : "–"),
    },
    {
      id: "check",
      header: words.checkShort,
      width: "4.5rem",
      fixed: true,
      render: (server) => <CheckNow server={server} />,
    },
  ];
}
