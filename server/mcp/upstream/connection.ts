import type { Clock } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import type { CredentialSource } from "../credentials/source.ts";
import type { Exchange, ExchangeResult, Viewer } from "../exchange.ts";
import type { UpstreamDefinition, UpstreamState } from "../gateway.ts";
import type { ToolReview } from "../review.ts";
import type { KnownTool } from "../tool-set.ts";
import type { Vault } from "../vault.ts";
import type { DialOptions } from "./dial.ts";
import type { PeerOpener } from "./open-peer.ts";
import type { PeerChange } from "./peer.ts";
import type { Stock } from "./stock.ts";

/** Times in milliseconds. */
export interface Pace {
  /** For connecting, agreeing on a revision and the first list of tools. */
  connectMs: number;
  /** How long a list waits for one upstream. */
  listMs: number;
  /** Age at which the lists are asked for again, which also notices a server that died in silence. */
  refreshMs: number;
  /** First and longest wait before a dead upstream is tried again. */
  retryMs: [first: number, longest: number];
}
export const PACE: Pace = { connectMs: 5_000, listMs: 2_000, refreshMs: 30_000, retryMs: [250, 5_000] };

/**
 * The kept connection to one upstream. It is opened when it is first wanted and from then on opened again by itself,
 * with growing waits. While it is known to be dead, everything fails at once, with the reason.
 */
export interface UpstreamConnection {
  readonly definition: UpstreamDefinition;
  /** Opens the connection if nothing else has; does not wait. */
  wake(): void;
  /** What it offers, as last listed; waits only for the first connection. Throws AppError. */
  stock(): Promise<Stock>;
  /** The same where it is known without waiting. */
  known(): Stock | undefined;
  /** Lists anew, unless the lists are younger than `olderThanMs`. Throws AppError. */
  refresh(olderThanMs?: number): Promise<Stock>;
  /** Asks for new verdicts on its tools. */
  judgeAnew(): void;
  /**
   * Goes to the upstream once; twice at most where the first try provably never reached it. Throws RpcError, AppError (`tool.changed`
   * where the tool is judged otherwise by now); an abort rejects with the signal's reason.
   */
  request(exchange: Exchange, headers: Record<string, string>, tool: KnownTool | undefined): Promise<ExchangeResult>;
  /** Wants changes of a resource announced, also over a connection that is opened later, until it is called. */
  watch(uri: string): Promise<() => void>;
  state(): UpstreamState;
  /** Takes nothing more, and ends when what is under way is done. */
  retire(): void;
  /** Ends now. */
  close(): Promise<void>;
}

export interface ConnectionOptions {
  definition: UpstreamDefinition;
  /** Whose connection: of upstreams that each person uses with a consent of their own. Null: everybody's. */
  who: Viewer | null;
  version: string;
  pace: Pace;
  log: Log;
  clock: Clock;
  open: PeerOpener;
  dial: Pick<DialOptions, "allow" | "lookup">;
  credentials: CredentialSource;
  review: ToolReview;
  vault?: Vault | undefined;
  /** Hears what has changed; `upstream` when it has come or gone. */
  changed(change: PeerChange | { kind: "upstream" }): void;
}
