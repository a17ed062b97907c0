/**
 * What web and worker are told by the launcher over IPC: the environment, resolved (embedded database, generated
 * secrets, demo parts on the ports they got). Nothing in the children reads the environment.
 */
export interface Settings {
  version: string;
  demo: boolean;
  dev: boolean;
  host: string;
  port: number;
  /** Address people open, without a slash at the end. */
  publicUrl: string;
  /** Proxies in front whose `X-Forwarded-For` is believed. */
  trustProxy: number;
  corsOrigins: string[];
  logLevel: string;
  databaseUrl: string;
  jwtSecret: string;
  metricsToken?: string;
  /** Requests a minute of one address. */
  apiRateLimit: number;
  retentionDays: number;
  models: Record<"free" | "premium", ModelEndpoint>;
  llmMaxConcurrency: number;
  llmMaxQueueDepth: number;
  toolTimeoutMs: number;
  executionTimeoutMs: number;
  /** Upstreams that come with the start (demo factory, MCP_URL); others are rows. */
  upstreams: { name: string; title: string; url: string; source: "demo" | "environment" }[];
}

export interface ModelEndpoint {
  /** Up to and with `/v1`; undefined: no model is configured for this tier. */
  url?: string;
  model: string;
  apiKey?: string;
  /** Whether it is the rule-based demo model, which the interface labels. */
  demo: boolean;
}
