import { isIP } from "node:net";
import { z } from "zod";

/**
 * Every variable that the product heeds, with what is expected of it; `env.ts` reads them.
 * `.env.example` is generated from this table. Each name also exists as `<NAME>_FILE`, the path of a file that holds
 * the value, where `secret` is set.
 */
export interface Variable {
  schema: z.ZodType;
  about: string;
  /** Shown in `.env.example`; the schema holds the true default. */
  example?: string;
  secret?: true;
}

const port = z.coerce
  .number({ error: "a port number, 1 to 65535" })
  .int()
  .min(1, "a port number, 1 to 65535")
  .max(65_535, "a port number, 1 to 65535");
const count = (min: number, max: number) =>
  z.coerce
    .number({ error: `a whole number from ${min} to ${max}` })
    .int(`a whole number from ${min} to ${max}`)
    .min(min, `a whole number from ${min} to ${max}`)
    .max(max, `a whole number from ${min} to ${max}`);
const httpUrl = z.url({ protocol: /^https?$/, error: "an http:// or https:// address" });
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean),
);
/** An address of a network with its length of prefix, such as 10.0.0.0/8 or fd00::/8. */
function isCidr(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  const version = isIP(address);
  return version > 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}
const flag = z
  .enum(["0", "1", "true", "false"], { error: "1 or 0" })
  .transform((text) => text === "1" || text === "true");

export const VARIABLES = {
  PORT: { schema: port.default(8080), about: "Port of the web server", example: "8080" },
  HOST: {
    schema: z.string().min(1).optional(),
    about: "Address to listen on. Demo mode listens on loopback only unless this is set; otherwise all addresses",
    example: "0.0.0.0",
  },
  FRONTEND_URL: {
    schema: httpUrl.optional(),
    about: "The address people open, when a proxy stands in front",
    example: "https://osf.example.com",
  },
  TRUST_PROXY: {
    schema: count(0, 10).default(0),
    about: "How many proxies of your own stand in front: the caller's address is then taken from X-Forwarded-For",
    example: "1",
  },
  CORS_ORIGINS: {
    schema: list.default([]),
    about: "Origins of other sites that may call the HTTP API, comma separated",
    example: "https://mes.example.com",
  },
  APP_VERSION: {
    schema: z.string().min(1).optional(),
    about: "Version shown by /health; default: that of package.json",
  },
  OSF_ROLE: {
    schema: z.enum(["web", "worker", "all"], { error: "web, worker or all" }).default("all"),
    about: "Which processes this start runs",
    example: "all",
  },
  OSF_DEMO: {
    schema: flag.optional(),
    about: "0: a real single-machine installation on the embedded database, without demo factory, model and accounts",
    example: "0",
  },
  OSF_DATA_DIR: {
    schema: z.string().min(1).default(".data"),
    about: "Folder of the embedded database and of generated secrets",
    example: ".data",
  },
  LOG_LEVEL: {
    schema: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal"], { error: "trace, debug, info, warn, error or fatal" })
      .default("info"),
    about: "Least severity that is logged",
    example: "info",
  },
  DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/, error: "a postgresql:// address" }).optional(),
    about: "PostgreSQL 15 or newer of your own. Set: demo mode is off and JWT_SECRET is required",
    example: "postgresql://user:password@host:5432/osf",
    secret: true,
  },
  JWT_SECRET: {
    schema: z.string().min(32, "at least 32 characters, for example from: openssl rand -hex 32").optional(),
    about: "Signs sign-ins and tokens; keys for stored secrets are derived from it. At least 32 characters",
    secret: true,
  },
  LLM_ENCRYPTION_KEY: {
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, "64 hexadecimal digits, for example from: openssl rand -hex 32")
      .optional(),
    about: "Seals the keys of stored secrets, 64 hexadecimal digits; without it a key derived from JWT_SECRET does",
    secret: true,
  },
  LLM_ENCRYPTION_KEY_OLD: {
    schema: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, "64 hexadecimal digits")
      .optional(),
    about: "The key before, while it is being changed: `npm run secrets:rotate` seals anew, then it can go",
    secret: true,
  },
  SECRETS_BACKEND: {
    schema: z.enum(["database", "infisical"], { error: "database or infisical" }).default("database"),
    about: "Where secrets of workspaces are kept: sealed in the database, or in an Infisical project",
    example: "database",
  },
  INFISICAL_URL: {
    schema: httpUrl.default("https://app.infisical.com"),
    about: "Address of Infisical",
    example: "https://infisical.example.com",
  },
  INFISICAL_CLIENT_ID: {
    schema: z.string().min(1).optional(),
    about: "Client id of a machine identity (universal auth) that may read and write the project's secrets",
  },
  INFISICAL_CLIENT_SECRET: { schema: z.string().min(1).optional(), about: "Its client secret", secret: true },
  INFISICAL_PROJECT_ID: { schema: z.string().min(1).optional(), about: "Id of the Infisical project" },
  INFISICAL_ENVIRONMENT: {
    schema: z.string().min(1).default("prod"),
    about: "Slug of the environment in the Infisical project",
    example: "prod",
  },
  INFISICAL_PATH: {
    schema: z
      .string()
      .regex(/^\/[\w./-]*$/, "a path such as /osf")
      .default("/osf"),
    about: "Folder in the Infisical project below which each workspace has one of its own",
    example: "/osf",
  },
  LLM_URL_FREE: {
    schema: httpUrl.optional(),
    about:
      "OpenAI-compatible server of the tier free (vLLM, Ollama, llama.cpp, LM Studio, OpenAI …), up to and with /v1",
    example: "http://localhost:11434/v1",
  },
  LLM_MODEL_FREE: {
    schema: z.string().min(1).default("qwen2.5-14b-instruct"),
    about: "Its model",
    example: "qwen2.5-14b-instruct",
  },
  LLM_KEY_FREE: { schema: z.string().min(1).optional(), about: "Its API key, if it wants one", secret: true },
  LLM_URL_PREMIUM: {
    schema: httpUrl.optional(),
    about: "The same for the tier premium; default: the server of the tier free",
    example: "https://api.openai.com/v1",
  },
  LLM_MODEL_PREMIUM: {
    schema: z.string().min(1).default("qwen2.5-32b-instruct"),
    about: "Its model",
    example: "qwen2.5-32b-instruct",
  },
  LLM_KEY_PREMIUM: { schema: z.string().min(1).optional(), about: "Its API key, if it wants one", secret: true },
  LLM_MAX_CONCURRENCY: {
    schema: count(1, 1_000).default(2),
    about: "Model calls at the same time, for each server",
    example: "2",
  },
  LLM_MAX_QUEUE_DEPTH: {
    schema: count(0, 10_000).default(10),
    about: "Model calls that may wait; above it new work is answered 503",
    example: "10",
  },
  MCP_URL: {
    schema: httpUrl.optional(),
    about: "An MCP server (Streamable HTTP) whose tools are offered as mcp.<tool>. Set: the demo factory stays off",
    example: "http://localhost:9000/mcp",
  },
  MCP_SERVERS: {
    schema: z.string().min(1).optional(),
    about:
      "Upstream servers: the path of a JSON or YAML file, or the JSON itself. A list, or by name; each with url, transport, auth, policy … as the HTTP API takes them. ${NAME} stands for a variable or a secret. Set: the demo factory stays off",
    example: "/etc/osf/servers.yaml",
    secret: true,
  },
  MCP_SERVICES: {
    schema: list.default([]),
    about:
      "Plain HTTP services (POST {endpoint}/api/{operation}), by name, comma separated; each with variables of its own, see below. Set: the demo factory stays off",
    example: "erp,quality-lab",
  },
  MCP_STDIO_COMMANDS: {
    schema: list.default([]),
    about:
      "Commands that servers may be started with on this machine, comma separated, exactly as they are registered; without it none",
    example: "npx,uvx",
  },
  MCP_STDIO_MEMORY_MB: {
    schema: count(64, 65_536).default(1_024),
    about: "Megabytes of resident memory above which such a server is ended",
    example: "1024",
  },
  MCP_TIMEOUT: {
    schema: count(1, 600).default(30),
    about: "Seconds after which a tool call is given up",
    example: "30",
  },
  EXECUTION_TIMEOUT: {
    schema: count(10, 86_400).default(600),
    about: "Seconds after which a chat turn is ended",
    example: "600",
  },
  OSF_ALLOW_PRIVATE_HOSTS: {
    schema: list
      .refine((cidrs) => cidrs.every(isCidr), "networks as CIDR, comma separated, such as 10.0.0.0/8,192.168.1.5/32")
      .default([]),
    about:
      "Private networks (CIDR, comma separated) that http nodes of flows and upstream servers may reach; without it none. Servers that the owner registers, or the settings name, may be anywhere",
    example: "10.20.0.0/16",
  },
  NR_WARM_POOL_SIZE: {
    schema: count(0, 20).optional(),
    about: "Node-RED pods kept ready; 3, in demo mode 1. Admin → Pods changes it while the product runs",
    example: "3",
  },
  NR_POD_LIMIT: {
    schema: count(1, 1_000).default(20),
    about: "Node-RED pods in all; above it the editor says that demand is high",
    example: "20",
  },
  NR_IDLE_TIMEOUT_MINUTES: {
    schema: count(1, 10_080).default(20),
    about: "Minutes without activity after which a pod that does no work is taken back",
    example: "20",
  },
  RUNNER_WARM: {
    schema: count(0, 16).default(1),
    about: "Runner processes kept ready for flows",
    example: "1",
  },
  RUNNER_LIMIT: {
    schema: count(1, 256).default(4),
    about: "Runner processes in all; each serves one workspace at a time",
    example: "4",
  },
  RUNNER_MEMORY_MB: {
    schema: count(192, 65_536).default(512),
    about: "Megabytes of resident memory above which a runner is ended",
    example: "512",
  },
  RUN_RETENTION_DAYS: {
    schema: count(1, 3_650).default(90),
    about: "Days after which finished runs and their events are deleted",
    example: "90",
  },
  AUDIT_RETENTION_DAYS: {
    schema: count(1, 36_500).optional(),
    about: "Days after which entries of the audit are deleted, oldest first; without it they are kept",
    example: "3650",
  },
  API_RATE_LIMIT: {
    schema: count(10, 10_000_000).default(1_000),
    about: "Requests a minute that one address may send to the HTTP API",
    example: "1000",
  },
  METRICS_TOKEN: {
    schema: z.string().min(16, "at least 16 characters").optional(),
    about: "Bearer token for /metrics; without it only loopback may read them",
    secret: true,
  },
} satisfies Record<string, Variable>;

const SERVICE_HELP = `
# Of each service of MCP_SERVICES, hyphens of its name as underscores (erp, quality-lab: MCP_SERVICE_QUALITY_LAB_ENDPOINT).
# Times in milliseconds, or with a unit such as 30s. TOKEN, API_KEY, ACCESS_TOKEN, REFRESH_TOKEN and CLIENT_SECRET also as
# <NAME>_FILE: a file that holds it. A refresh token that its issuer replaces at each use needs a client of its own for
# each process: prefer CLIENT_ID and CLIENT_SECRET.
# MCP_SERVICE_ERP_ENDPOINT=http://erp.example.com
# MCP_SERVICE_ERP_AUTH_TYPE=none, bearer, api_key or oauth
# MCP_SERVICE_ERP_TOKEN=
# MCP_SERVICE_ERP_API_KEY=
# MCP_SERVICE_ERP_API_KEY_HEADER=X-API-Key
# MCP_SERVICE_ERP_ACCESS_TOKEN=
# MCP_SERVICE_ERP_REFRESH_TOKEN=
# MCP_SERVICE_ERP_CLIENT_ID=
# MCP_SERVICE_ERP_CLIENT_SECRET=
# MCP_SERVICE_ERP_TOKEN_ENDPOINT=
# MCP_SERVICE_ERP_TIMEOUT=30s
# MCP_SERVICE_ERP_RATE_LIMIT_RPM=100
# MCP_SERVICE_ERP_RATE_LIMIT_BURST=20
# MCP_SERVICE_ERP_CB_FAILURE_THRESHOLD=5
# MCP_SERVICE_ERP_CB_RECOVERY_TIMEOUT=30s
# MCP_SERVICE_ERP_CB_HALF_OPEN_MAX_CALLS=3
`;

/** The text of `.env.example`. */
export function exampleFile(): string {
  const lines = Object.entries(VARIABLES as Record<string, Variable>).map(
    ([name, { about, example, secret }]) =>
      `# ${about}.${secret ? ` Or ${name}_FILE: a file that holds it.` : ""}\n# ${name}=${example ?? ""}\n`,
  );
  return `# Everything is optional: with nothing set the product runs in demo mode.\n\n${lines.join("\n")}${SERVICE_HELP}`;
}
