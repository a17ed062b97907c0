import { Counter, Gauge, type Registry } from "prom-client";
import type { ServiceState } from "./service-state.ts";

const PHASES = ["closed", "half-open", "open"] as const;

/** Gauges of all upstreams, read when somebody looks. */
export function serviceMetrics(registry: Registry, states: () => Map<string, ServiceState>): void {
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: L[],
    read: (gauge: Gauge<L>, state: ServiceState) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const state of states().values()) read(this as Gauge<L>, state); // made with these very labels
      },
    });
  gauge(
    "osf_upstream_breaker",
    "1 for the phase that the breaker is in",
    ["server", "phase"],
    (of, { name, breaker }) => {
      for (const phase of PHASES) of.set({ server: name, phase }, breaker.phase === phase ? 1 : 0);
    },
  );
  gauge("osf_upstream_in_flight", "Calls under way", ["server"], (of, { name, inFlight }) =>
    of.set({ server: name }, inFlight),
  );
  gauge("osf_upstream_queued", "Calls that wait for room", ["server"], (of, { name, queued }) =>
    of.set({ server: name }, queued),
  );
  gauge("osf_upstream_tokens", "Tokens in the bucket of all callers", ["server"], (of, { name, tokens }) =>
    of.set({ server: name }, tokens),
  );
  const calls = new Counter({
    name: "osf_upstream_calls_total",
    help: "Calls since the start, by what became of them",
    labelNames: ["server", "result"],
    registers: [registry],
    collect() {
      calls.reset();
      for (const { name, counts } of states().values()) {
        const { calls: _all, ...results } = counts;
        for (const [result, value] of Object.entries(results)) calls.inc({ server: name, result }, value);
      }
    },
  });
}
