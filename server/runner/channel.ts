/** One end of Node's IPC: a child process, or in the child `process` itself. */
export interface Port {
  send?(message: unknown, handle: undefined, options: object, done: (error: Error | null) => void): boolean;
  on(event: "message", heard: (message: unknown) => void): unknown;
  readonly connected: boolean;
}

export interface Channel<Out> {
  /** Goes out with everything else that is said in this turn of the event loop. */
  say(message: Out): void;
  /** Sends what was said so far, now. */
  flush(): void;
  /** Counts what was sent: while it stays the same, what was said has not left and may still be added to. */
  readonly sent: number;
}

/**
 * Both directions in batches: the cost of IPC is by message, and a run says ten things in a turn. `hear` gets them one
 * by one, in order. What cannot be sent because the other end is gone is dropped: its end is told by other means.
 */
export function openChannel<Out, In>(port: Port, hear: (message: In) => void): Channel<Out> {
  let waiting: Out[] = [];
  let turn: NodeJS.Immediate | undefined;
  let sent = 0;
  const flush = () => {
    clearImmediate(turn);
    turn = undefined;
    const batch = waiting;
    waiting = [];
    sent++;
    if (batch.length > 0 && port.connected) port.send?.(batch, undefined, {}, () => undefined);
  };
  port.on("message", (batch) => {
    for (const message of batch as In[]) hear(message); // the other end sends what openChannel sends
  });
  return {
    say(message) {
      waiting.push(message);
      turn ??= setImmediate(flush);
    },
    flush,
    get sent() {
      return sent;
    },
  };
}
