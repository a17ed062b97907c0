import type { Graph, RunLimits, RunLog, Start } from "#server/engine/contract.ts";
import { createEngine } from "#server/engine/engine.ts";
import type { Ended, Engine, EngineOptions } from "#server/engine/engine-types.ts";
import { HandClock, MemoryHost, scripted, settled } from "#server/engine/test-engine.ts";

interface Options {
  start?: Start;
  log?: RunLog;
  limits?: Partial<RunLimits>;
  answer?: (op: string, args: unknown) => unknown;
  clock?: HandClock;
  engine?: Partial<EngineOptions>;
  /** What happens beside; may end the run. */
  meanwhile?: (engine: Engine, host: MemoryHost) => Promise<void>;
}

/** One run of a graph on an engine of its own, in time that is moved when nothing else happens. */
export async function live(
  graph: Graph,
  options: Options = {},
): Promise<{ how: Ended; host: MemoryHost; debug: unknown[] }> {
  const clock = options.clock ?? new HandClock();
  const host = new MemoryHost(clock, options.answer);
  const engine = createEngine({
    host,
    clock,
    overrides: { function: scripted },
    ...(options.limits && { limits: options.limits }),
    ...options.engine,
  });
  try {
    await engine.plan(graph);
    const run = { runId: "run_1", graph: graph.key, start: options.start ?? { node: "in" } };
    const ending = engine.start(options.log ? { ...run, log: options.log } : run);
    await options.meanwhile?.(engine, host);
    const how = await settled(ending, clock, host);
    return { how, host, debug: host.events("debug").map(({ value }) => value) };
  } finally {
    await engine.close();
  }
}
