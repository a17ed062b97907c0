import type { Pool } from "pg";
import type { Clock } from "../kernel/clock.ts";
import type { Rows } from "../kernel/db.ts";
import type { Jobs } from "../kernel/jobs.ts";
import type { Live } from "../kernel/live.ts";
import type { Log } from "../kernel/log.ts";
import type { Settings } from "../kernel/settings.ts";
import type { Credentials } from "../mcp/credentials/credentials.ts";
import type { ToolGateway } from "../mcp/gateway.ts";
import type { StdioServers } from "../mcp/upstream/stdio/open-stdio-peer.ts";
import type { SecretVault } from "./secrets/index.ts";
import type { Limits } from "../mcp/resilience/limits.ts";

/** What features are given; each function takes the part that it needs with `Pick<Deps, …>`. */
export interface Deps {
  settings: Settings;
  log: Log;
  clock: Clock;
  /** Rows through Prisma. */
  db: Rows;
  /** The same database for statements that Prisma cannot say. */
  sql: Pool;
  live: Live;
  jobs: Jobs;
  vault: SecretVault;
  credentials: Credentials;
  tools: ToolGateway;
  /** Upstreams that this process of the product has started as processes. */
  processes: Pick<StdioServers, "log">;
  /** How upstreams do, as this process sees them. */
  services: { instance: string; part: "web" | "worker"; limits: Pick<Limits, "states"> };
}
