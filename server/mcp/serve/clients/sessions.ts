import { createHash, randomUUID } from "node:crypto";
import type { Actor } from "../../../kernel/actor.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { RpcError, type Json } from "../../exchange.ts";
import type { Answer } from "../wire/answer.ts";
import { CODE, WireError, type RpcId } from "../wire/rpc.ts";
import type { Sealer } from "../wire/sealed.ts";
import type { Watched } from "../surface/surface.ts";

/** A session of the revisions of 2025: what `initialize` agreed on, and what is under way in this process. */
export interface Session {
  id: string;
  protocol: string;
  capabilities: Json;
  /** ClientInfo. */
  client: { name: string; version: string };
  logLevel: string | undefined;
  /** Requests of the client that are under way. */
  inflight: Map<RpcId, AbortController>;
  /** Our questions that the client has not answered. */
  asked: Map<string, { answer: (result: Json) => void; refuse: (why: unknown) => void }>;
  /** The client's GET, where it has one. */
  stream: { answer: Answer; stop: () => void } | undefined;
  watched: Map<string, Watched>;
  lastUsed: number;
}

/**
 * Sessions are bound to the person, credential and endpoint that made them. Their id holds, sealed, what was agreed on:
 * any of our processes can go on with one, also after a restart, and nobody can make one up. What lives in a process
 * (the stream, what is watched, the log level) begins anew there. Which sessions were ended is known in memory alone: after
 * a restart the one who ended a session could go on with it, as could nobody else.
 */
export interface Sessions {
  create(actor: Actor, endpoint: string, agreed: Pick<Session, "protocol" | "capabilities" | "client">): Session;
  /** Throws 404 for an id that is not one of this actor and endpoint, was ended or is too old. */
  find(actor: Actor, endpoint: string, id: string): Session;
  /** One that lives in this process; it is not brought back. */
  here(id: string): Session | undefined;
  /** Ends it here; `ended` is told, so that other processes end it too. */
  end(session: Session): void;
  /** Another process ended it. */
  forget(hash: string): void;
  readonly size: number;
  close(): void;
}

const OLDEST_MS = 7 * 24 * 3_600_000;
const IDLE_MS = 30 * 60_000;
const MOST = 5_000;
const MOST_ENDED = 20_000;
const LARGEST = 4_000;

export function createSessions({
  sealer,
  clock,
  ended = () => undefined,
}: {
  sealer: Sealer;
  clock: Clock;
  /** Told the hash of the id of each session that is ended here. */
  ended?: (hash: string) => void;
}): Sessions {
  const here = new Map<string, Session>();
  const gone = new Set<string>();
  const purpose = ({ workspaceId, userId, credentialId }: Actor, endpoint: string) => ({
    use: "session",
    workspaceId,
    userId,
    credentialId,
    endpoint,
  });

  const drop = (session: Session) => {
    here.delete(session.id);
    session.stream?.stop();
    for (const { stop } of session.watched.values()) stop();
    const why = new RpcError(CODE.internal, "The session has ended");
    for (const abort of session.inflight.values()) abort.abort(why);
    for (const { refuse } of session.asked.values()) refuse(why);
  };
  const noteEnd = (hash: string) => {
    const [oldest] = gone.size >= MOST_ENDED ? gone : [];
    if (oldest !== undefined) gone.delete(oldest);
    gone.add(hash);
  };
  /** The ones that are used least leave; whoever comes back with such an id goes on all the same. */
  const sweep = () => {
    const idle = clock.now().getTime() - IDLE_MS;
    for (const session of here.values()) {
      const busy = session.inflight.size > 0 || session.stream !== undefined;
      if (here.size > MOST ? session.inflight.size === 0 : !busy && session.lastUsed < idle) drop(session);
      if (here.size <= MOST && session.lastUsed >= idle) break;
    }
  };
  const keep = (id: string, agreed: Pick<Session, "protocol" | "capabilities" | "client">): Session => {
    const session: Session = {
      id,
      ...agreed,
      logLevel: undefined,
      inflight: new Map(),
      asked: new Map(),
      stream: undefined,
      watched: new Map(),
      lastUsed: clock.now().getTime(),
    };
    here.set(id, session);
    sweep();
    return session;
  };

  return {
    get size() {
      return here.size;
    },
    create(actor, endpoint, agreed) {
      const id = sealer.seal({ ...agreed, id: randomUUID(), at: clock.now().getTime() }, purpose(actor, endpoint));
      if (id.length > LARGEST) throw new WireError(400, CODE.params, "The capabilities of the client are too large");
      return keep(id, agreed);
    },
    find(actor, endpoint, id) {
      const content = gone.has(hashOf(id)) ? undefined : sealer.open(id, purpose(actor, endpoint));
      if (!content || Number(content["at"]) < clock.now().getTime() - OLDEST_MS)
        throw new WireError(404, CODE.session, "Session not found");
      const session = here.get(id);
      if (!session) {
        const { protocol, capabilities, client } = content as unknown as Session; // sealed by `create`
        return keep(id, { protocol, capabilities, client });
      }
      session.lastUsed = clock.now().getTime();
      here.delete(id); // the map's order is that of use
      here.set(id, session);
      return session;
    },
    here: (id) => here.get(id),
    end(session) {
      const hash = hashOf(session.id);
      noteEnd(hash);
      drop(session);
      ended(hash);
    },
    forget(hash) {
      noteEnd(hash);
      for (const session of here.values()) if (hashOf(session.id) === hash) drop(session);
    },
    close() {
      for (const session of here.values()) drop(session);
    },
  };
}

const hashOf = (id: string) => createHash("sha256").update(id).digest("hex");
