import type { Deps } from "../deps.ts";
import { modelStatus } from "../models/index.ts";
import type { Check, ReadyView } from "./schema.ts";

const DEADLINE_MS = 3_000;

async function timed(look: () => Promise<unknown>): Promise<Check> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS / 1_000} s`)), DEADLINE_MS);
  });
  try {
    await Promise.race([look(), late]);
    return { status: "ok", latencyMs: Math.round(performance.now() - started) };
  } catch {
    return { status: "down" }; // why goes to the log where it is needed, never to an anonymous caller
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the product can do its work. Without the database it cannot; without a model or an upstream in part. */
export async function readiness(
  deps: Pick<Deps, "sql" | "db" | "clock" | "settings" | "live" | "tools">,
): Promise<ReadyView> {
  const { sql } = deps;
  const [database, migrations, queue] = await Promise.all([
    timed(() => sql.query("SELECT 1")),
    timed(() => sql.query(`SELECT 1 / count(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL`)),
    timed(() => sql.query("SELECT 1 FROM pgboss.queue LIMIT 1")),
  ]);
  const core: Record<string, Check> = {
    database,
    migrations,
    queue,
    live: { status: deps.live.connected ? "ok" : "down" },
  };
  const beside: Record<string, Check> = {};
  if (database.status === "ok") {
    for (const { tier, state } of await modelStatus(deps))
      beside[`model:${tier}`] = {
        status: state === "down" || state === "unconfigured" ? "down" : state === "unknown" ? "degraded" : "ok",
      };
    for (const { name, state, enabled, workspaceId } of await deps.tools.upstreams(null))
      if (enabled && workspaceId === null) beside[`mcp:${name}`] = { status: state === "down" ? "down" : "ok" };
  }
  const status = Object.values(core).some((check) => check.status === "down")
    ? "not_ready"
    : Object.values(beside).some((check) => check.status !== "ok")
      ? "degraded"
      : "ready";
  return { status, checks: { ...core, ...beside } };
}
