import { expect, it } from "vitest";
import { newId } from "#server/kernel/ids.ts";
import type { PodDriver, PodSeen, PodSpec } from "#server/pods/driver.ts";
import { until } from "./until.ts";

export interface DriverUnderTest {
  /** Another process of ours that takes over, on the same machine or cluster. */
  open(): Promise<PodDriver>;
  spec(id: string): PodSpec;
  /** Ends the pod from outside, as a crash does. */
  kill(driver: PodDriver, id: string): Promise<void>;
  /** Whether pods survive `close` and are found again. */
  survives: boolean;
}

const phaseOf = async (driver: PodDriver, id: string) => (await driver.list()).find((pod) => pod.id === id)?.phase;
const newPod = () => newId("pod");

/** What every driver does, whatever pods are there. Call within `describe`. */
export function driverSuite(make: () => Promise<DriverUnderTest>): void {
  it("starts a pod, tells when it listens and where, and ends it", async () => {
    const under = await make();
    const driver = await under.open();
    const told: PodSeen[] = [];
    driver.watch((pod) => told.push(pod));
    const id = newPod();
    await driver.create(under.spec(id));
    expect(["starting", "running"]).toContain(await phaseOf(driver, id));
    const pod = await until("it runs", () => told.find((seen) => seen.id === id && seen.phase === "running"), 30_000);
    expect(pod.address).toMatch(/^[\w.:[\]]+:\d+$/);
    await driver.delete(id, 5_000);
    expect(await driver.list()).toEqual([]);
    expect(told.at(-1)).toMatchObject({ id, phase: "gone" });
    await driver.close();
  });

  it("makes one pod of one id, however often it is asked for", async () => {
    const under = await make();
    const driver = await under.open();
    const spec = under.spec(newPod());
    await Promise.all([driver.create(spec), driver.create(spec)]);
    await driver.create(spec);
    expect(await driver.list()).toHaveLength(1);
    await driver.delete(spec.id, 0);
    await driver.close();
  });

  it("tells of a pod that dies", async () => {
    const under = await make();
    const driver = await under.open();
    const told: PodSeen[] = [];
    const id = newPod();
    await driver.create(under.spec(id));
    await until("it runs", async () => (await phaseOf(driver, id)) === "running", 30_000);
    driver.watch((pod) => told.push(pod));
    await under.kill(driver, id);
    await until("it is gone", () => told.some((pod) => pod.id === id && pod.phase === "gone"));
    expect(told.at(-1)?.reason).toBeTruthy();
    expect(await driver.list()).toEqual([]);
    await driver.close();
  });

  it("takes the end of what is gone, and of what never was, for done", async () => {
    const under = await make();
    const driver = await under.open();
    const id = newPod();
    await driver.delete(id, 0);
    await driver.create(under.spec(id));
    await driver.delete(id, 0);
    await driver.delete(id, 0);
    expect(await driver.list()).toEqual([]);
    await driver.close();
  });

  it("leaves what listens to the next process of ours, where its pods survive", async () => {
    const under = await make();
    const first = await under.open();
    const id = newPod();
    await first.create(under.spec(id));
    await until("it runs", async () => (await phaseOf(first, id)) === "running", 30_000);
    const [seen] = await first.list();
    await first.close();
    const second = await under.open();
    if (under.survives) {
      expect(await second.list()).toMatchObject([{ id, address: seen?.address, phase: "running" }]);
      await second.delete(id, 0);
    }
    expect(await second.list()).toEqual([]);
    await second.close();
  });

  it("removes what had not begun to listen when the process that started it ended", async () => {
    const under = await make();
    const first = await under.open();
    await first.create(under.spec(newPod()));
    await first.close();
    const second = await under.open();
    await until("nothing is left", async () => (await second.list()).every(({ phase }) => phase !== "starting"));
    for (const { id } of await second.list()) await second.delete(id, 0);
    expect(await second.list()).toEqual([]);
    await second.close();
  });
}
