import { processEnvironment, type Environment } from "../kernel/env.ts";
import type { ModelEndpoint, Settings } from "../kernel/settings.ts";
import type { SettingsUpstream } from "../kernel/upstream.schema.ts";

/** What the launcher found out beside the environment. */
export interface Resolved {
  version: string;
  dev: boolean;
  port: number;
  dataDir: string;
  databaseUrl: string;
  jwtSecret: string;
  demoModelUrl?: string | undefined;
  demoUpstreams: { name: string; title: string; url: string }[];
  /** Those that the environment names. */
  upstreams?: SettingsUpstream[];
}

/** Nothing configured but the data folder: embedded database, demo factory, demo model, demo accounts. */
export const isDemo = (env: Environment) => !env.DATABASE_URL && env.OSF_DEMO !== false;

/** The demo is for the person at this machine; an installation is for the plant. */
export const listenAddress = (env: Environment) => env.HOST ?? (isDemo(env) ? "127.0.0.1" : "0.0.0.0");

const LOCAL = new Set(["127.0.0.1", "localhost", "::1"]);
const EVERYWHERE = new Set(["0.0.0.0", "::"]);
export const isLoopback = (host: string) => LOCAL.has(host);

/** The address people open, without a slash at the end. */
export function publicUrl(env: Environment, port: number): string {
  if (env.FRONTEND_URL) return env.FRONTEND_URL.replace(/\/+$/, "");
  const host = listenAddress(env);
  const name = isLoopback(host) || EVERYWHERE.has(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** Joins the environment and what the start found out to what web and worker are told. */
export function makeSettings(env: Environment, resolved: Resolved): Settings {
  const named = resolved.upstreams ?? [];
  const taken = new Set(named.map(({ name }) => name));
  const demo = resolved.demoUpstreams.filter(({ name }) => !taken.has(name));
  const upstreams: Settings["upstreams"] = [...demo.map((one) => ({ ...one, source: "demo" as const })), ...named];
  return {
    version: resolved.version,
    demo: isDemo(env),
    dev: resolved.dev,
    host: listenAddress(env),
    port: resolved.port,
    publicUrl: publicUrl(env, resolved.port),
    trustProxy: env.TRUST_PROXY,
    corsOrigins: env.CORS_ORIGINS,
    logLevel: env.LOG_LEVEL,
    databaseUrl: resolved.databaseUrl,
    jwtSecret: resolved.jwtSecret,
    ...(env.METRICS_TOKEN ? { metricsToken: env.METRICS_TOKEN } : {}),
    ...secretSettings(env),
    apiRateLimit: env.API_RATE_LIMIT,
    retentionDays: env.RUN_RETENTION_DAYS,
    ...(env.AUDIT_RETENTION_DAYS === undefined ? {} : { auditRetentionDays: env.AUDIT_RETENTION_DAYS }),
    models: modelEndpoints(env, resolved.demoModelUrl),
    llmMaxConcurrency: env.LLM_MAX_CONCURRENCY,
    llmMaxQueueDepth: env.LLM_MAX_QUEUE_DEPTH,
    toolTimeoutMs: env.MCP_TIMEOUT * 1_000,
    executionTimeoutMs: env.EXECUTION_TIMEOUT * 1_000,
    dataDir: resolved.dataDir,
    launcherPid: process.pid,
    allowPrivateHosts: env.OSF_ALLOW_PRIVATE_HOSTS,
    pods: {
      driver: "local",
      warm: env.NR_WARM_POOL_SIZE ?? (isDemo(env) ? 1 : 3),
      limit: env.NR_POD_LIMIT,
      idleMinutes: env.NR_IDLE_TIMEOUT_MINUTES,
    },
    runners: { warm: env.RUNNER_WARM, limit: env.RUNNER_LIMIT, memoryMb: env.RUNNER_MEMORY_MB },
    upstreams,
    stdio: { commands: env.MCP_STDIO_COMMANDS, memoryMb: env.MCP_STDIO_MEMORY_MB, ...processEnvironment() },
  };
}

/** Where secrets are kept and with which keys, for the product and for the command that changes the keys. */
export function secretSettings(env: Environment): Pick<Settings, "encryptionKey" | "encryptionKeyOld" | "infisical"> {
  const { INFISICAL_CLIENT_ID: clientId, INFISICAL_CLIENT_SECRET: clientSecret, INFISICAL_PROJECT_ID: projectId } = env;
  return {
    ...(env.LLM_ENCRYPTION_KEY && { encryptionKey: env.LLM_ENCRYPTION_KEY }),
    ...(env.LLM_ENCRYPTION_KEY_OLD && { encryptionKeyOld: env.LLM_ENCRYPTION_KEY_OLD }),
    ...(env.SECRETS_BACKEND === "infisical" &&
      clientId &&
      clientSecret &&
      projectId && {
        infisical: {
          url: env.INFISICAL_URL.replace(/\/+$/, ""),
          clientId,
          clientSecret,
          projectId,
          environment: env.INFISICAL_ENVIRONMENT,
          path: env.INFISICAL_PATH,
        },
      }),
  };
}

function modelEndpoints(env: Environment, demoUrl: string | undefined): Settings["models"] {
  const free = endpoint(env.LLM_URL_FREE, env.LLM_MODEL_FREE, env.LLM_KEY_FREE, demoUrl);
  // Without a server of its own the tier premium is another model of the same server.
  const premium = env.LLM_URL_PREMIUM
    ? endpoint(env.LLM_URL_PREMIUM, env.LLM_MODEL_PREMIUM, env.LLM_KEY_PREMIUM, undefined)
    : endpoint(env.LLM_URL_FREE, env.LLM_MODEL_PREMIUM, env.LLM_KEY_PREMIUM ?? env.LLM_KEY_FREE, demoUrl);
  return { free, premium };
}

function endpoint(
  url: string | undefined,
  model: string,
  apiKey: string | undefined,
  demoUrl: string | undefined,
): ModelEndpoint {
  if (url) return { url: url.replace(/\/+$/, ""), model, ...(apiKey ? { apiKey } : {}), demo: false };
  return demoUrl ? { url: demoUrl, model: DEMO_MODEL, demo: true } : { model, demo: false };
}

const DEMO_MODEL = "osf-demo";
