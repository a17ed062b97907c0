import { Counter, Histogram, type Registry } from "prom-client";

export interface ToolMetrics {
  /** Seconds. A tool that does not exist is counted as `unknown`: callers must not be able to make up series. */
  called(call: { server: string; tool: string; outcome: string; seconds: number }): void;
}

export const noMetrics: ToolMetrics = { called: () => undefined };

export function toolMetrics(registry: Registry): ToolMetrics {
  const calls = new Counter({
    name: "osf_tool_calls_total",
    help: "Tool calls by outcome",
    labelNames: ["server", "tool", "outcome"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "osf_tool_call_seconds",
    help: "Duration of tool calls",
    labelNames: ["server", "tool"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  });
  return {
    called(call) {
      calls.inc({ server: call.server, tool: call.tool, outcome: call.outcome });
      seconds.observe({ server: call.server, tool: call.tool }, call.seconds);
    },
  };
}
