import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { isDatabaseAway } from "#server/kernel/errors.ts";
import type { Deps } from "../deps.ts";
import { modelStatus } from "../models/index.ts";

export interface Metrics {
  registry: Registry;
  observeRequest(route: string, method: string, status: number, seconds: number): void;
}

/** While the database is away its figures are missing; those of the process are wanted all the more. */
async function unlessAway<T>(look: () => Promise<T[]>): Promise<T[]> {
  try {
    return await look();
  } catch (error) {
    if (isDatabaseAway(error)) return [];
    throw error;
  }
}

/** What Prometheus reads of this process, and of the installation what the database knows. */
export function createMetrics(
  deps: Pick<Deps, "sql" | "db" | "clock" | "settings">,
  registry: Registry = new Registry(),
): Metrics {
  collectDefaultMetrics({ register: registry, prefix: "osf_" });
  const requests = new Histogram({
    name: "osf_http_request_seconds",
    help: "Time until the answer began, by route",
    labelNames: ["route", "method", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  new Gauge({
    name: "osf_runs_unfinished",
    help: "Runs that are not over, by kind and status",
    labelNames: ["kind", "status"],
    registers: [registry],
    async collect() {
      this.reset();
      const rows = await unlessAway(async () => {
        const unfinished = await deps.sql.query<{ kind: string; status: string; n: number }>(
          `SELECT kind, status, count(*)::int AS n FROM "Run" WHERE "endedAt" IS NULL GROUP BY 1, 2`,
        );
        return unfinished.rows;
      });
      for (const { kind, status, n } of rows) this.set({ kind, status }, n);
    },
  });
  new Gauge({
    name: "osf_model_calls",
    help: "Model calls running and waiting, by tier",
    labelNames: ["tier", "state"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { tier, running, waiting } of await unlessAway(() => modelStatus(deps))) {
        this.set({ tier, state: "running" }, running);
        this.set({ tier, state: "waiting" }, waiting);
      }
    },
  });
  return {
    registry,
    observeRequest: (route, method, status, seconds) =>
      requests.observe({ route, method, status: String(status) }, seconds),
  };
}
