import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createPlant } from "../plant/plant.ts";
import type { World } from "../plant/model.ts";
import { SERVERS, type FactoryServerName } from "../servers.ts";

const Result = z.object({
  summary: z.string(),
  as_of: z.string(),
  period: z.string().optional(),
  total: z.int(),
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
});

function call(world: World, server: FactoryServerName, name: string, input: object = {}) {
  const tool = SERVERS.find((it) => it.name === server)?.tools.find((it) => it.name === name);
  if (!tool) throw new Error(`No tool ${server}.${name}`);
  // The output schema of the tool is strict about its columns; `Result` gives the types.
  return Result.parse(tool.output.parse(tool.run(world, input)));
}

const all = SERVERS.flatMap((server) => server.tools.map((tool) => ({ server: server.name, tool })));
const plantAt = (seed: number, hours = 0) => createPlant({ seed, start: new Date(Date.UTC(2026, 2, 12, 9 + hours)) });

describe("the servers' tools", () => {
  it("are about eight per server, with unique names", () => {
    for (const { tools } of SERVERS) {
      expect(tools.length).toBeGreaterThanOrEqual(8);
      expect(tools.length).toBeLessThanOrEqual(11);
    }
    expect(new Set(all.map(({ tool }) => tool.name)).size).toBe(all.length);
  });

  it.each(all)("$server.$tool.name says what it does and describes each argument", ({ tool }) => {
    expect(tool.title.length).toBeGreaterThan(3);
    expect(tool.description.length).toBeGreaterThan(40);
    const { properties = {} } = z.toJSONSchema(tool.input, { io: "input" });
    const undescribed = Object.entries(properties).filter(
      ([, schema]) => typeof schema !== "object" || !schema.description,
    );
    expect(undescribed).toEqual([]);
    expect(tool.annotations.readOnlyHint).toBe("limit" in properties);
    expect(tool.annotations.openWorldHint).toBe(false);
  });

  it("offers writes in every system, and marks those that overwrite or cannot be taken back", () => {
    for (const { tools } of SERVERS) expect(tools.some((tool) => !tool.annotations.readOnlyHint)).toBe(true);
    const destructive = all.filter(({ tool }) => tool.annotations.destructiveHint).map(({ tool }) => tool.name);
    expect(destructive.toSorted()).toEqual(["adjust_stock", "release_batch"]);
  });

  it("answers every reading tool without arguments, changing nothing, in rows of its own schema", () => {
    const { world } = plantAt(11);
    const given: Record<string, object> = {
      explain_order: { order_id: [...world.orders.keys()].at(-1) },
      track_shipment: { shipment_id: [...world.shipments.keys()].at(-1) },
    };
    for (const { server, tool } of all.filter(({ tool }) => tool.annotations.readOnlyHint)) {
      const before = world.movements.length + world.tickets.size + world.defects.size;
      const result = call(world, server, tool.name, given[tool.name]);
      expect(result.summary).toMatch(/\.$/);
      expect(result.rows.length).toBeLessThanOrEqual(50);
      expect(result.total).toBeGreaterThanOrEqual(result.rows.length);
      expect(world.movements.length + world.tickets.size + world.defects.size).toBe(before);
    }
  });

  it("keeps to the limit and tells how many there are", () => {
    const { world } = plantAt(11);
    const result = call(world, "wms", "list_inventory", { limit: 3 });
    expect(result.rows).toHaveLength(3);
    expect(result.total).toBe(world.items.size);
  });
});

describe("list_oee", () => {
  it("gives the product of its factors for each machine, the worst first", () => {
    const { rows, period } = call(plantAt(3).world, "fertigung", "list_oee");
    expect(period).toContain("today since 00:00");
    expect(rows).toHaveLength(12);
    const oee = rows.map((row) => z.number().parse(row.oee_percent ?? 101));
    expect(oee).toEqual(oee.toSorted((a, b) => a - b));
    for (const row of rows.filter((row) => row.performance_percent !== null)) {
      const [a, p, q] = [row.availability_percent, row.performance_percent, row.quality_percent].map((it) =>
        z.number().parse(it),
      );
      expect(row.oee_percent).toBeCloseTo(((a ?? 0) * (p ?? 0) * (q ?? 0)) / 10_000, 0);
      expect(row.target_percent).toBe(85);
    }
  });

  it("shows only the machines below a bound", () => {
    const { world } = plantAt(3);
    const everything = call(world, "fertigung", "list_oee").rows;
    const { rows, summary } = call(world, "fertigung", "list_oee", { below: 85 });
    expect(rows).toEqual(everything.filter((row) => row.oee_percent !== null && Number(row.oee_percent) < 85));
    expect(rows.length).toBeGreaterThan(0);
    expect(summary).toContain(`${rows.length} of 12 machines`);
  });
});

describe("a late order", () => {
  /** What the system that the cause names shows under the cause's id, and what it must agree in with ERP. */
  function evidence(world: World, row: Record<string, unknown>): { shown: unknown; agreed: object } {
    const id = z.string().parse(row.cause_id);
    const thisOrder: unknown = expect.stringContaining(z.string().parse(row.order_id));
    switch (row.cause_system) {
      case "fertigung": {
        const { rows } = call(world, "fertigung", "list_downtimes", { downtime_id: id });
        return { shown: rows[0], agreed: { machine_id: row.machine_id, delayed_orders: thisOrder } };
      }
      case "wms": {
        const { rows } = call(world, "wms", "list_shortages", { shortage_id: id });
        return { shown: rows[0], agreed: { material_id: row.material_id, waiting_orders: thisOrder } };
      }
      case "qms": {
        const { rows } = call(world, "qms", "list_defects", { defect_id: id });
        return { shown: rows[0], agreed: { order_id: row.order_id, batch_id: row.batch_id } };
      }
      default: {
        const { rows } = call(world, "tms", "list_delayed_shipments", { direction: "outbound" });
        const shown = rows.find((it) => it.shipment_id === id);
        return { shown, agreed: { shipment_id: row.shipment_id, order_id: row.order_id } };
      }
    }
  }

  it(
    "has a cause that another system shows under the same ids, with every seed and at any time",
    { timeout: 60_000 },
    () => {
      const causes = new Set<unknown>();
      for (let seed = 1; seed <= 6; seed++) {
        const plant = plantAt(seed, seed * 5);
        for (let step = 0; step < 10; step++) {
          plant.advance(new Date(plant.now().getTime() + 13 * 3_600_000));
          for (const row of call(plant.world, "erp", "list_orders_at_risk").rows) {
            const { shown, agreed } = evidence(plant.world, row);
            expect(shown).toMatchObject(agreed);
            expect(row.why).toContain(row.cause_id);
            expect(Number(row.lost_hours)).toBeGreaterThan(0);
            causes.add(row.cause);
          }
        }
      }
      expect([...causes].map(String).toSorted()).toEqual([
        "machine_down",
        "material_shortage",
        "quality_hold",
        "shipment_delay",
      ]);
    },
  );

  it("is explained hour by hour by explain_order, under any of its ids", () => {
    const { world } = plantAt(6);
    const [row] = call(world, "erp", "list_orders_at_risk").rows;
    if (!row) throw new Error("No order is late");
    const explained = call(world, "erp", "explain_order", { order_id: row.batch_id });
    expect(explained.rows[0]).toMatchObject({ order_id: row.order_id, cause_id: row.cause_id, explanation: row.why });
    expect(explained.summary).toContain("days late");
  });

  it("has a delayed inbound shipment behind a shortage that lasts", () => {
    let seen = 0;
    for (let seed = 1; seed <= 10 && seen === 0; seed++) {
      const plant = plantAt(seed);
      for (let step = 0; step < 20; step++) {
        plant.advance(new Date(plant.now().getTime() + 4 * 3_600_000));
        for (const row of call(plant.world, "wms", "list_shortages", { only_open: true }).rows) {
          const { rows } = call(plant.world, "tms", "list_shipments", { direction: "inbound" });
          const inbound = rows.find((it) => it.shipment_id === row.delivery_shipment_id);
          if (!inbound) continue;
          expect(inbound.material_id).toBe(row.material_id);
          expect(inbound.expected_arrival_at).toBe(row.delivery_expected_at);
          if (inbound.delay_reason !== null) seen += 1;
        }
      }
    }
    expect(seen).toBeGreaterThan(0);
  });
});

describe("a mistake", () => {
  it("names the remedy", () => {
    const { world } = plantAt(1);
    expect(() => call(world, "fertigung", "list_oee", { machine_id: "M-999" })).toThrow(/M-101 \(Press 1\)/);
    expect(() => call(world, "erp", "explain_order", { order_id: "SO-9" })).toThrow(/list_orders/);
    expect(() => call(world, "erp", "reschedule_order", { order_id: "SO-9", due_at: "soon" })).toThrow(/2030-01-31/);
    expect(() => call(world, "wms", "list_stock_by_location", { location: "X" })).toThrow(/EXT-01/);
    expect(() => call(world, "qms", "release_batch", { batch_id: "B-1" })).toThrow(/list_batches/);
    expect(() => call(world, "tms", "track_shipment", { shipment_id: "X" })).toThrow(/list_shipments/);
    expect(() => call(world, "erp", "list_customers", { customer: "Nobody" })).toThrow(/list_customers/);
  });
});

describe("a date without a time", () => {
  it("means four in the afternoon of that day in the plant", () => {
    const { world } = createPlant({ seed: 1, start: new Date("2026-03-12T09:00:00Z"), timeZone: "America/New_York" });
    const order = [...world.orders.values()].find((it) => it.status !== "delivered");
    call(world, "erp", "reschedule_order", { order_id: order?.id, due_at: "2026-06-30" });
    expect(call(world, "erp", "list_orders", { order_id: order?.id }).rows[0]?.due_at).toBe("2026-06-30T20:00:00Z");
  });
});
