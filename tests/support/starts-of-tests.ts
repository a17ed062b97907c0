import { afterEach } from "vitest";

/** What a file's tests start, ended after each test in the opposite order. Call it once, at the top of the file. */
export function startsOfTests(): <T extends { stop(): Promise<unknown> }>(started: T) => T {
  const running: { stop(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const one of running.splice(0).toReversed()) await one.stop();
  });
  return (started) => {
    running.push(started);
    return started;
  };
}
