import type { Role } from "#server/kernel/permissions.ts";
import type { UpstreamDetails } from "#server/features/upstreams/schema.ts";
import type { Pinning, UpstreamAuth, UpstreamPolicy, UpstreamTransport } from "#server/mcp/definition.ts";

/** What can be set of a server; the same paths as the definition that is sent, so that what is refused finds its field. */
export interface ServerValues {
  name: string;
  title: string;
  url: string;
  scope: "all" | "workspace";
  enabled: boolean;
  transport: {
    kind: UpstreamTransport["kind"];
    command: string;
    /** One a line. */
    args: string;
    /** `NAME=value`, one a line. */
    env: string;
    document: string;
    /** JSON; empty: the service is asked for them. */
    operations: string;
  };
  auth: {
    kind: UpstreamAuth["kind"];
    token: string;
    header: string;
    value: string;
    clientId: string;
    clientSecret: string;
    /** Between spaces. */
    scopes: string;
    tokenEndpoint: string;
  };
  policy: {
    timeoutMs: number | "";
    concurrency: number | "";
    rate: Numbers<"requestsPerMinute" | "burst" | "queue" | "queueMs">;
    callerRate: Numbers<"requestsPerMinute" | "burst">;
    breaker: Numbers<"failureThreshold" | "recoveryMs" | "halfOpenMaxCalls">;
    retry: Numbers<"initialDelayMs" | "maxDelayMs" | "maxAttempts"> & { backoff: "exponential" | "linear" };
    roles: Role[];
    approval: "never" | "dangerous" | "writes";
    privateNetwork: boolean;
  };
  pinning: Pinning;
}

/** "" is not set: the gateway's own bound holds. */
type Numbers<Names extends string> = Record<Names, number | "">;

/** A server as it is, as far as it can be set. */
export type KnownServer = Pick<
  UpstreamDetails,
  "name" | "title" | "url" | "scope" | "enabled" | "transport" | "auth" | "policy" | "pinning"
>;

/** The form of a new server, or of one that is there. */
export function serverValues(known?: KnownServer): ServerValues {
  const transport = known?.transport ?? { kind: "http" as const };
  const auth = known?.auth ?? { kind: "none" as const };
  const policy = known?.policy ?? {};
  const { rate, callerRate, breaker, retry } = policy;
  return {
    name: known?.name ?? "",
    title: known?.title ?? "",
    url: known?.url ?? "",
    scope: known?.scope ?? "workspace",
    enabled: known?.enabled ?? true,
    transport: {
      kind: transport.kind,
      command: transport.kind === "stdio" ? transport.command : "",
      args: transport.kind === "stdio" ? transport.args.join("\n") : "",
      env: transport.kind === "stdio" ? lines(transport.env) : "",
      document: transport.kind === "openapi" ? written(transport.document) : "",
      operations: transport.kind === "service" && transport.operations.length > 0 ? written(transport.operations) : "",
    },
    auth: {
      kind: auth.kind,
      token: auth.kind === "bearer" ? auth.token : "",
      header: auth.kind === "header" ? auth.header : "X-API-Key",
      value: auth.kind === "header" ? auth.value : "",
      clientId: "clientId" in auth ? (auth.clientId ?? "") : "",
      clientSecret: "clientSecret" in auth ? (auth.clientSecret ?? "") : "",
      scopes: "scopes" in auth ? (auth.scopes ?? []).join(" ") : "",
      tokenEndpoint: auth.kind === "oauth-client" ? (auth.tokenEndpoint ?? "") : "",
    },
    policy: {
      timeoutMs: policy.timeoutMs ?? "",
      concurrency: policy.concurrency ?? "",
      rate: {
        requestsPerMinute: rate?.requestsPerMinute ?? "",
        burst: rate?.burst ?? "",
        queue: rate?.queue ?? "",
        queueMs: rate?.queueMs ?? "",
      },
      callerRate: { requestsPerMinute: callerRate?.requestsPerMinute ?? "", burst: callerRate?.burst ?? "" },
      breaker: {
        failureThreshold: breaker?.failureThreshold ?? "",
        recoveryMs: breaker?.recoveryMs ?? "",
        halfOpenMaxCalls: breaker?.halfOpenMaxCalls ?? "",
      },
      retry: {
        backoff: retry?.backoff ?? "exponential",
        initialDelayMs: retry?.initialDelayMs ?? "",
        maxDelayMs: retry?.maxDelayMs ?? "",
        maxAttempts: retry?.maxAttempts ?? "",
      },
      roles: policy.roles ?? [],
      approval: policy.approval ?? "dangerous",
      privateNetwork: policy.privateNetwork ?? false,
    },
    pinning: known?.pinning ?? "first-use",
  };
}

export type ValueProblem = "json" | "together";

/** The definition that the form says, or what is wrong with it, by path. */
export function definitionOf(values: ServerValues): {
  definition: Pick<KnownServer, "transport" | "auth" | "policy" | "pinning">;
  problems: Record<string, ValueProblem>;
} {
  const problems: Record<string, ValueProblem> = {};
  return {
    definition: {
      transport: transportOf(values.transport, problems),
      auth: authOf(values.auth),
      policy: policyOf(values.policy, problems),
      pinning: values.pinning,
    },
    problems,
  };
}

function transportOf(given: ServerValues["transport"], problems: Record<string, ValueProblem>): UpstreamTransport {
  switch (given.kind) {
    case "stdio":
      return {
        kind: "stdio",
        command: given.command.trim(),
        args: given.args.split("\n").filter((line) => line.trim() !== ""),
        env: Object.fromEntries(
          given.env
            .split("\n")
            .filter((line) => line.trim() !== "")
            .map((line) => {
              const at = line.indexOf("=");
              return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1)];
            }),
        ),
      };
    case "openapi":
      return { kind: "openapi", document: given.document.trim() };
    case "service": {
      const text = given.operations.trim();
      if (text === "") return { kind: "service", operations: [] };
      try {
        // what it holds is judged by the server
        return { kind: "service", operations: JSON.parse(text) as [] };
      } catch {
        problems["transport.operations"] = "json";
        return { kind: "service", operations: [] };
      }
    }
    default:
      return { kind: given.kind };
  }
}

function authOf(given: ServerValues["auth"]): UpstreamAuth {
  const scopes = given.scopes.split(/[\s,]+/).filter(Boolean);
  const asked = scopes.length > 0 ? { scopes } : {};
  const clientId = given.clientId.trim();
  switch (given.kind) {
    case "bearer":
      return { kind: "bearer", token: given.token.trim() };
    case "header":
      return { kind: "header", header: given.header.trim(), value: given.value.trim() };
    case "oauth-client":
      return {
        kind: "oauth-client",
        clientId,
        clientSecret: given.clientSecret.trim(),
        ...asked,
        ...(given.tokenEndpoint.trim() ? { tokenEndpoint: given.tokenEndpoint.trim() } : {}),
      };
    case "oauth-user":
      return {
        kind: "oauth-user",
        ...(clientId ? { clientId } : {}),
        ...(given.clientSecret.trim() ? { clientSecret: given.clientSecret.trim() } : {}),
        ...asked,
      };
    case "none":
      return { kind: "none" };
  }
}

function policyOf(given: ServerValues["policy"], problems: Record<string, ValueProblem>): UpstreamPolicy {
  const { timeoutMs, concurrency, roles, approval, privateNetwork } = given;
  /** A group counts when its first value is given; then the others are needed, but for those with a default. */
  const group = <T extends object>(
    name: string,
    values: Record<string, number | "">,
    optional: string[] = [],
  ): Partial<T> => {
    const entries = Object.entries(values);
    if (entries.every(([, value]) => value === "")) return {};
    for (const [key, value] of entries)
      if (value === "" && !optional.includes(key)) problems[`policy.${name}.${key}`] = "together";
    // complete, or its problems keep it from being sent
    return { [name]: Object.fromEntries(entries.filter(([, value]) => value !== "")) } as Partial<T>;
  };
  const { backoff, ...delays } = given.retry;
  const retry = group<{ retry: Omit<NonNullable<UpstreamPolicy["retry"]>, "backoff"> }>("retry", delays);
  return {
    ...(timeoutMs === "" ? {} : { timeoutMs }),
    ...(concurrency === "" ? {} : { concurrency }),
    ...group<Pick<UpstreamPolicy, "rate">>("rate", given.rate, ["queue", "queueMs"]),
    ...group<Pick<UpstreamPolicy, "callerRate">>("callerRate", given.callerRate),
    ...group<Pick<UpstreamPolicy, "breaker">>("breaker", given.breaker),
    ...(retry.retry ? { retry: { ...retry.retry, backoff } } : {}),
    ...(roles.length > 0 ? { roles } : {}),
    approval,
    ...(privateNetwork ? { privateNetwork } : {}),
  };
}

const written = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
const lines = (env: Record<string, string>) =>
  Object.entries(env)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
