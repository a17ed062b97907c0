import { createHash, randomUUID } from "node:crypto";
import type { Actor } from "../../../kernel/actor.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { canonicalJson } from "../../canonical-json.ts";
import type { Json } from "../../exchange.ts";
import { invalidParams } from "../wire/rpc.ts";
import type { Sealer } from "../wire/sealed.ts";
import { ANSWER_WITHIN_MS } from "./suspended.ts";

/** What a multi-round request waits for: the upstream's own state, or an exchange that waits in one of our processes. */
export type Waiting = { upstream: string } | { process: string; id: string; round: number };

/**
 * `requestState` of revision 2026-07-28 as clients get it: sealed, for this principal, endpoint, method, name and these
 * arguments alone, for ten minutes, once. Whatever comes back is hostile until it has opened.
 */
export interface RequestStates {
  seal(actor: Actor, about: Asked, waiting: Waiting): string;
  /** Throws `invalid params` for one that is forged, was made for something else, is too old or was used. */
  open(actor: Actor, about: Asked, state: unknown): Promise<Waiting>;
}
export interface Asked {
  endpoint: string;
  method: string;
  params: Json;
}

/** Notes that an id was used; false where it had been before. */
export type UseOnce = (id: string, until: Date) => Promise<boolean>;

export function createRequestStates({
  sealer,
  clock,
  useOnce,
}: {
  sealer: Sealer;
  clock: Clock;
  useOnce: UseOnce;
}): RequestStates {
  return {
    seal: (actor, about, waiting) =>
      sealer.seal(
        { id: randomUUID(), until: clock.now().getTime() + ANSWER_WITHIN_MS, waiting },
        purposeOf(actor, about),
      ),
    async open(actor, about, state) {
      const content = typeof state === "string" ? sealer.open(state, purposeOf(actor, about)) : undefined;
      if (!content)
        throw invalidParams(
          "The requestState was not given to you for this request: it was changed, or belongs to another tool, other arguments, another server or another person",
        );
      const { id, until, waiting } = content as { id: string; until: number; waiting: Waiting }; // sealed above
      if (until < clock.now().getTime()) throw invalidParams("The requestState has expired; begin anew");
      // What waits in a process is there once by itself.
      if ("upstream" in waiting && !(await useOnce(id, new Date(until))))
        throw invalidParams("The requestState was used already; begin anew");
      return waiting;
    },
  };
}

function purposeOf(
  { workspaceId, userId, credentialId }: Actor,
  { endpoint, method, params: { name, uri, arguments: args } }: Asked,
): Json {
  const hash = createHash("sha256")
    .update(canonicalJson(args ?? {}))
    .digest("hex");
  return { use: "request-state", workspaceId, userId, credentialId, endpoint, method, name, uri, arguments: hash };
}
