import os from "node:os";
import { test } from "vitest";
import type { Deps } from "#server/features/deps.ts";
import { createConsentStage } from "#server/features/approvals/index.ts";
import { cleanRuns } from "#server/features/runs/index.ts";
import { createVault } from "#server/features/secrets/index.ts";
import { createToolReview } from "#server/features/tool-review/index.ts";
import type { Actor } from "#server/kernel/actor.ts";
import { systemClock } from "#server/kernel/clock.ts";
import { openDatabase } from "#server/kernel/db.ts";
import { newId } from "#server/kernel/ids.ts";
import { openJobs } from "#server/kernel/jobs.ts";
import { openLive } from "#server/kernel/live.ts";
import { createLog } from "#server/kernel/log.ts";
import type { Role } from "#server/kernel/permissions.ts";
import type { Settings } from "#server/kernel/settings.ts";
import { createAuditWriter } from "#server/mcp/audit.ts";
import { createLimits } from "#server/mcp/resilience/limits.ts";
import { createCredentials } from "#server/mcp/credentials/credentials.ts";
import { createToolGateway } from "#server/mcp/create-gateway.ts";
import type { UpstreamDefinition } from "#server/mcp/gateway.ts";
import { createPolicyStage } from "#server/mcp/policy-stage.ts";
import { createTestDatabase } from "./test-database.ts";

/** An installation for tests: a database of its own, the real parts around it, people to act. */
export interface World {
  deps: Deps;
  /** A person in a new workspace of their own, or in `workspaceId`. */
  actor(as?: { role?: Role; owner?: boolean; workspaceId?: string }): Promise<Actor>;
  /** Upstreams that the tool gateway knows from now on. */
  setUpstreams(upstreams: (Pick<UpstreamDefinition, "name" | "url"> & Partial<UpstreamDefinition>)[]): void;
  close(): Promise<void>;
}

const testSettings = (databaseUrl: string): Settings => ({
  version: "0.0.0-test",
  demo: false,
  dev: false,
  host: "127.0.0.1",
  port: 0,
  publicUrl: "http://localhost",
  trustProxy: 0,
  corsOrigins: [],
  logLevel: "silent",
  databaseUrl,
  jwtSecret: "a secret of tests that is long enough",
  apiRateLimit: 1_000,
  retentionDays: 30,
  models: { free: { model: "none", demo: false }, premium: { model: "none", demo: false } },
  llmMaxConcurrency: 2,
  llmMaxQueueDepth: 10,
  toolTimeoutMs: 5_000,
  executionTimeoutMs: 30_000,
  dataDir: os.tmpdir(),
  launcherPid: process.pid,
  allowPrivateHosts: ["127.0.0.0/8"],
  pods: { driver: "none", warm: 0, limit: 5, idleMinutes: 20 },
  runners: { warm: 0, limit: 2, memoryMb: 512 },
  upstreams: [],
  stdio: { commands: [], memoryMb: 1_024, path: "/usr/bin:/bin", lang: "C.UTF-8" },
});

export async function createWorld({ jobs: role = "send" as "send" | "work" } = {}): Promise<World> {
  const database = await createTestDatabase();
  const settings = testSettings(database.url);
  const log = createLog("test", "silent");
  const { rows: db, sql, close } = openDatabase(database.url);
  const live = await openLive({ url: database.url, sql, log });
  const jobs = await openJobs({ url: database.url, role, jobs: [cleanRuns], log });
  const vault = createVault({ settings, log, clock: systemClock, db, live });
  const credentials = createCredentials({ settings, log, clock: systemClock, db, live, vault });
  let upstreams: UpstreamDefinition[] = [];
  let changed: () => void = () => undefined;
  const tools = createToolGateway({
    upstreams: {
      load: async () => upstreams,
      onChange: (listener) => {
        changed = listener;
        return () => undefined;
      },
    },
    audit: createAuditWriter({ sql, log, clock: systemClock, gatherMs: 5 }),
    live,
    log,
    clock: systemClock,
    defaultTimeoutMs: settings.toolTimeoutMs,
    version: settings.version,
    stages: [
      createPolicyStage(),
      createConsentStage({ settings, log, clock: systemClock, db, sql, live }),
      credentials.stage,
    ],
    review: createToolReview({ log, clock: systemClock, db, live }),
    credentials,
    vault,
  });

  return {
    deps: {
      settings,
      log,
      clock: systemClock,
      db,
      sql,
      live,
      jobs,
      vault,
      credentials,
      tools,
      processes: { log: () => [] },
      services: { instance: "test", part: "web", limits: createLimits({ log }) },
    },
    async actor({ role: inRole = "admin", owner = false, workspaceId: given } = {}) {
      const userId = newId("usr");
      const email = `${userId}@test.local`;
      await db.user.create({ data: { id: userId, email, name: "Test Person", passwordHash: "none", owner } });
      const workspaceId = given ?? newId("wsp");
      if (!given) await db.workspace.create({ data: { id: workspaceId, name: "Test" } });
      await db.membership.create({ data: { workspaceId, userId, role: inRole } });
      return {
        userId,
        name: "Test Person",
        email,
        workspaceId,
        role: inRole,
        owner,
        via: "session",
        credentialId: "none",
        scopes: null,
      };
    },
    setUpstreams(next) {
      upstreams = next.map((one) => ({
        id: one.name,
        title: one.name,
        source: "admin",
        enabled: true,
        workspaceId: null,
        transport: { kind: "http" },
        auth: { kind: "none" },
        policy: { privateNetwork: true },
        pinning: "off",
        ...one,
      }));
      changed();
    },
    async close() {
      await jobs.close();
      await tools.close();
      await credentials.close();
      await vault.close();
      await live.close();
      await close();
      await database.drop();
    },
  };
}

/** `it` with a world for the file. */
export const it = test.extend<{ $file: { world: World } }>({
  world: [
    // vitest demands the destructuring
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const world = await createWorld();
      await use(world);
      await world.close();
    },
    { scope: "file" },
  ],
});
