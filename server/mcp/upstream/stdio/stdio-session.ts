import type { LegacyChannel } from "../legacy-session.ts";
import { legacySession } from "../legacy-session.ts";
import type { OpenSession } from "../legacy-peer.ts";
import type { Message } from "../message.ts";
import type { PeerChange } from "../peer.ts";
import { Closed, CutOff, SessionLost } from "../wire-errors.ts";
import type { StdioChild } from "./child.ts";

/**
 * A process of the 2025 revisions is one session. There are no streams: a question belongs to the only request under way
 * whose caller can be asked. Callers who can be asked get processes that nobody else uses, as the peer does it with
 * sessions, so that a question finds who it is for.
 */
export function openStdioSession(
  child: StdioChild,
  listen: (heard: (message: Message) => void) => void,
  changed: (change: PeerChange) => void,
): OpenSession {
  let ended = false;
  let lost: (() => void) | undefined;
  const send = (message: Message) => {
    try {
      child.send(message);
    } catch (error) {
      throw error instanceof Closed ? new SessionLost() : error;
    }
  };
  const channel: LegacyChannel = {
    request: async (message) => send(message),
    notify: async (message) => send(message),
    close: () => child.close(),
  };
  const session = legacySession(channel, changed);
  listen((message) => session.hear(message));
  void child.ended.then(async () => {
    ended = true;
    // What was under way may have been carried out, which a lost session would not say.
    await session.end(new CutOff());
    lost?.();
  });
  return {
    session,
    agreed(_revision, hear) {
      lost = hear.lost;
      if (ended) hear.lost();
    },
  };
}
