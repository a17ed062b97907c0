import { describe, expect } from "vitest";
import type { Deps } from "../deps.ts";
import { it } from "#tests/support/world.ts";
import { deleteOldOAuth, hasRoomForClient } from "./clean.ts";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const HOUR = 3_600_000;
const at = (hours: number) => new Date(NOW + hours * HOUR);

interface Row {
  model: string;
  id: string;
  grantId?: string;
  userId?: string;
  payload?: { clientId?: string };
  createdAt?: Date;
  expiresAt?: Date;
}

const put = (deps: Deps, rows: Row[]) =>
  deps.db.oAuthRecord.createMany({
    data: rows.map((row) => ({ payload: {}, createdAt: at(-48), expiresAt: null, ...row })),
  });
const left = async (deps: Deps) => (await deps.db.oAuthRecord.findMany({ orderBy: { id: "asc" } })).map(({ id }) => id);

describe("the clean-up", () => {
  it("deletes what expired, what leads nowhere, what people left behind, and clients that nobody uses; all else stays", async ({
    world,
  }) => {
    const { userId } = await world.actor();
    const deps = { ...world.deps, clock: { now: () => new Date(NOW) } };
    await put(deps, [
      // connected, with a client
      { model: "Client", id: "used" },
      { model: "Grant", id: "g1", grantId: "g1", userId, payload: { clientId: "used" }, expiresAt: at(24) },
      { model: "App", id: "g1", grantId: "g1", userId, payload: { clientId: "used" }, expiresAt: at(24) },
      { model: "RefreshToken", id: "r1", grantId: "g1", userId, expiresAt: at(1) },
      // its last token expired: nothing can be got from it any more
      { model: "Grant", id: "g2", grantId: "g2", userId, payload: { clientId: "idle" }, expiresAt: at(24) },
      { model: "App", id: "g2", grantId: "g2", userId, payload: { clientId: "idle" }, expiresAt: at(24) },
      { model: "RefreshToken", id: "r2", grantId: "g2", userId, expiresAt: at(-1) },
      { model: "Client", id: "idle" },
      // allowed a moment ago, its code not yet there
      { model: "App", id: "g3", grantId: "g3", userId, createdAt: at(-0.5), expiresAt: at(24) },
      // of somebody whose account is gone
      { model: "RefreshToken", id: "r4", grantId: "g4", userId: "usr_gone", expiresAt: at(1) },
      // registered, on its way to the person
      { model: "Client", id: "young", createdAt: at(-1) },
    ]);
    expect(await deleteOldOAuth(deps)).toBe(5);
    expect(await left(deps)).toEqual(["g1", "g1", "g3", "r1", "used", "young"]);
    expect(await deleteOldOAuth(deps)).toBe(0);
  });

  it("counts only clients without a grant against the bound, and lets the older of them make room", async ({
    world,
  }) => {
    const deps = { ...world.deps, clock: { now: () => new Date(NOW) } };
    await deps.db.oAuthRecord.deleteMany({});
    await put(deps, [
      { model: "Client", id: "used" },
      { model: "App", id: "g", grantId: "g", payload: { clientId: "used" } },
      { model: "Client", id: "a", createdAt: at(-0.1) },
      { model: "Client", id: "b", createdAt: at(-0.2) },
    ]);
    expect(await hasRoomForClient(deps, 3)).toBe(true);
    expect(await hasRoomForClient(deps, 2)).toBe(false);
    await put(deps, [{ model: "Client", id: "c", createdAt: at(-1) }]);
    expect(await hasRoomForClient(deps, 3)).toBe(true);
    expect(await left(deps)).toEqual(["a", "b", "g", "used"]);
  });
});
