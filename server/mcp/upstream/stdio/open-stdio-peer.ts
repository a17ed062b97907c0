import { setTimeout as wait } from "node:timers/promises";
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/client";
import { AppError } from "../../../kernel/errors.ts";
import type { Json } from "../../exchange.ts";
import type { UpstreamDefinition } from "../../definition.ts";
import { secretNames, type Vault } from "../../vault.ts";
import type { HttpWire } from "../http-wire.ts";
import { legacyPeer } from "../legacy-peer.ts";
import type { Message } from "../message.ts";
import { MODERN_REVISION, modernPeer, modernSend } from "../modern-peer.ts";
import type { PeerContext, PeerOpener } from "../open-peer.ts";
import type { Peer } from "../peer.ts";
import { Closed, CutOff, SessionLost } from "../wire-errors.ts";
import { startChild, type StdioChild } from "./child.ts";
import { makeHome, type ProcessEnvironment } from "./home.ts";
import { processLog, type LogLine, type ProcessLog } from "./process-log.ts";
import { openStdioSession } from "./stdio-session.ts";
import { stdioWire } from "./stdio-wire.ts";

export interface StdioOptions {
  /** Commands that may be started, as they are registered; none: there are no such servers here. */
  commands: readonly string[];
  dataDir: string;
  environment: ProcessEnvironment;
  /** Megabytes of resident memory of one server. */
  memoryMb: number;
  now(): Date;
}

export interface StdioServers {
  open: PeerOpener;
  /** The last lines of a server's processes in this part of the product. */
  log(upstreamId: string): LogLine[];
}

/** Programs that are fetched when they are first started take their time. */
const START_MS = 60_000;
const ENDING_MS = 1_000;
/** How long a server that has answered the ping may still answer `server/discover`. */
const DISCOVER_GRACE_MS = 1_000;
/** A process that ends sooner than this was no good; the next one waits, at most so long. */
const EARLY_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_LOGS = 200;

/** Upstreams that are child processes of the gateway: started, contained, started again. */
export function stdioServers(options: StdioOptions): StdioServers {
  const logs = new Map<string, ProcessLog>();
  const logOf = (id: string): ProcessLog => {
    const log = logs.get(id) ?? processLog(options.now);
    logs.set(id, log);
    if (logs.size > MOST_LOGS) logs.delete(logs.keys().next().value ?? id);
    return log;
  };
  return {
    open: (definition, context) => openStdioPeer(definition, context, options, logOf(definition.id)),
    log: (upstreamId) => logs.get(upstreamId)?.lines() ?? [],
  };
}

/**
 * Starts the server and finds out which revision it speaks: asked for `server/discover` first, it answers as one of
 * 2026-07-28, or refuses, or is silent while it answers a ping: then it is one of 2025 and gets `initialize`. Throws
 * AppError, which says how the process ended where it did.
 */
async function openStdioPeer(
  definition: UpstreamDefinition,
  context: PeerContext,
  options: StdioOptions,
  log: ProcessLog,
): Promise<Peer> {
  const { clientInfo, headers, signal } = context;
  const start = await starter(definition, context, options, log);
  const first = await start();
  const stop = () => void first.child.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { wire, hear } = stdioWire(first.child);
    first.listen(hear);
    const discovered = await discover(wire, clientInfo, signal);
    if (discovered) {
      const modern = { wire, clientInfo, headers };
      const peer = modernPeer(modern, modernSend(modern), discovered, START_MS);
      return { ...peer, onGone: (gone) => void first.child.ended.then((how) => gone(new Error(how))) };
    }
    let spare: typeof first | undefined = first;
    return await legacyPeer(
      {
        clientInfo,
        headers,
        connectMs: START_MS,
        async open(changed) {
          const started = spare ?? (await start());
          spare = undefined;
          return openStdioSession(started.child, started.listen, changed);
        },
        close: async () => undefined,
      },
      signal,
    );
  } catch (error) {
    const ending = error instanceof CutOff || error instanceof Closed || error instanceof SessionLost;
    // One that takes no more is about to end, and how it ends says more than that it was stopped.
    if (ending) await Promise.race([first.child.ended, wait(ENDING_MS, undefined, { ref: false })]);
    await first.child.close();
    if (!ending) throw error;
    // The last line but the one that tells its end.
    const last = log.lines().at(-2)?.text.slice(0, 300);
    const reason = `${await first.child.ended}${last ? `; it said: ${last}` : ""}`;
    const message = `The server ${definition.title} could not be started: ${reason}`;
    throw new AppError("upstream", "tool.unreachable", message, {
      extra: { mayHaveRun: false },
      detail: { reason },
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** What it says of itself where it speaks the revision of 2026. Throws CutOff where the process ends. */
async function discover(wire: HttpWire, clientInfo: Json, signal: AbortSignal): Promise<Json | undefined> {
  const asked = new AbortController();
  const any = AbortSignal.any([signal, asked.signal, AbortSignal.timeout(START_MS)]);
  const _meta = {
    [PROTOCOL_VERSION_META_KEY]: MODERN_REVISION,
    [CLIENT_INFO_META_KEY]: clientInfo,
    [CLIENT_CAPABILITIES_META_KEY]: {},
  };
  // Ids that no request after it has.
  const ask = async (method: string) => {
    let answer: Message | undefined;
    const message: Message = { jsonrpc: "2.0", id: `osf:${method}`, method, params: { _meta } };
    await wire.post(message, { headers: {}, signal: any, era: "modern", heard: (one) => void (answer = one) });
    return answer?.result;
  };
  const pinged = ask("ping").then(() => wait(DISCOVER_GRACE_MS, undefined, { signal: any }));
  pinged.catch(() => undefined); // the other one may be first
  try {
    const result = await Promise.race([ask("server/discover"), pinged]);
    const versions = result?.["supportedVersions"];
    return Array.isArray(versions) && versions.includes(MODERN_REVISION) ? result : undefined;
  } finally {
    asked.abort();
  }
}

interface Started {
  child: StdioChild;
  /** Who hears its messages from now on. */
  listen(heard: (message: Message) => void): void;
}

/** Checks that the server may be started at all, and answers what starts a process of it. */
async function starter(
  definition: UpstreamDefinition,
  { vault, signal }: PeerContext,
  { commands, dataDir, environment, memoryMb }: StdioOptions,
  log: ProcessLog,
): Promise<() => Promise<Started>> {
  const { id, name, title, transport, workspaceId } = definition;
  if (transport.kind !== "stdio") throw new Error(`${name} is no process`);
  const { command } = transport;
  if (!commands.includes(command))
    throw new AppError(
      "unavailable",
      "upstream.command",
      commands.length
        ? `The command ${command} of ${title} may not be started; MCP_STDIO_COMMANDS allows: ${commands.join(", ")}`
        : `Servers that run on the gateway's machine are switched off: MCP_STDIO_COMMANDS names no command, and ${title} needs ${command}`,
      { detail: { reason: `MCP_STDIO_COMMANDS does not name the command ${command}` } },
    );
  const home = await makeHome(dataDir, id, command, environment);
  let failures = 0;

  return async () => {
    if (failures > 0) await wait(Math.min(LONGEST_WAIT_MS, 250 * 2 ** failures), undefined, { signal });
    // Secrets are read each time: they may have been changed.
    const own = await resolved(transport.env, vault, { workspaceId }, name);
    const args = await resolved(Object.fromEntries(transport.args.entries()), vault, { workspaceId }, name);
    log.hide([...own.secrets, ...args.secrets]);
    let listener: ((message: Message) => void) | undefined;
    const began = performance.now();
    const child = startChild({
      command,
      args: Object.values(args.values),
      env: { PATH: environment.path, HOME: home.folder, LANG: environment.lang, ...own.values },
      cwd: home.folder,
      uid: home.uid,
      memoryMb,
      heard: (message) => listener?.(message),
      said: (line) => log.write(line),
    });
    void child.ended.then((how) => {
      log.write(`— ${how}`);
      failures = performance.now() - began < EARLY_MS ? failures + 1 : 0;
    });
    return { child, listen: (heard) => (listener = heard) };
  };
}

/** The texts with their secrets, and what of them is secret. */
async function resolved(
  texts: Record<string, string>,
  vault: Vault | undefined,
  scope: { workspaceId: string | null },
  upstream: string,
): Promise<{ values: Record<string, string>; secrets: string[] }> {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const names = secretNames(text);
    if (names.length === 0) {
      values[name] = text;
      continue;
    }
    if (!vault) throw new AppError("unavailable", "vault.away", "Secrets cannot be read here");
    const use = { userId: null, purpose: `upstream:${upstream}` };
    values[name] = await vault.resolve(scope, text, use);
    for (const secret of names) secrets.push(await vault.resolve(scope, `\${${secret}}`, use));
  }
  return { values, secrets };
}
