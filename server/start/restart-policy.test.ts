import { expect, it } from "vitest";
import { restartPolicy } from "./restart-policy.ts";

it("waits longer from death to death, and gives up after five starts within a minute", () => {
  const { afterDeath } = restartPolicy(() => 0);
  expect([1, 2, 3, 4, 5, 6].map(afterDeath)).toEqual([0, 1_000, 2_000, 5_000, 10_000, undefined]);
});

it("forgets deaths after a minute", () => {
  let now = 0;
  const { afterDeath } = restartPolicy(() => now);
  for (let death = 0; death < 50; death++) {
    expect(afterDeath()).toBeDefined();
    now += 15_000;
  }
  now += 60_000;
  expect(afterDeath()).toBe(0);
});
