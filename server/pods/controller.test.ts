import { describe, expect, onTestFinished } from "vitest";
import type { Actor } from "#server/kernel/actor.ts";
import { createLog } from "#server/kernel/log.ts";
import { it, type World } from "#tests/support/world.ts";
import { until } from "#tests/support/until.ts";
import { claimPod, findSeatPod, type SeatClaim } from "./claim.ts";
import { createController } from "./controller.ts";
import { seatKey, type PodDeps } from "./deps.ts";
import { createMemoryDriver } from "./memory/memory-driver.ts";
import type { PodBusy, PodClient } from "./pod-client.ts";
import { activePods } from "./rows.ts";

const VERSION = "test";
const MINUTE = 60_000;

/** Pods of memory, a clock that is moved, and pods that answer what the test says. */
async function setUp({ deps }: World, pods: { warm?: number; limit?: number } = {}) {
  await deps.sql.query(`TRUNCATE "Pod" CASCADE`);
  await deps.db.installationSetting.deleteMany();
  let offset = 0;
  const busy: PodBusy = { runs: 0, http: 0, timers: 0 };
  const settings = {
    ...deps.settings,
    pods: { driver: "local" as const, warm: 0, limit: 5, idleMinutes: 20, ...pods },
  };
  const podDeps: PodDeps = {
    ...deps,
    settings,
    log: createLog("test", "silent"),
    clock: { now: () => new Date(Date.now() + offset) },
  };
  const driver = createMemoryDriver();
  const reloaded: string[] = [];
  const client: PodClient = {
    health: async () => ({ seat: null, revision: 1, busy, memoryMb: 100 }),
    assign: async () => null,
    reload: async ({ id }) => void reloaded.push(id),
  };
  const controller = createController(podDeps, driver, VERSION, undefined, client);
  onTestFinished(() => controller.stop());
  const active = () => activePods(podDeps);
  /** Looks until nothing changes any more. */
  const settle = async () => {
    for (let before = "", now = "-"; before !== now;) {
      before = now;
      for (let i = 0; i < 3; i++) {
        await controller.tick();
        await new Promise((done) => setTimeout(done, 15)); // what goes on in the background, such as an end
      }
      now = JSON.stringify((await active()).map(({ id, state, seat }) => [id, state, seat]));
    }
  };
  const claim = (actor: Actor) => claimPod(podDeps, actor, VERSION);
  const events = async (podId: string) =>
    (await deps.db.podEvent.findMany({ where: { podId }, orderBy: { id: "asc" } })).map(({ type }) => type);
  return {
    deps: podDeps,
    driver,
    controller,
    busy,
    reloaded,
    active,
    settle,
    claim,
    events,
    pass: (ms: number) => void (offset += ms),
    stop: () => controller.stop(),
  };
}

const podOf = (claim: SeatClaim) => {
  if (claim.state !== "ready") throw new Error(`not ready but ${claim.state}`);
  return claim.podId;
};

describe("the pool", () => {
  it("keeps as many warm as are wanted, also after some are claimed and after the wish changes", async ({ world }) => {
    const pool = await setUp(world, { warm: 2 });
    await pool.settle();
    expect((await pool.active()).map(({ state }) => state)).toEqual(["warm", "warm"]);
    const pod = podOf(await pool.claim(await world.actor()));
    await pool.settle();
    expect((await pool.active()).map(({ state }) => state).toSorted()).toEqual(["claimed", "warm", "warm"]);
    await world.deps.db.installationSetting.create({ data: { key: "pods.warm", value: 0 } });
    await pool.settle();
    expect((await pool.active()).map(({ id, state }) => ({ id, state }))).toEqual([{ id: pod, state: "claimed" }]);
    expect(await pool.driver.list()).toHaveLength(1);
  });

  it("never has more pods than the limit", async ({ world }) => {
    const pool = await setUp(world, { warm: 9, limit: 3 });
    await pool.settle();
    expect(await pool.driver.list()).toHaveLength(3);
  });
});

describe("a claim", () => {
  it("gives 200 people who come at once a pod each or a place in the queue, and nobody another's", async ({
    world,
  }) => {
    const pool = await setUp(world, { warm: 20, limit: 20 });
    await pool.settle();
    const people = await Promise.all(Array.from({ length: 200 }, () => world.actor({ role: "editor" })));
    const claims = await Promise.all(people.map((actor) => pool.claim(actor)));
    const ready = claims.filter(({ state }) => state === "ready").map(podOf);
    expect(ready).toHaveLength(20);
    expect(new Set(ready).size).toBe(20);
    expect(claims.filter(({ state }) => state === "queued")).toHaveLength(180);
    const again = await Promise.all(people.map((actor) => pool.claim(actor)));
    expect(again.map(({ podId }) => podId)).toEqual(claims.map(({ podId }) => podId));
  });

  it("gives one person one pod, however often it is asked for at once", async ({ world }) => {
    const pool = await setUp(world, { warm: 5 });
    await pool.settle();
    const actor = await world.actor();
    const claims = await Promise.all(Array.from({ length: 20 }, () => pool.claim(actor)));
    expect(new Set(claims.map(podOf)).size).toBe(1);
  });

  it("starts a pod for whoever finds none warm", async ({ world }) => {
    const pool = await setUp(world);
    const actor = await world.actor();
    expect(await pool.claim(actor)).toMatchObject({ state: "starting" });
    await pool.settle();
    const pod = podOf(await pool.claim(actor));
    expect(await pool.events(pod)).toEqual(["created", "ready", "claimed"]);
  });

  it("lets people wait in their order, and serves them as places become free", async ({ world }) => {
    const pool = await setUp(world, { limit: 1 });
    const [first, second, third] = [await world.actor(), await world.actor(), await world.actor()];
    await pool.claim(first);
    await pool.settle();
    const pod = podOf(await pool.claim(first));
    expect(await pool.claim(second)).toMatchObject({ state: "queued", place: 1 });
    expect(await pool.claim(third)).toMatchObject({ state: "queued", place: 2 });
    await pool.settle();
    expect(await pool.driver.list()).toHaveLength(1);
    pool.driver.crash(pod);
    await pool.settle();
    podOf(await pool.claim(second));
    expect(await pool.claim(third)).toMatchObject({ state: "queued", place: 1 });
  });

  it("gives up the place of who is not heard of any more", async ({ world }) => {
    const pool = await setUp(world, { limit: 0 });
    const actor = await world.actor();
    await pool.claim(actor);
    pool.pass(31_000);
    await pool.settle();
    expect(await findSeatPod(pool.deps, actor)).toBeNull();
  });
});

describe("a pod that nobody uses", () => {
  it("is taken back after the time, and not before", async ({ world }) => {
    const pool = await setUp(world, { warm: 1 });
    await pool.settle();
    const actor = await world.actor();
    const pod = podOf(await pool.claim(actor));
    pool.pass(19 * MINUTE);
    await pool.settle();
    expect(podOf(await pool.claim(actor))).toBe(pod);
    pool.pass(2 * MINUTE);
    await pool.settle();
    expect(await findSeatPod(pool.deps, actor)).toBeNull();
    expect((await pool.driver.list()).map(({ id }) => id)).not.toContain(pod);
    // within one millisecond their ids say nothing about their order
    expect((await pool.events(pod)).slice(-2).toSorted()).toEqual(["draining", "idle"]);
  });

  it.for(["runs", "http"] as const)("keeps it while it is busy with %s", async (what, { world }) => {
    const pool = await setUp(world, { warm: 1 });
    await pool.settle();
    const actor = await world.actor();
    const pod = podOf(await pool.claim(actor));
    pool.busy[what] = 1;
    pool.pass(60 * MINUTE);
    await pool.settle();
    expect(podOf(await pool.claim(actor))).toBe(pod);
    pool.busy[what] = 0;
    pool.pass(60 * MINUTE);
    await until("it is taken back", async () => {
      await pool.settle();
      return (await findSeatPod(pool.deps, actor)) === null;
    });
  });

  it("gives it back when work began in the last moment", async ({ world }) => {
    const pool = await setUp(world);
    const actor = await world.actor();
    await pool.claim(actor);
    await pool.settle();
    const pod = podOf(await pool.claim(actor));
    let asked = 0;
    // quiet when it is asked first, at work when it is asked the second time
    Object.defineProperty(pool.busy, "runs", { get: () => (asked++ === 0 ? 0 : 1), enumerable: true });
    pool.pass(60 * MINUTE);
    await pool.settle();
    expect(podOf(await pool.claim(actor))).toBe(pod);
    expect(asked).toBeGreaterThan(1);
  });

  it("is never given to another seat", async ({ world }) => {
    const pool = await setUp(world, { warm: 1, limit: 1 });
    await pool.settle();
    const used = podOf(await pool.claim(await world.actor()));
    pool.pass(30 * MINUTE);
    await pool.settle();
    const other = await world.actor();
    await pool.claim(other);
    await pool.settle();
    expect(podOf(await pool.claim(other))).not.toBe(used);
  });
});

describe("what is and what the table says", () => {
  it("become the same after a crash of a pod: the seat gets another", async ({ world }) => {
    const pool = await setUp(world, { warm: 1 });
    await pool.settle();
    const actor = await world.actor();
    const pod = podOf(await pool.claim(actor));
    pool.driver.crash(pod, "ended by SIGSEGV");
    await pool.settle();
    expect(await world.deps.db.pod.findUnique({ where: { id: pod } })).toMatchObject({ state: "failed", seat: null });
    expect(podOf(await pool.claim(actor))).not.toBe(pod);
  });

  it("become the same wherever the process that looked after them stopped", async ({ world }) => {
    const pool = await setUp(world, { warm: 1 });
    const [asked, queued, draining] = [await world.actor(), await world.actor(), await world.actor()];
    await pool.settle();
    const taken = podOf(await pool.claim(draining));
    await pool.settle();
    // A pod was asked for and never made; one was being taken back; one exists that no row knows.
    await pool.claim(asked); // takes the warm one
    const { podId } = await pool.claim(queued);
    await world.deps.sql.query(`UPDATE "Pod" SET "lastSeenAt" = now() WHERE id = $1`, [podId]);
    await world.deps.sql.query(`UPDATE "Pod" SET state = 'draining', seat = NULL WHERE id = $1`, [taken]);
    await pool.driver.create({ id: "pod_orphan", secret: "", gatewayUrl: "", publicKey: "", memoryMb: 1, version: "" });
    await pool.settle();
    expect(await findSeatPod(pool.deps, queued)).toBeNull();
    await pool.claim(queued);
    await pool.settle();
    podOf(await pool.claim(queued));
    const rows = await pool.active();
    expect(rows.every(({ state }) => state === "warm" || state === "claimed")).toBe(true);
    expect(rows.map(({ id }) => id).toSorted()).toEqual((await pool.driver.list()).map(({ id }) => id).toSorted());
  });

  it("replaces a pod of an older version once nobody needs it", async ({ world }) => {
    const pool = await setUp(world, { warm: 1 });
    await pool.settle();
    const actor = await world.actor();
    const pod = podOf(await pool.claim(actor));
    await world.deps.sql.query(`UPDATE "Pod" SET version = 'older'`);
    await pool.settle();
    expect(podOf(await pool.claim(actor))).toBe(pod); // in use
    pool.pass(2 * MINUTE);
    await pool.settle();
    expect((await pool.active()).every(({ version }) => version === VERSION)).toBe(true);
    expect(await world.deps.db.pod.findUnique({ where: { id: pod } })).toMatchObject({ state: "terminated" });
  });

  it("fails a pod that does not become ready", async ({ world }) => {
    const pool = await setUp(world);
    pool.driver.hold = true;
    const { podId } = await pool.claim(await world.actor());
    await pool.controller.tick();
    pool.pass(2 * MINUTE);
    await pool.settle();
    expect(await world.deps.db.pod.findUnique({ where: { id: podId } })).toMatchObject({ state: "failed" });
    expect(await pool.driver.list()).toEqual([]);
  });

  it("has one leader: a second one does nothing while the first lives", async ({ world }) => {
    const pool = await setUp(world, { warm: 1 });
    await pool.settle();
    const idle = createMemoryDriver();
    const other = createController(pool.deps, idle, VERSION);
    await other.tick();
    expect(idle.created).toEqual([]);
    expect(await pool.active()).toHaveLength(1);
    await other.stop();
  });

  it("tells a seat's pod of a change of its flows made elsewhere", async ({ world }) => {
    const pool = await setUp(world, { warm: 1 });
    await pool.settle();
    const [actor, stranger] = [await world.actor(), await world.actor()];
    const pod = podOf(await pool.claim(actor));
    await pool.settle();
    const at = new Date();
    for (const { workspaceId, userId } of [actor, stranger])
      await world.deps.db.flowDocument.create({
        data: { id: `doc_${userId}`, workspaceId, userId, revision: 2, nodes: [], createdAt: at, updatedAt: at },
      });
    await world.deps.live.publish(`seat:${seatKey(stranger)}`, "document");
    await world.deps.live.publish(`seat:${seatKey(actor)}`, "document");
    await until("the pod was told", () => pool.reloaded.length > 0);
    expect(new Set(pool.reloaded)).toEqual(new Set([pod]));
  });

  it("ends its pods when the product stops", async ({ world }) => {
    const pool = await setUp(world, { warm: 2 });
    await pool.settle();
    await pool.stop();
    expect(await pool.active()).toEqual([]);
  });
});
