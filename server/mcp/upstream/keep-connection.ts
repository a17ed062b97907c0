import { AppError } from "../../kernel/errors.ts";
import { RpcError, type Exchange } from "../exchange.ts";
import type { KnownTool } from "../tool-set.ts";
import { orAborted } from "../waiting.ts";
import { shownUrl } from "./address.ts";
import type { ConnectionOptions, UpstreamConnection } from "./connection.ts";
import { explain, sentence, toAppError, type Failure } from "./failure.ts";
import { LIST_KINDS, type ListKind } from "./lists.ts";
import { paramHeaderValues } from "./param-headers.ts";
import type { Peer, PeerChange } from "./peer.ts";
import { takeStock, type Stock } from "./stock.ts";

interface Up {
  peer: Peer;
  /** Requests under way: it is closed when they are done. */
  busy: number;
  retired: boolean;
  stock: Stock;
  /** performance.now() of the lists. */
  listedAt: number;
}

/** How long the connection of one person stays open without being used. */
const IDLE_MS = 10 * 60_000;

export function keepConnection(options: ConnectionOptions): UpstreamConnection {
  const { definition, who, version, pace, log, clock, open: openPeer, credentials, changed } = options;
  let up: Up | undefined;
  let attempt: Promise<Up> | undefined;
  let listing: Promise<Stock> | undefined;
  let wanted = new Set<ListKind>();
  let failed: Failure | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  const stopping = new AbortController();
  let closed = false;
  let latencyMs: number | undefined;
  let checkedAt: Date | undefined;
  let usedAt = performance.now();
  const watched = new Map<string, number>();

  const seen = (since: number) => {
    latencyMs = Math.round(performance.now() - since);
    checkedAt = clock.now();
  };
  const schedule = (run: () => void, ms: number) => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(run, ms).unref();
  };
  const gone = (reason = "the gateway is stopping, or the upstream was removed") =>
    toAppError(definition, "", { code: "tool.unreachable", reason, mayHaveRun: false, gone: true, cause: undefined });
  const quietly = (work: Promise<unknown>) => void work.catch(() => undefined); // its failure is kept as the state

  const headers = () => credentials.headersFor(definition, who);
  /** With the credentials in use, and once more where they were refused and there are better ones. */
  const authorised = async <T>(work: (own: Record<string, string>) => Promise<T>): Promise<T> => {
    const own = await headers();
    try {
      return await work(own);
    } catch (error) {
      const { challenge } = explain(error);
      if (!challenge || !(await credentials.refused(definition, who, challenge, own))) throw error;
      return work(await headers());
    }
  };
  const list = (peer: Peer, kinds: readonly ListKind[], before?: Stock) =>
    authorised((own) =>
      takeStock({ definition, peer, review: options.review, log, before }, kinds, {
        headers: own,
        timeoutMs: pace.connectMs,
        signal: stopping.signal,
      }),
    );

  const open = async (): Promise<Up> => {
    const began = performance.now();
    let peer: Peer | undefined;
    try {
      const clientInfo = { name: "osf-gateway", title: "OSF Gateway", version };
      peer = await authorised(() =>
        openPeer(definition, {
          clientInfo,
          headers,
          connectMs: pace.connectMs,
          signal: stopping.signal,
          dial: options.dial,
          vault: options.vault,
          log,
        }),
      );
      const { stock, ttlMs } = await list(peer, LIST_KINDS);
      if (closed) throw gone();
      const opened: Up = { peer, busy: 0, retired: false, stock, listedAt: performance.now() };
      up = opened;
      if (failed) log.info({ upstream: definition.name }, "upstream is back");
      failed = undefined;
      failures = 0;
      seen(began);
      peer.onChange((change) => hear(opened, change));
      peer.onGone(() => renew(opened));
      for (const uri of watched.keys()) quietly(peer.watch(uri));
      schedule(later, nextRefresh(ttlMs));
      changed({ kind: "upstream" });
      return opened;
    } catch (error) {
      await peer?.close();
      if (closed) throw error;
      const why: Failure = { ...explain(error), mayHaveRun: false };
      if (!who && failed?.reason !== why.reason) {
        log.warn({ upstream: definition.name, reason: why.reason }, "upstream is down, trying again");
        changed({ kind: "upstream" });
      }
      checkedAt = clock.now();
      // Only this person can help; it is tried again when they come back.
      if (who && why.code === "upstream.auth") throw toAppError(definition, "", why);
      failed = why;
      const [shortest, longest] = pace.retryMs;
      schedule(() => quietly(connect()), Math.min(longest, shortest * 2 ** failures++));
      throw toAppError(definition, "", why);
    }
  };
  const connect = (): Promise<Up> => (attempt ??= open().finally(() => (attempt = undefined)));
  const nextRefresh = (ttlMs: number | undefined) => Math.min(Math.max(ttlMs ?? Infinity, 1_000), pace.refreshMs);

  const hear = (from: Up, change: PeerChange) => {
    if (up !== from) return;
    if (change.kind === "resource" || change.kind === "log") return changed(change);
    quietly(refresh([change.kind]));
  };

  /** The connection, where there is one or may soon be; the known reason at once, where there is none. */
  const acquire = async (): Promise<Up> => {
    if (closed) throw gone();
    if (up) return up;
    if (failed) throw toAppError(definition, "", failed);
    return connect();
  };
  /** Nothing more is asked of it; what is under way may still be answered. */
  const retire = (old: Up) => {
    if (up === old) up = undefined;
    old.retired = true;
    if (old.busy === 0) quietly(old.peer.close());
  };
  /** Gives up a connection that is of no use and opens another at once; whoever comes meanwhile waits for that one. */
  const renew = (old: Up) => {
    if (up !== old || closed) return;
    retire(old);
    quietly(connect());
  };
  const send = async (current: Up, exchange: Exchange, own: Record<string, string>) => {
    current.busy++;
    try {
      return await current.peer.request(exchange, own);
    } finally {
      if (--current.busy === 0 && current.retired) quietly(current.peer.close());
    }
  };

  /** A person's connection that is used no more is closed, and opened again when it is wanted. */
  const later = () => {
    if (who && up?.busy === 0 && watched.size === 0 && performance.now() - usedAt > IDLE_MS) retire(up);
    else quietly(refresh(LIST_KINDS));
  };

  const refresh = (kinds: readonly ListKind[]): Promise<Stock> => {
    for (const kind of kinds) wanted.add(kind);
    return (listing ??= (async () => {
      try {
        for (;;) {
          const current = await acquire();
          const now = [...wanted];
          wanted = new Set();
          const began = performance.now();
          try {
            const { stock, ttlMs, differs } = await list(current.peer, now, current.stock);
            // An unchanged list keeps its compiled schemas.
            if (differs.length > 0) current.stock = stock;
            if (now.length === LIST_KINDS.length) {
              current.listedAt = performance.now();
              schedule(later, nextRefresh(ttlMs));
            }
            seen(began);
            for (const kind of differs) changed({ kind });
          } catch (error) {
            if (closed) throw gone();
            const { reason } = explain(error);
            log.debug({ upstream: definition.name, reason }, "lists could not be asked for, connecting anew");
            renew(current);
            return (await connect()).stock;
          }
          if (wanted.size === 0) return (up ?? current).stock;
        }
      } finally {
        listing = undefined;
      }
    })());
  };

  return {
    definition,
    wake() {
      if (!up && !failed && !attempt) quietly(acquire());
    },
    async stock() {
      usedAt = performance.now();
      return (await acquire()).stock;
    },
    known() {
      usedAt = performance.now();
      return up?.stock;
    },
    async refresh(olderThanMs = 0) {
      if (!up) return (await (closed ? acquire() : connect())).stock;
      return performance.now() - up.listedAt >= olderThanMs ? refresh(LIST_KINDS) : up.stock;
    },
    judgeAnew() {
      if (up) quietly(refresh(["tools"]));
    },
    async request(exchange, own, tool) {
      for (let first = true; ; first = false) {
        const current = up ?? (await orAborted(acquire(), exchange.signal));
        const began = performance.now();
        if (tool && !isStill(tool, current.stock.tools.byOwnName.get(tool.listed.name))) throw changedMeanwhile(tool);
        const declared = tool && current.stock.paramHeaders.get(tool.listed.name);
        const sent = declared ? { ...own, ...paramHeaderValues(declared, exchange.params["arguments"]) } : own;
        try {
          const result = await send(current, exchange, sent);
          seen(began);
          return result;
        } catch (error) {
          exchange.signal?.throwIfAborted();
          if (error instanceof RpcError) throw error;
          const why = explain(error);
          if (why.gone) renew(current);
          // whether what may have run is tried again is for the limits to say
          const again = why.gone && !why.mayHaveRun;
          if (!first || !again || closed) throw toAppError(definition, tool?.name ?? "", why);
        }
      }
    },
    async watch(uri) {
      const count = watched.get(uri) ?? 0;
      const { peer } = await acquire();
      if (count === 0) {
        try {
          await peer.watch(uri);
        } catch (error) {
          throw error instanceof RpcError ? error : toAppError(definition, "", explain(error));
        }
      }
      watched.set(uri, (watched.get(uri) ?? 0) + 1);
      let over = false;
      return () => {
        if (over) return;
        over = true;
        const left = (watched.get(uri) ?? 1) - 1;
        if (left > 0) return void watched.set(uri, left);
        watched.delete(uri);
        if (up) quietly(up.peer.unwatch(uri));
      };
    },
    state() {
      const { id, name, title, url, source, workspaceId, enabled } = definition;
      return {
        id,
        name,
        title,
        url: shownUrl(url),
        source,
        transport: definition.transport.kind,
        workspaceId,
        enabled,
        ...(definition.policy.roles?.length && { roles: definition.policy.roles }),
        state: up ? "ok" : failed ? "down" : "connecting",
        ...(!up && failed && { problem: sentence(definition, failed) }),
        ...(up && { protocol: up.peer.protocol, era: up.peer.era }),
        ...(up?.peer.serverInfo.version && { serverVersion: up.peer.serverInfo.version }),
        tools: up?.stock.tools.tools.length ?? 0,
        ...(latencyMs !== undefined && { latencyMs }),
        ...(checkedAt && { checkedAt }),
      };
    },
    retire() {
      closed = true;
      stopping.abort();
      clearTimeout(timer);
      if (up) retire(up);
    },
    async close() {
      closed = true;
      stopping.abort();
      clearTimeout(timer);
      const last = up;
      up = undefined;
      await Promise.all([last?.peer.close(), attempt?.catch(() => undefined)]);
    },
  };
}

/**
 * A call may have waited long since it was judged: for a person's consent, for room, for the connection. What was put in
 * quarantine meanwhile, or is judged otherwise, does not go out by the old verdict.
 */
const isStill = (tool: KnownTool, now: KnownTool | undefined): boolean =>
  now === tool ||
  (now !== undefined &&
    now.class === tool.class &&
    (tool.consent || !now.consent) &&
    JSON.stringify(now.roles) === JSON.stringify(tool.roles));

const changedMeanwhile = ({ name }: KnownTool) =>
  new AppError("conflict", "tool.changed", `The tool ${name} has changed in this moment and was not called`, {
    extra: { mayHaveRun: false },
  });
