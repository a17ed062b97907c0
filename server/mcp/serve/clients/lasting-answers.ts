import type { IncomingMessage } from "node:http";
import { ASK_AGAIN_MS, type Actor } from "../../../kernel/actor.ts";
import { anticipated } from "../../../kernel/errors.ts";
import { demand } from "../surface/access.ts";
import type { Answer } from "../wire/answer.ts";
import { CODE, WireError } from "../wire/rpc.ts";
import type { Surface } from "../surface/surface.ts";

/** Of one person in one workspace, in one process. */
const MOST = 128;

/**
 * Watches over answers that last: the signal aborts when the server stops, or a little after whoever is served would no
 * longer be let in. Throws 429 where a person has too many of them.
 */
export function lastingAnswers({
  admit,
  closing,
}: {
  admit(request: IncomingMessage, path: string, again?: boolean): Promise<{ actor: Actor }>;
  closing: AbortSignal;
}) {
  const open = new Map<string, number>();

  return ({
    request,
    surface,
    actor,
    answer,
  }: {
    request: IncomingMessage;
    surface: Surface;
    actor: Actor;
    answer: Answer;
  }): AbortSignal => {
    const owner = `${actor.workspaceId} ${actor.userId}`;
    const before = open.get(owner) ?? 0;
    if (before >= MOST)
      throw new WireError(429, CODE.internal, `More than ${MOST} streams are open; close some of them`);
    open.set(owner, before + 1);

    const over = new AbortController();
    const look = async () => {
      try {
        const { actor: now } = await admit(request, surface.path, true);
        demand(now, "mcp.use");
        if (now.userId !== actor.userId || now.workspaceId !== actor.workspaceId) over.abort();
      } catch (error) {
        // When the database is away, what was decided holds.
        const { kind } = anticipated(error) ?? {};
        if (kind === "unauthenticated" || kind === "forbidden") over.abort();
      }
    };
    const timer = setInterval(() => void look(), ASK_AGAIN_MS);
    // `AbortSignal.any` would keep each answer for as long as there is `closing`, that is for ever.
    const stop = () => over.abort();
    if (closing.aborted) stop();
    closing.addEventListener("abort", stop, { once: true });
    answer.onOver(() => {
      clearInterval(timer);
      closing.removeEventListener("abort", stop);
      const left = (open.get(owner) ?? 1) - 1;
      if (left > 0) open.set(owner, left);
      else open.delete(owner);
    });
    return over.signal;
  };
}
