import type { IncomingHttpHeaders } from "node:http";
import type { Deps } from "../features/deps.ts";
import { CREDENTIALS_TOPIC, type ResourcePath } from "../features/oauth/index.ts";
import { ASK_AGAIN_MS, type Actor } from "../kernel/actor.ts";
import { sha256 } from "../kernel/crypto.ts";
import { AppError } from "../kernel/errors.ts";
import { actorForRequest } from "./actor.ts";

export interface CachedActor {
  /**
   * Who asks, by bearer token or API key; cookies count for nothing here. `unknown` is called before one is looked up
   * that is not known. `again`: looked up in any case, which is no use of the credential. Throws as `actorForRequest`.
   */
  actorFor(
    headers: IncomingHttpHeaders,
    resource: ResourcePath,
    options?: { again?: boolean; unknown?: () => Promise<unknown> },
  ): Promise<Actor>;
  readonly size: number;
  close(): void;
}

interface Entry {
  actor: Actor;
  until: number;
}

const MOST = 10_000;

/**
 * Who programs are that ask often, without asking the database each time. What was found holds for 15 s at most; what
 * the database says about credentials, roles and memberships before that (topic `credentials`) is heeded at once.
 */
export function createCachedActor(
  deps: Pick<Deps, "sql" | "clock" | "settings"> & { live: Pick<Deps["live"], "subscribe" | "onGap"> },
): CachedActor {
  const { clock, live } = deps;
  const known = new Map<string, Entry>();
  // What was looked up before a change was heard may be older than the change.
  let changes = 0;

  const forget = (id: string) => {
    changes++;
    for (const [key, { actor }] of known)
      if (actor.credentialId === id || actor.userId === id || actor.workspaceId === id) known.delete(key);
  };
  const forgetAll = () => {
    changes++;
    known.clear();
  };
  const ends = [live.subscribe(CREDENTIALS_TOPIC, (id) => (id ? forget(id) : forgetAll())), live.onGap(forgetAll)];

  const lookUp = async (credential: Headers, resource: ResourcePath, key: string, again: boolean): Promise<Actor> => {
    const before = changes;
    const actor = await actorForRequest(deps, { headers: credential, method: "POST" }, { again, resource });
    if (before !== changes) return actor;
    const [oldest] = known.size >= MOST ? known.keys() : [];
    if (oldest !== undefined) known.delete(oldest);
    known.set(key, { actor, until: clock.now().getTime() + ASK_AGAIN_MS });
    return actor;
  };

  return {
    get size() {
      return known.size;
    },
    async actorFor(headers, resource, { again = false, unknown } = {}) {
      const { authorization, "x-api-key": apiKey } = headers;
      if (!authorization && !apiKey)
        throw new AppError(
          "unauthenticated",
          "auth.missing",
          "Send an access token (Authorization: Bearer …) or an API key (X-API-Key)",
        );
      const key = sha256(`${resource}\n${authorization ?? ""}\n${authorization ? "" : String(apiKey)}`);
      const entry = again ? undefined : known.get(key);
      if (entry && entry.until > clock.now().getTime()) return entry.actor;
      await unknown?.();
      return lookUp(
        new Headers(authorization ? { authorization } : { "x-api-key": String(apiKey) }),
        resource,
        key,
        again,
      );
    },
    close() {
      for (const end of ends) end();
    },
  };
}
