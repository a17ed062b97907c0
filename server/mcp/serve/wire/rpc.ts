import { anticipated, STATUS, type AppError } from "../../../kernel/errors.ts";
import { RpcError, type Json } from "../../exchange.ts";

export type RpcId = string | number;
export interface RpcRequest {
  id: RpcId;
  method: string;
  params: Json;
}

/** JSON-RPC and MCP error codes; the last four are those of revision 2026-07-28 and of URL elicitation (2025-11-25). */
export const CODE = {
  parse: -32700,
  request: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  session: -32001,
  headers: -32020,
  capability: -32021,
  version: -32022,
  urlElicitation: -32042,
} as const;

export const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
export const CLIENT_KEY = "io.modelcontextprotocol/clientInfo";
export const CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities";
export const LOG_LEVEL_KEY = "io.modelcontextprotocol/logLevel";
export const SERVER_KEY = "io.modelcontextprotocol/serverInfo";
export const SUBSCRIPTION_KEY = "io.modelcontextprotocol/subscriptionId";

export const MODERN = "2026-07-28";
/** Newest first: what a client that asks for another is offered. */
export const LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object under a key, or an empty one. */
export const objectAt = (holder: Json | undefined, key: string): Json => {
  const value = holder?.[key];
  return isObject(value) ? value : {};
};

/** An error that has an HTTP status of its own; others are answered within HTTP 200. */
export class WireError extends RpcError {
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, code: number, message: string, data?: unknown, headers: Record<string, string> = {}) {
    super(code, message, data);
    this.status = status;
    this.headers = headers;
  }
}

export const unknownMethod = (method: string) => new WireError(404, CODE.method, `Method not found: ${method}`);
export const invalidParams = (message: string, data?: unknown) => new RpcError(CODE.params, message, data);

/** What goes onto the wire for anything thrown, and with which HTTP status. Texts of bugs stay here. */
export function failureOf(error: unknown): { status: number; error: Json; headers: Record<string, string> } {
  if (error instanceof RpcError) {
    const { code, message, data } = error;
    const status = error instanceof WireError ? error.status : code === CODE.capability ? 400 : 200;
    return {
      status,
      error: { code, message, ...(data !== undefined && { data }) },
      headers: error instanceof WireError ? error.headers : {},
    };
  }
  const known = anticipated(error);
  if (!known || known.kind === "bug")
    return { status: 500, error: { code: CODE.internal, message: "A mistake of ours; it was logged" }, headers: {} };
  const { kind, code, message, hints } = known;
  const data = {
    code,
    ...(hints.retryAfter !== undefined && { retryAfter: hints.retryAfter }),
    ...(hints.fields && { fields: hints.fields }),
    ...hints.extra,
  };
  const wrong = kind === "invalid" || kind === "missing" || kind === "unprocessable";
  return {
    status: HTTP_KINDS.has(kind) ? STATUS[kind] : 200,
    error: { code: wrong ? CODE.params : CODE.internal, message, data },
    headers: {
      ...hints.headers,
      ...(hints.retryAfter !== undefined && { "Retry-After": String(hints.retryAfter) }),
    },
  };
}

/** What HTTP itself should know of: whoever stands between needs these, the client's retry logic too. */
const HTTP_KINDS = new Set<AppError["kind"]>([
  "unauthenticated",
  "forbidden",
  "method",
  "large",
  "limited",
  "unavailable",
]);

/**
 * A failed call as a tool's own failure, which a model can read and act on (MCP: execution errors); undefined for what
 * is an error of the protocol: no such tool, a credential without the scope, a mistake of ours.
 */
export function toolFailure(error: unknown): Json | undefined {
  const known = anticipated(error);
  if (!known || known.kind === "bug" || known.kind === "missing" || known.kind === "unauthenticated") return undefined;
  const { message, code, hints } = known;
  const { fields, retryAfter } = hints;
  const wrong = fields?.map(({ path, message: what }) => `- ${path || "arguments"}: ${what}`) ?? [];
  return {
    content: [{ type: "text", text: [message, ...wrong].join("\n") }],
    isError: true,
    _meta: {
      "osf/error": { code, ...(retryAfter !== undefined && { retryAfter }), ...(fields && { fields }), ...hints.extra },
    },
  };
}
