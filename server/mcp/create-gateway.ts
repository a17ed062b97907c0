import type { Registry as MetricsRegistry } from "prom-client";
import type { Clock } from "../kernel/clock.ts";
import { AppError, missing } from "../kernel/errors.ts";
import type { Live } from "../kernel/live.ts";
import type { Log } from "../kernel/log.ts";
import type { AuditWriter } from "./audit.ts";
import { callTool } from "./call-tool.ts";
import type { CredentialSource } from "./credentials/source.ts";
import { noCredentials } from "./no-credentials.ts";
import type { Exchange, Next, Stage, TargetTool, Viewer } from "./exchange.ts";
import type { GatewayChange, ToolGateway, UpstreamSource, UpstreamState } from "./gateway.ts";
import { noMetrics, toolMetrics } from "./metrics.ts";
import { byName } from "./names.ts";
import { recordExchange } from "./record-exchange.ts";
import { createRegistry, type Registered } from "./registry.ts";
import { mayUse, type ToolReview } from "./review.ts";
import { noReview, type KnownTool } from "./tool-set.ts";
import type { Vault } from "./vault.ts";
import { inTime, within } from "./waiting.ts";
import { shownUrl } from "./upstream/address.ts";
import { isObject } from "./upstream/message.ts";
import { PACE, type Pace, type UpstreamConnection } from "./upstream/connection.ts";
import type { DialOptions } from "./upstream/dial.ts";
import { keepConnection } from "./upstream/keep-connection.ts";
import { peerOpener, type PeerOpeners } from "./upstream/open-peer.ts";

export interface GatewayOptions {
  upstreams: UpstreamSource;
  /** The gateway's own from here on: it closes it. */
  audit: AuditWriter;
  /** For the live event of each call; none are sent without it. */
  live?: Pick<Live, "publish">;
  log: Log;
  clock: Clock;
  /** Milliseconds, where a call does not say. */
  defaultTimeoutMs: number;
  /** The product's own, which upstreams are told. */
  version: string;
  /** Where `osf_tool_calls_total` and `osf_tool_call_seconds` are registered. */
  metrics?: MetricsRegistry;
  pace?: Partial<Pace>;
  /** On the way of every exchange, the outermost first: policy, consent, limits, credentials. */
  stages?: Stage[];
  /** Without it everything that is listed may be used. */
  review?: ToolReview;
  /** For what nobody asked for, such as lists, and for connections of persons. Without it: none. */
  credentials?: CredentialSource;
  vault?: Vault;
  /** Which addresses may be dialled beside the public ones and those that an upstream's policy admits. */
  dial?: Pick<DialOptions, "allow" | "lookup">;
  /** How further kinds of upstreams are opened. */
  openers?: PeerOpeners;
}

/** How young a list must be for an unknown name to be believed unknown without asking again. */
const BELIEVE_MS = 1_000;

/** The gateway of one process. Connects to an upstream when it is first wanted. */
export function createToolGateway(options: GatewayOptions): ToolGateway {
  const { audit, log, clock, defaultTimeoutMs, version, stages = [], vault } = options;
  const pace = { ...PACE, ...options.pace };
  const review = options.review ?? noReview;
  const listeners = new Set<(change: GatewayChange) => void>();
  const tell = (change: GatewayChange) => listeners.forEach((heard) => heard(change));
  const open = peerOpener(options.openers);
  const about = ({ id, name, workspaceId }: UpstreamConnection["definition"], userId: string | null) => ({
    upstreamId: id,
    upstream: name,
    workspaceId,
    userId,
  });
  const registry = createRegistry({
    source: options.upstreams,
    open: (definition, who) =>
      keepConnection({
        definition,
        who,
        version,
        pace,
        log,
        clock,
        open,
        dial: options.dial ?? { allow: [] },
        credentials: options.credentials ?? noCredentials,
        review,
        vault,
        changed: (change) => tell({ ...about(definition, who?.userId ?? null), ...change }),
      }),
    changed: (definition) => tell({ ...about(definition, null), kind: "upstream" }),
    log,
  });
  const stopReview = review.onChange((id) =>
    registry
      .byId(id)
      ?.connections()
      .forEach((one) => one.judgeAnew()),
  );

  /** Throws `missing` where the viewer may not use it: it cannot be told from one that is not there. */
  const find = async (viewer: Viewer, name: string): Promise<UpstreamConnection> => {
    const found =
      registry.known(viewer.workspaceId, name) ??
      (await registry.visible(viewer.workspaceId)).find(({ definition }) => definition.name === name);
    if (!found || !isOpenTo(found, viewer)) throw missing("MCP server", "upstream.missing");
    return found.connection(viewer);
  };
  /** The connection, up, and of `tools/call` the tool. */
  const locate = async (upstream: string, { caller, method, params }: Exchange): Promise<Located> => {
    const connection = await find(caller.actor, upstream);
    const { tools } = connection.known() ?? (await connection.stock());
    if (method !== "tools/call") return { connection };
    const name = String(params["name"]);
    const tool = tools.byOwnName.get(name) ?? (await connection.refresh(BELIEVE_MS)).tools.byOwnName.get(name);
    if (!tool || !mayUse(caller.actor, connection.definition, tool)) throw missing("tool");
    return { connection, tool };
  };
  const isAtHand = (upstream: string, { caller: { actor }, method, params }: Exchange): boolean => {
    const stock = registry.known(actor.workspaceId, upstream)?.connection(actor).known();
    return stock !== undefined && (method !== "tools/call" || stock.tools.byOwnName.has(String(params["name"])));
  };

  const metrics = options.metrics ? toolMetrics(options.metrics) : noMetrics;
  const recorded = recordExchange({ audit, log, metrics, ...(options.live && { live: options.live }) });

  const exchange: ToolGateway["exchange"] = (upstream, asked) =>
    recorded(upstream, asked, async (note) => {
      const wanted = locate(upstream, asked);
      // The first connection to an upstream must not take longer than the request that wants it.
      const { connection, tool } = isAtHand(upstream, asked) ? await wanted : await inTime(wanted, asked, upstream);
      if (tool) {
        note.tool = tool;
        checkArguments(connection, tool, asked);
      }
      asked.signal?.throwIfAborted();
      const { definition } = connection;
      const last: Next = (exchange, { headers }) => {
        note.approverId = exchange.caller.approverId;
        return connection.request(exchange, headers, tool);
      };
      return chain(stages, last)(withMeta(asked), {
        definition,
        tool: tool && targetOf(tool),
        headers: headersOf(asked),
      });
    });

  const offers = async (viewer: Viewer) => {
    const usable = (await registry.visible(viewer.workspaceId)).filter((one) => isOpenTo(one, viewer));
    const found = await Promise.all(
      usable.map((one) => {
        const connection = one.connection(viewer);
        return connection.known() ?? within(pace.listMs, connection.stock());
      }),
    );
    return found.flatMap((stock) => (stock ? [stock.offer(viewer)] : []));
  };

  return {
    exchange,
    offers,
    offer: async (viewer, upstream) => (await (await find(viewer, upstream)).stock()).offer(viewer),
    async list(viewer) {
      return (await offers(viewer)).flatMap(({ tools }) => tools).sort(byName);
    },
    call: (call) => callTool(call, defaultTimeoutMs, exchange),
    onChange: (heard) => (listeners.add(heard), () => void listeners.delete(heard)),
    watch: async (viewer, upstream, uri) => (await find(viewer, upstream)).watch(uri),

    async upstreams(workspaceId) {
      return (await registry.visible(workspaceId)).map((one) => {
        if (one.definition.enabled) wake(one);
        return stateOf(one);
      });
    },
    async check(name, workspaceId) {
      const found = (await registry.visible(workspaceId)).find(({ definition }) => definition.name === name);
      if (!found) throw missing("MCP server", "upstream.missing");
      wake(found);
      // What is wrong with it is part of the state.
      if (found.definition.enabled)
        await Promise.all(found.connections().map((connection) => connection.refresh().catch(() => undefined)));
      return stateOf(found);
    },
    reload: () => registry.reload(),
    async close() {
      stopReview();
      await registry.close();
      await audit.close();
    },
  };
}

interface Located {
  connection: UpstreamConnection;
  tool?: KnownTool;
}

const isOpenTo = ({ definition }: Registered, viewer: Viewer): boolean =>
  definition.enabled && mayUse(viewer, definition, { roles: [] });

const chain = (stages: readonly Stage[], last: Next): Next =>
  stages.reduceRight<Next>((next, stage) => (exchange, target) => stage(exchange, target, next), last);

const targetOf = ({ listed, title, class: kind, repeatable, consent, roles }: KnownTool): TargetTool => ({
  name: listed.name,
  title,
  class: kind,
  repeatable,
  consent,
  roles,
});

const headersOf = ({ caller: { requestId, traceparent } }: Exchange): Record<string, string> => ({
  ...(requestId && /^[\x21-\x7e]{1,200}$/.test(requestId) && { "X-Correlation-ID": requestId }),
  ...(traceparent && TRACEPARENT.test(traceparent) && { traceparent }),
});
/** W3C Trace Context, 3.2. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function withMeta(exchange: Exchange): Exchange {
  const { caller, params } = exchange;
  if (!caller.idempotencyKey) return exchange;
  const meta = { ...(isObject(params["_meta"]) && params["_meta"]), "osf/idempotency-key": caller.idempotencyKey };
  return { ...exchange, params: { ...params, _meta: meta } };
}

function checkArguments(connection: UpstreamConnection, tool: KnownTool, { params }: Exchange): void {
  const args = params["arguments"] ?? {};
  const fields = isObject(args)
    ? connection.known()?.tools.check(tool, args)
    : [{ path: "", message: "must be an object" }];
  if (fields?.length)
    throw new AppError("invalid", "tool.arguments", `The arguments do not fit the tool ${tool.name}`, { fields });
}

/** Where each person has a connection of their own there is none to wake, and the best of them tells the state. */
const perPerson = ({ definition }: Registered) => definition.auth.kind === "oauth-user";
const wake = (one: Registered) => {
  if (!perPerson(one)) one.connection({ workspaceId: "", userId: "", role: "viewer" }).wake();
};

function stateOf(one: Registered): UpstreamState {
  const { definition } = one;
  const states = one.connections().map((connection) => connection.state());
  const best = states.find(({ state }) => state === "ok") ?? states[0];
  const { id, name, title, source, workspaceId, enabled } = definition;
  const known = best ?? {
    id,
    name,
    title,
    source,
    workspaceId,
    enabled,
    url: shownUrl(definition.url),
    transport: definition.transport.kind,
    state: "connecting" as const,
    tools: 0,
  };
  return enabled ? known : { ...known, state: "disabled" };
}
