import { createEngine, type Ended } from "#server/engine/index.ts";
import { functionNodeOverride } from "#server/engine/isolate/index.ts";
import { restore, snapshot } from "#server/engine/snapshot.ts";
import type { TestNode } from "./case.ts";
import type { Arrival } from "./stock.ts";

/** The engine in this process, as a runner hosts it, without anything outside. */
export function startEngine() {
  const arrivals = new Map<number, Arrival>();
  let count = 0;
  const engine = createEngine({
    overrides: { function: functionNodeOverride },
    host: {
      record(_runId, steps) {
        for (const { seq, node, msg } of steps)
          if (msg !== undefined && node.startsWith("out")) arrivals.set(seq, { node, message: restore(msg) });
      },
      commit: async () => undefined,
      call: () => Promise.reject(new Error("Nothing is to be had outside")),
    },
  });
  return {
    /** What arrived at nodes named `out…`, in the order in which it was sent, and how the run ended. */
    async run(nodes: TestNode[], message: unknown): Promise<{ arrivals: Arrival[]; ended: Ended }> {
      arrivals.clear();
      engine.setContexts([], true);
      const key = `case-${++count}`;
      await engine.plan({ key, nodes: structuredClone(nodes), credentials: {} });
      const start = { node: "in", ...(message === undefined ? {} : { msg: snapshot(message) }) };
      const ended = await engine.start({ runId: `run-${count}`, graph: key, start });
      await engine.forget(key);
      return { arrivals: [...arrivals].toSorted(([a], [b]) => a - b).map(([, arrival]) => arrival), ended };
    },
    stop: () => engine.close(),
  };
}
