/**
 * How a child process of the launcher lives: it is told its configuration over IPC (never by argv or environment, so
 * that no secret shows in a process list), says when it is ready, and ends with its parent.
 *
 * Parent → child: `{type:"start", config}`, `{type:"stop"}`. Child → parent: `{type:"ready", info}`,
 * `{type:"failed", message}`. A closed channel means that the parent died: the child stops by itself.
 */
export type ToPart = { type: "start"; config: unknown } | { type: "stop" };
export type FromPart = { type: "ready"; info: unknown } | { type: "failed"; message: string };

const ORPHAN_MS = 4_000;

export interface RunningPart {
  /** What the launcher may want to know or print, for example the URL. JSON. */
  info: unknown;
  /** Ends everything in order; must settle within the launcher's deadline of 60 s. */
  stop(): Promise<void>;
}

/** Runs `start` with the configuration that the parent sends. Call once, at the end of a process' entry file. */
export function runPart<C>(start: (config: C) => Promise<RunningPart>): void {
  if (!process.send) {
    console.error("This file is started by `npm start`; it takes its configuration from there.");
    process.exit(2);
  }
  let running: Promise<RunningPart> | undefined;
  let stopping = false;

  const say = (message: FromPart) =>
    new Promise<void>((done) => {
      if (!process.connected) return done();
      process.send?.(message, undefined, {}, () => done());
    });
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    try {
      await (await running?.catch(() => undefined))?.stop();
    } finally {
      process.exit(0);
    }
  };
  const fail = async (error: unknown) => {
    await say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  };

  process.on("message", (message: ToPart) => {
    if (message.type === "stop") void stop();
    else if (!running) {
      running = start(message.config as C);
      running.then((part) => say({ type: "ready", info: part.info }), fail);
    }
  });
  process.on("disconnect", () => {
    // The parent died, and the database may have died with it: nothing is worth waiting for long. What was not finished
    // is gone on with by the next start.
    setTimeout(() => process.exit(1), ORPHAN_MS);
    void stop();
  });
  process.on("SIGTERM", () => void stop());
  // The terminal sends Ctrl-C to the whole group; the launcher alone decides the order.
  process.on("SIGINT", () => undefined);
}
