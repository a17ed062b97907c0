import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFactory, type Factory } from "#server/factory/start-factory.ts";
import { startCountingUpstream, startMisbehavingUpstream } from "#tests/support/mcp-upstream.ts";
import { definition, startTestGateway, type TestGateway } from "#tests/support/tool-gateway.ts";
import type { Actor } from "../../kernel/actor.ts";
import { systemClock } from "../../kernel/clock.ts";
import { choose, plantState } from "./plant-state.ts";
import { PlantState } from "./schema.ts";
import { mapRow, rowsOf, VIEWS } from "./views.ts";

const actor: Actor = {
  userId: "usr_1",
  name: "Ada",
  email: "ada@example.com",
  workspaceId: "wsp_1",
  role: "viewer",
  owner: false,
  via: "session",
  credentialId: "ses_1",
  scopes: null,
};

let factory: Factory;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const free = Object.fromEntries(["erp", "wms", "qms", "fertigung", "tms"].map((name) => [name, 0]));
  factory = await startFactory({ seed: 1, ports: free, now: () => new Date("2026-07-28T09:00:00Z"), timeZone: "UTC" });
}, 60_000);
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  await factory.stop();
});
/** With those connected that can be, so that what is shown does not hang on the machine's speed. */
async function gatewayTo(upstreams: Parameters<typeof startTestGateway>[0], connectMs = 5_000): Promise<TestGateway> {
  const gateway = await startTestGateway(upstreams, { pace: { connectMs } });
  ends.push(() => gateway.stop());
  await Promise.all(upstreams.map(({ name }) => gateway.tools.check(name, null)));
  return gateway;
}
const servers = (...names: string[]) =>
  factory.servers
    .filter(({ name }) => names.includes(name))
    .map(({ name, url, title }) => definition(name, url, { title }));

describe("the demo factory", () => {
  it("shows in all four views, as its own tools tell it", async () => {
    const { tools } = await gatewayTo(servers("erp", "wms", "fertigung"));
    const state = PlantState.parse(await plantState({ tools, clock: systemClock }, actor));
    expect(state.oee).toMatchObject({ state: "ok", tool: "fertigung.list_oee", asOf: expect.any(String) });
    expect(state.ordersAtRisk).toMatchObject({ state: "ok", tool: "erp.list_orders_at_risk" });
    expect(state.lowStock).toMatchObject({ state: "ok", tool: "wms.list_stock_below_minimum" });
    expect(state.alarms).toMatchObject({ state: "ok", tool: "fertigung.list_alarms" });

    const oee = await tools.call({ actor, name: "fertigung.list_oee", args: {} });
    const theirs = rowsOf(oee.value)!;
    expect(theirs.length).toBeGreaterThan(0);
    expect(state.oee.state === "ok" && state.oee.rows.map(({ name, oee, target }) => ({ name, oee, target }))).toEqual(
      theirs.map((row) => ({ name: row["machine"], oee: row["oee_percent"], target: row["target_percent"] })),
    );
    const stock = await tools.call({ actor, name: "wms.list_stock_below_minimum", args: {} });
    expect(
      state.lowStock.state === "ok" && state.lowStock.rows.map(({ name, inStock }) => ({ name, inStock })),
    ).toEqual(rowsOf(stock.value)!.map((row) => ({ name: row["item"], inStock: row["in_stock"] })));
  });

  it("is asked once for all who look within five seconds, and anew after", async () => {
    const { tools, audited } = await gatewayTo(servers("erp", "wms", "fertigung"));
    let now = Date.now();
    const clock = { now: () => new Date(now) };
    await Promise.all([plantState({ tools, clock }, actor), plantState({ tools, clock }, actor)]);
    now += 4_900;
    await plantState({ tools, clock }, { ...actor, userId: "usr_2" });
    expect(await audited()).toHaveLength(4);
    now += 200;
    await plantState({ tools, clock }, actor);
    expect(await audited()).toHaveLength(8);
  });
});

it("shows what there is while a server is away or silent, and says why the rest is missing", async () => {
  const gone = await startCountingUpstream();
  await gone.stop();
  const silent = await startMisbehavingUpstream("hang");
  ends.push(() => silent.stop());
  const { tools } = await gatewayTo(
    [...servers("fertigung"), definition("wms", gone.url), definition("erp", silent.url)],
    2_000,
  );
  const state = await plantState({ tools, clock: systemClock }, actor);
  expect(state.oee).toMatchObject({ state: "ok" });
  expect(state.alarms).toMatchObject({ state: "ok" });
  expect(state.lowStock).toEqual({
    state: "unavailable",
    why: `The WMS does not answer at ${gone.url}: connection refused`,
  });
  expect(state.ordersAtRisk).toEqual({
    state: "unavailable",
    why: `The ERP does not answer at ${silent.url}: no answer within 2 s`,
  });
});

it("says so when nothing is connected, or nothing connected knows", async () => {
  const none = await gatewayTo([]);
  expect((await plantState({ tools: none.tools, clock: systemClock }, actor)).oee).toEqual({
    state: "unavailable",
    why: "No MCP server is connected",
  });
  const other = await startCountingUpstream();
  ends.push(() => other.stop());
  const { tools } = await gatewayTo([definition("other", other.url)]);
  expect((await plantState({ tools, clock: systemClock }, actor)).oee).toEqual({
    state: "unavailable",
    why: "None of the connected MCP servers has a tool for this",
  });
});

describe("another plant's tools", () => {
  const tool = (name: string) => ({
    name,
    server: name.split(".")[0]!,
    title: "",
    description: "",
    inputSchema: {},
    class: "read" as const,
    repeatable: true,
  });

  it("are found by preference, then by name", () => {
    const tools = ["a.list_oee", "fertigung.list_oee", "x.sub.list_oee", "z.get_oee"].map(tool);
    expect(choose(tools, VIEWS.oee.tools)?.name).toBe("fertigung.list_oee");
    expect(choose(tools.slice(2), VIEWS.oee.tools)?.name).toBe("z.get_oee");
    expect(choose(tools.slice(0, 1), VIEWS.oee.tools)?.name).toBe("a.list_oee");
    expect(choose([], VIEWS.oee.tools)).toBeUndefined();
  });

  it("are read by the columns that they have; a row without what matters is left out", () => {
    expect(mapRow(VIEWS.oee, { name: "Press 1", oee: 71.5, availability: "n/a" })).toMatchObject({
      name: "Press 1",
      oee: 71.5,
      availability: null,
      target: null,
    });
    expect(mapRow(VIEWS.alarms, { machine: "Press 1" })).toBeNull();
    expect(rowsOf([{ a: 1 }, "x"])).toEqual([{ a: 1 }]);
    expect(rowsOf({ items: [] })).toEqual([]);
    expect(rowsOf("nothing")).toBeNull();
  });
});
