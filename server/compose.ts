import { Registry } from "prom-client";
import { createConsentStage } from "./features/approvals/index.ts";
import type { Deps } from "./features/deps.ts";
import { reportServices } from "./features/mcp-health/index.ts";
import { cleanOAuth } from "./features/oauth/index.ts";
import { cleanRuns } from "./features/runs/index.ts";
import { createVault } from "./features/secrets/index.ts";
import { createToolReview } from "./features/tool-review/index.ts";
import { auditWriter, upstreamSource } from "./features/upstreams/index.ts";
import { systemClock } from "./kernel/clock.ts";
import { openDatabase } from "./kernel/db.ts";
import { openJobs } from "./kernel/jobs.ts";
import { openLive } from "./kernel/live.ts";
import { createLog } from "./kernel/log.ts";
import type { Settings } from "./kernel/settings.ts";
import { createCredentials } from "./mcp/credentials/credentials.ts";
import { createToolGateway } from "./mcp/create-gateway.ts";
import { createPolicyStage } from "./mcp/policy-stage.ts";
import { createLimits } from "./mcp/resilience/limits.ts";
import { openOpenApiPeer } from "./mcp/upstream/openapi/open-openapi-peer.ts";
import { openServicePeer } from "./mcp/upstream/service/open-service-peer.ts";
import { stdioServers } from "./mcp/upstream/stdio/open-stdio-peer.ts";

const JOBS = [cleanRuns, cleanOAuth];

const processUpstreams = ({ dataDir, stdio: { commands, memoryMb, ...environment } }: Settings) =>
  stdioServers({ commands, dataDir, environment, memoryMb, now: systemClock.now });

/** Opens what web and worker share. `close` ends it in order. */
export async function compose(
  settings: Settings,
  part: "web" | "worker",
): Promise<{ deps: Deps; metrics: Registry; close(): Promise<void> }> {
  const log = createLog(part, settings.logLevel);
  const database = openDatabase(settings.databaseUrl, {
    connections: part === "web" ? 16 : 12,
    onError: (err) => log.warn({ err }, "database connection lost"),
  });
  const live = await openLive({ url: settings.databaseUrl, sql: database.sql, log });
  const jobs = await openJobs({ url: settings.databaseUrl, role: part === "web" ? "send" : "work", jobs: JOBS, log });
  const base = { settings, log, clock: systemClock, db: database.rows, sql: database.sql, live, jobs };
  const metrics = new Registry();
  const vault = createVault(base);
  const credentials = createCredentials({ ...base, vault });
  const limits = createLimits({ log, metrics });
  const processes = processUpstreams(settings);
  const reports = reportServices(base, part, limits);
  const tools = createToolGateway({
    metrics,
    upstreams: upstreamSource(base),
    audit: auditWriter(base),
    live,
    log,
    clock: systemClock,
    defaultTimeoutMs: settings.toolTimeoutMs,
    version: settings.version,
    stages: [createPolicyStage(), createConsentStage(base), limits.stage, credentials.stage],
    review: createToolReview(base),
    credentials,
    vault,
    dial: { allow: settings.allowPrivateHosts },
    openers: { stdio: processes.open, openapi: openOpenApiPeer, service: openServicePeer },
  });
  return {
    deps: { ...base, vault, credentials, tools, processes, services: { instance: reports.instance, part, limits } },
    metrics,
    async close() {
      await jobs.close();
      await reports.stop();
      await tools.close();
      await credentials.close();
      await vault.close();
      await live.close();
      await database.close();
    },
  };
}
