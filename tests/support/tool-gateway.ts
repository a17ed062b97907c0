import pino from "pino";
import { Registry } from "prom-client";
import type { ActorRecord } from "#server/kernel/actor.ts";
import { systemClock } from "#server/kernel/clock.ts";
import { openDatabase, type Database } from "#server/kernel/db.ts";
import { createAuditWriter } from "#server/mcp/audit.ts";
import { createToolGateway, type GatewayOptions } from "#server/mcp/create-gateway.ts";
import type { ToolGateway, UpstreamDefinition } from "#server/mcp/gateway.ts";
import { createLimits } from "#server/mcp/resilience/limits.ts";
import { createTestDatabase } from "./test-database.ts";

export const silent = pino({ level: "silent" });

/** An upstream as a row of the table would be. */
export const definition = (name: string, url: string, more: Partial<UpstreamDefinition> = {}): UpstreamDefinition => ({
  id: name,
  name,
  title: name.toUpperCase(),
  url,
  source: "admin",
  workspaceId: null,
  enabled: true,
  transport: { kind: "http" },
  auth: { kind: "none" },
  policy: {
    privateNetwork: true,
    retry: { backoff: "linear", initialDelayMs: 1, maxDelayMs: 1, maxAttempts: 3 },
    breaker: { failureThreshold: 1_000, recoveryMs: 10_000, halfOpenMaxCalls: 1 },
  },
  pinning: "off",
  ...more,
});

export const operator: ActorRecord = {
  userId: "usr_1",
  name: "Olga",
  workspaceId: "wsp_1",
  role: "operator",
  via: "session",
};

export interface TestGateway {
  tools: ToolGateway;
  database: Database;
  metrics: Registry;
  /** Live events that were published, in order. */
  events: { topic: string; event: Record<string, unknown> }[];
  /** The rows of the audit, flushed, in order. */
  audited(): Promise<Awaited<ReturnType<Database["rows"]["auditEntry"]["findMany"]>>>;
  /** Replaces the registered upstreams and announces it. */
  register(definitions: UpstreamDefinition[]): void;
  stop(): Promise<void>;
}

/** A gateway on a database of its own. Waits are short, so that a test need not wait for them. */
export async function startTestGateway(
  definitions: UpstreamDefinition[],
  options: Partial<Omit<GatewayOptions, "upstreams" | "audit" | "live" | "metrics">> = {},
): Promise<TestGateway> {
  const testDatabase = await createTestDatabase();
  const database = openDatabase(testDatabase.url, { connections: 4 });
  const audit = createAuditWriter({ sql: database.sql, log: silent, clock: systemClock, gatherMs: 5 });
  const events: TestGateway["events"] = [];
  const metrics = new Registry();
  let registered = definitions;
  let changed = () => undefined as void;
  const tools = createToolGateway({
    upstreams: {
      load: async () => registered,
      onChange: (listener) => ((changed = listener), () => undefined),
    },
    audit,
    live: {
      publish: async (topic, payload = "{}") =>
        void events.push({ topic, event: JSON.parse(payload) as Record<string, unknown> }), // an object by contract
    },
    log: silent,
    clock: systemClock,
    version: "test",
    defaultTimeoutMs: 5_000,
    stages: [createLimits({ log: silent }).stage],
    ...options,
    metrics,
    pace: { retryMs: [20, 100], ...options.pace },
  });
  return {
    tools,
    database,
    metrics,
    events,
    async audited() {
      await audit.flush();
      return database.rows.auditEntry.findMany({ orderBy: [{ at: "asc" }, { subject: "asc" }] });
    },
    register(next) {
      registered = next;
      changed();
    },
    async stop() {
      await tools.close();
      await database.close();
      await testDatabase.drop();
    },
  };
}
