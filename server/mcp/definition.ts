import type { Role } from "../kernel/permissions.ts";

/** How the gateway reaches an upstream. Texts may hold `${NAME}`: a secret of the upstream's workspace. */
export type UpstreamTransport =
  /** Streamable HTTP, of whatever revision the server speaks. */
  | { kind: "http" }
  /** HTTP+SSE of revision 2024-11-05. */
  | { kind: "sse" }
  /** A child process of the gateway, contained. Only the platform's owner registers these. */
  | { kind: "stdio"; command: string; args: string[]; env: Record<string, string> }
  /** A plain HTTP service: each operation of its OpenAPI document is a tool. */
  | { kind: "openapi"; document: string | Record<string, unknown> }
  /** A plain HTTP service: `POST {url}/api/{operation}` for each operation of the definition. */
  | { kind: "service"; operations: ServiceOperation[] };

export interface ServiceOperation {
  name: string;
  title?: string;
  description?: string;
  /** JSON Schema, of an object. */
  inputSchema: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
  annotations?: {
    readOnlyHint?: boolean;
    destructiveHint?: boolean;
    idempotentHint?: boolean;
    openWorldHint?: boolean;
  };
}

/** How the gateway proves towards an upstream who it is. Values hold `${NAME}` of secrets; rows never hold a value. */
export type UpstreamAuth =
  | { kind: "none" }
  | { kind: "bearer"; token: string }
  | { kind: "header"; header: string; value: string }
  /** OAuth 2.1 client credentials, or a refresh token that the gateway was given; one token for all callers. */
  | {
      kind: "oauth-client";
      clientId: string;
      clientSecret?: string;
      scopes?: string[];
      tokenEndpoint?: string;
      /** Exchanged for tokens. Each process keeps to itself what the issuer gives in its place. */
      refreshToken?: string;
    }
  /** OAuth 2.1 authorization code with PKCE: each person gives their own consent. */
  | { kind: "oauth-user"; clientId?: string; clientSecret?: string; scopes?: string[] };

/** Bounds of an upstream; what is not said is taken from `DEFAULT_POLICY`. Times in milliseconds. */
export interface UpstreamPolicy {
  timeoutMs?: number;
  /** Calls at a time; more wait in the queue of `rate`. */
  concurrency?: number;
  /** Token bucket: refill, capacity; what finds it empty waits, so many and so long, then is refused. */
  rate?: { requestsPerMinute: number; burst: number; queue: number; queueMs: number };
  /** The same for each caller (person in a workspace). */
  callerRate?: { requestsPerMinute: number; burst: number };
  breaker?: { failureThreshold: number; recoveryMs: number; halfOpenMaxCalls: number };
  /** Only what is repeatable or provably never left is tried again. */
  retry?: { backoff: "exponential" | "linear"; initialDelayMs: number; maxDelayMs: number; maxAttempts: number };
  /** Who may use it; empty or missing: everybody in the workspace. */
  roles?: Role[];
  /** Which classes of its tools need a person's consent for each call. */
  approval?: "never" | "dangerous" | "writes";
  /** The address may be a private one: it was registered by the platform's owner. */
  privateNetwork?: boolean;
}

/** `first-use`: what it lists first is taken, later changes are quarantined; `approve`: everything waits; `off`. */
export type Pinning = "first-use" | "approve" | "off";

/** An upstream as it is registered. */
export interface UpstreamDefinition {
  /** The row's id; the name of one that comes with the settings. */
  id: string;
  name: string;
  title: string;
  /** Of stdio: what people are shown, the command. */
  url: string;
  source: "demo" | "environment" | "admin" | "catalogue";
  /** The workspace that it is limited to; null: all. */
  workspaceId: string | null;
  enabled: boolean;
  transport: UpstreamTransport;
  auth: UpstreamAuth;
  policy: UpstreamPolicy;
  pinning: Pinning;
}
