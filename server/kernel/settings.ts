import type { SettingsUpstream } from "./upstream.schema.ts";

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
  /** Seals the keys of stored secrets, 64 hexadecimal digits; without it a key derived from `jwtSecret` does. */
  encryptionKey?: string;
  /** The one before, while it is being changed. */
  encryptionKeyOld?: string;
  /** Where secrets are kept, if not sealed in the database. */
  infisical?: InfisicalSettings;
  metricsToken?: string;
  /** Requests a minute of one address. */
  apiRateLimit: number;
  retentionDays: number;
  /** The same for entries of the audit; without it they are kept. */
  auditRetentionDays?: number;
  models: Record<"free" | "premium", ModelEndpoint>;
  llmMaxConcurrency: number;
  llmMaxQueueDepth: number;
  toolTimeoutMs: number;
  executionTimeoutMs: number;
  /** Absolute path of the data folder: the local pods keep their state below `pods/`. */
  dataDir: string;
  /** Local pods end when this process is gone. */
  launcherPid: number;
  /** Networks (CIDR) that http nodes may reach although they are private; without them only public addresses. */
  allowPrivateHosts: string[];
  pods: {
    driver: "local" | "none";
    /** Pods kept ready for whoever opens the editor next. */
    warm: number;
    /** Pods in all. */
    limit: number;
    /** Minutes without activity after which a pod that does no work is taken back. */
    idleMinutes: number;
  };
  runners: {
    /** Runner processes kept ready. */
    warm: number;
    /** Runner processes in all. */
    limit: number;
    /** Resident memory above which one is ended, megabytes. */
    memoryMb: number;
  };
  /** Upstreams that come with the start (demo factory, MCP_URL, MCP_SERVERS, MCP_SERVICES); others are rows. */
  upstreams: SettingsUpstream[];
  /** Upstreams that are processes on this machine. */
  stdio: {
    /** Commands that may be started. */
    commands: string[];
    /** Resident memory above which one is ended, megabytes. */
    memoryMb: number;
    /** What they know of the environment. */
    path: string;
    lang: string;
  };
}

export interface ModelEndpoint {
  /** Up to and with `/v1`; undefined: no model is configured for this tier. */
  url?: string;
  model: string;
  apiKey?: string;
  /** Whether it is the rule-based demo model, which the interface labels. */
  demo: boolean;
}

export interface InfisicalSettings {
  url: string;
  clientId: string;
  clientSecret: string;
  projectId: string;
  environment: string;
  /** Folder below which each workspace has one of its own. */
  path: string;
}
