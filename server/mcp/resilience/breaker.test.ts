import { beforeEach, describe, expect, it } from "vitest";
import { Breaker, type Admission } from "./breaker.ts";

let now = 0;
let phases: string[] = [];
let breaker: Breaker;
beforeEach(() => {
  now = 0;
  phases = [];
  breaker = new Breaker(
    { failureThreshold: 3, recoveryMs: 1_000, halfOpenMaxCalls: 2 },
    () => now,
    (phase) => phases.push(phase),
  );
});
const admit = (): Admission => {
  const admission = breaker.admit();
  if (!admission) throw new Error("refused");
  return admission;
};
const open = () => {
  for (let i = 0; i < 3; i++) admit().failed();
};

describe("a breaker", () => {
  it("opens at so many failures in a row, and not where a success lies between", () => {
    admit().failed();
    admit().failed();
    admit().succeeded();
    admit().failed();
    admit().failed();
    expect(breaker.state().phase).toBe("closed");
    admit().failed();
    expect(breaker.state()).toEqual({ phase: "open", failures: 3, opensInMs: 1_000, halfOpenLeft: 0 });
    expect(breaker.admit()).toBeNull();
  });

  it("is half open after its time, to the millisecond, and admits exactly so many", () => {
    open();
    now = 999;
    expect(breaker.admit()).toBeNull();
    now = 1_000;
    expect(breaker.closedFor()).toBe(0);
    const first = admit();
    admit();
    expect(breaker.state()).toMatchObject({ phase: "half-open", halfOpenLeft: 0 });
    for (let i = 0; i < 100; i++) expect(breaker.admit()).toBeNull();
    first.succeeded(); // one of two does not close it, nor makes room for a third
    expect(breaker.admit()).toBeNull();
    expect(breaker.closedFor()).toBeUndefined();
  });

  it("closes when all of them have succeeded", () => {
    open();
    now = 1_000;
    const both = [admit(), admit()];
    for (const one of both) one.succeeded();
    expect(phases).toEqual(["open", "half-open", "closed"]);
    expect(breaker.state()).toMatchObject({ phase: "closed", failures: 0 });
  });

  it("opens again at the first that fails, for its whole time; what the other does then is late", () => {
    open();
    now = 1_000;
    const [first, second] = [admit(), admit()];
    now = 1_500;
    first.failed();
    second.succeeded();
    expect(breaker.state()).toMatchObject({ phase: "open", opensInMs: 1_000 });
  });

  it("gives the place of one that was given up to another", () => {
    open();
    now = 1_000;
    const first = admit();
    admit().succeeded();
    first.neither();
    first.failed(); // told twice counts once
    admit().succeeded();
    expect(breaker.state().phase).toBe("closed");
  });

  it("learns nothing from calls that began before it opened", () => {
    const slow = admit();
    open();
    now = 1_000;
    admit().succeeded();
    slow.failed();
    expect(breaker.state().phase).toBe("half-open");
    admit().succeeded();
    expect(breaker.state().phase).toBe("closed");
  });
});
