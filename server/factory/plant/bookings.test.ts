import { describe, expect, it } from "vitest";
import { EXTERNAL_STORE, FINISHED_GOODS, QUARANTINE } from "./catalogue.ts";
import { acknowledgeAlarm, createTicket } from "./maintenance.ts";
import type { Downtime, World } from "./model.ts";
import { moveJob, prioritiseOrder, rescheduleOrder } from "./orders.ts";
import { openOrders, outlookOf } from "./outlook.ts";
import { createPlant, type Plant } from "./plant.ts";
import { completeAudit, holdBatch, releaseBatch } from "./quality.ts";
import { adjustStock, findItem, placePurchase, transferStock } from "./supply.ts";
import { changeCarrier, delayShipment, expediteShipment } from "./transport.ts";
import { findMachine, quantityAt } from "./world.ts";

/** Two equal plants at the first instant at which the first has what `find` looks for, and what it found in each. */
function twinsWith<T>(find: (world: World) => T | undefined): { plant: Plant; twin: Plant; found: T; same: T } {
  for (let seed = 1; seed < 20; seed++) {
    const plant = createPlant({ seed, start: new Date("2026-03-12T09:00:00Z") });
    for (let step = 0; step < 300; step++) {
      plant.advance(new Date(plant.now().getTime() + 10 * 60_000));
      const found = find(plant.world);
      if (found === undefined) continue;
      const twin = createPlant({ seed, start: plant.now() });
      const same = find(twin.world);
      if (same === undefined) throw new Error("The twin is not the same plant");
      return { plant, twin, found, same };
    }
  }
  throw new Error("No plant came into this situation");
}

const minutesUntil = (plant: Plant, done: (world: World) => boolean): number => {
  for (let minute = 0; minute < 5 * 24 * 60; minute++) {
    if (done(plant.world)) return minute;
    plant.advance(new Date(plant.now().getTime() + 60_000));
  }
  throw new Error("It did not happen within five days");
};

const unattended = (world: World): Downtime | undefined =>
  [...world.downtimes.values()].find((it) => it.to === null && it.waitLeft > 20 && it.repairLeft > 100);

describe("bookings", () => {
  it("brings the technician at once when an alarm is acknowledged", () => {
    const { plant, twin, found } = twinsWith(unattended);
    const waited = found.waitLeft;
    const alarm = acknowledgeAlarm(plant.world, found.alarmId.toLowerCase(), "Eva");
    expect(alarm.acknowledgedBy).toBe("Eva");
    const over = (world: World) => world.downtimes.get(found.id)?.to !== null;
    expect(minutesUntil(twin, over) - minutesUntil(plant, over)).toBe(waited);
  });

  it("keeps the first name when an alarm is acknowledged twice, and refuses one that is over", () => {
    const { plant, found } = twinsWith(unattended);
    acknowledgeAlarm(plant.world, found.alarmId, "Eva");
    expect(acknowledgeAlarm(plant.world, found.alarmId, "Jan").acknowledgedBy).toBe("Eva");
    minutesUntil(plant, (world) => world.downtimes.get(found.id)?.to !== null);
    expect(() => acknowledgeAlarm(plant.world, found.alarmId, "Eva")).toThrow("already over");
  });

  it("halves the rest of a repair once for an urgent ticket, which is done with the repair", () => {
    const { plant, found } = twinsWith(unattended);
    const before = found.repairLeft;
    const order = {
      machineId: found.machineId,
      kind: "repair",
      title: "Bring the spare part",
      priority: "high",
    } as const;
    const ticket = createTicket(plant.world, { ...order, plannedAt: 0, createdBy: "Eva" });
    createTicket(plant.world, { ...order, plannedAt: 0, createdBy: "Eva" });
    expect(found.repairLeft).toBe(Math.ceil(before / 2));
    minutesUntil(plant, (world) => world.downtimes.get(found.id)?.to !== null);
    expect(ticket.status).toBe("done");
  });

  it("stops a running machine for a planned inspection and gives it a new tool", () => {
    const { plant, found } = twinsWith((world) => world.machines.find((it) => it.state === "running" && it.wear > 0.6));
    const request = { machineId: found.name, kind: "inspection", title: "Check", priority: "normal" } as const;
    const ticket = createTicket(plant.world, { ...request, plannedAt: plant.world.now, createdBy: "Eva" });
    minutesUntil(plant, () => found.state === "maintenance");
    minutesUntil(plant, () => ticket.status === "done");
    expect(found.wear).toBeLessThan(0.1);
  });

  it("refuses to repair a machine that runs, and names the remedy", () => {
    const { plant, found } = twinsWith((world) => world.machines.find((it) => it.state === "running"));
    const request = { machineId: found.id, kind: "repair", title: "Check", priority: "normal" } as const;
    expect(() => createTicket(plant.world, { ...request, plannedAt: 0, createdBy: "Eva" })).toThrow(/inspection/);
  });

  it("ends a shortage when stock is brought from the external store, and the order is earlier for it", () => {
    const { plant, twin, found } = twinsWith((world) =>
      [...world.shortages.values()].find((it) => {
        const enough = quantityAt(world, EXTERNAL_STORE, it.itemId) > (world.items.get(it.itemId)?.perDay ?? 0) / 4;
        const [orderId] = it.orderIds;
        return it.to === null && enough && orderId !== undefined && world.now - it.from < 60;
      }),
    );
    const item = findItem(plant.world, found.itemId);
    const external = quantityAt(plant.world, EXTERNAL_STORE, item.id);
    transferStock(plant.world, { itemId: item.id, from: EXTERNAL_STORE, by: "Eva" });
    expect(found.to).toBe(plant.world.now);
    expect(quantityAt(plant.world, EXTERNAL_STORE, item.id)).toBe(0);
    expect(quantityAt(plant.world, item.home, item.id)).toBeGreaterThanOrEqual(external);
    const jobStarts = (world: World) => world.orders.get(found.orderIds[0] ?? "")?.status === "delivered";
    expect(minutesUntil(plant, jobStarts)).toBeLessThanOrEqual(minutesUntil(twin, jobStarts));
  });

  it("moves no more stock than there is, and names where to look", () => {
    const { world } = createPlant({ seed: 2, start: new Date("2026-03-12T09:00:00Z") });
    const transfer = { itemId: "RM-1001", from: EXTERNAL_STORE, by: "Eva" };
    expect(() => transferStock(world, { ...transfer, quantity: 1e9 })).toThrow(/list_stock_by_location/);
    expect(() => transferStock(world, { ...transfer, itemId: "RM-9999" })).toThrow(/list_inventory/);
    expect(() => transferStock(world, { ...transfer, to: "MOON-1" })).toThrow(/EXT-01/);
    expect(() => transferStock(world, { ...transfer, from: "raw-a1" })).toThrow(/two different/);
  });

  it("books a stock count and keeps the movement", () => {
    const { world } = createPlant({ seed: 2, start: new Date("2026-03-12T09:00:00Z") });
    const before = quantityAt(world, "RAW-B2", "RM-2002");
    const movement = adjustStock(world, { itemId: "ABS granulate", countedQuantity: before + 7, by: "Eva" });
    expect(quantityAt(world, "RAW-B2", "RM-2002")).toBe(before + 7);
    expect(movement).toMatchObject({ quantity: 7, toLocation: "RAW-B2", reason: "stock count", by: "Eva" });
    expect(world.movements.at(-1)).toBe(movement);
  });

  it("holds a batch in quarantine until it is released, and then ships it", () => {
    const { plant, found } = twinsWith((world) => {
      const batch = [...world.batches.values()].find((it) => it.status === "released");
      return batch && world.orders.get(batch.orderId)?.status === "ready_to_ship" ? batch : undefined;
    });
    const { world } = plant;
    const finished = quantityAt(world, FINISHED_GOODS, found.productId);
    const defect = holdBatch(world, { batchId: found.id, reason: "Wrong label", quantity: 5, by: "Eva" });
    expect(world.orders.get(found.orderId)?.status).toBe("on_hold");
    expect(quantityAt(world, QUARANTINE, found.productId)).toBeGreaterThanOrEqual(found.quantity);
    expect(quantityAt(world, FINISHED_GOODS, found.productId)).toBe(finished - found.quantity);
    plant.advance(new Date(plant.now().getTime() + 30 * 3_600_000));
    expect(world.orders.get(found.orderId)?.status).toBe("on_hold");
    releaseBatch(world, found.id, "labels replaced");
    expect(defect.status).toBe("closed");
    minutesUntil(plant, () => world.orders.get(found.orderId)?.status === "delivered");
    expect(world.orders.get(found.orderId)?.delays).toContainEqual(
      expect.objectContaining({ cause: "quality_hold", refId: defect.id }),
    );
  });

  it("reckons with a new due date and a high priority", () => {
    const { world } = createPlant({ seed: 2, start: new Date("2026-03-12T09:00:00Z") });
    const order = openOrders(world)[0];
    if (!order) throw new Error("No open order");
    rescheduleOrder(world, order.productionOrderId, world.now + 60 * 24 * 60);
    expect(outlookOf(world, order).late).toBeLessThan(0);
    expect(() => rescheduleOrder(world, order.id, world.now - 1)).toThrow(/past/);
    expect(prioritiseOrder(world, order.id, "high").priority).toBe("high");
  });

  it("puts the job of an order with high priority in front of the queue", () => {
    const { plant, found } = twinsWith((world) => {
      const machine = world.machines.find((it) => it.queue.length >= 3);
      const job = world.jobs.get(machine?.queue.at(-1) ?? "");
      return machine && job?.orderId ? { machine, job } : undefined;
    });
    prioritiseOrder(plant.world, found.job.orderId ?? "", "high");
    expect(found.machine.queue[0]).toBe(found.job.id);
  });

  it("moves a job from a stopped machine to one of its kind only", () => {
    const { plant, found } = twinsWith((world) =>
      world.machines.find(
        (it) => it.state === "down" && it.jobId !== null && ["press", "mill", "mould"].includes(it.group),
      ),
    );
    const jobId = found.jobId ?? "";
    const other = plant.world.machines.find((it) => it.group === found.group && it !== found);
    expect(() => moveJob(plant.world, jobId, "Paint line")).toThrow(other?.id);
    moveJob(plant.world, jobId, other?.id ?? "");
    expect(found.jobId).toBeNull();
    expect(other?.queue).toContain(jobId);
    minutesUntil(plant, (world) => world.jobs.get(jobId)?.status === "done");
  });

  it("brings ordered material as an inbound shipment", () => {
    const plant = createPlant({ seed: 2, start: new Date("2026-03-12T09:00:00Z") });
    const purchase = placePurchase(plant.world, findItem(plant.world, "RM-4002"), 500, "Eva");
    expect(plant.world.shipments.get(purchase.shipmentId)).toMatchObject({ direction: "inbound", status: "planned" });
    minutesUntil(plant, () => purchase.status === "received");
    expect(plant.world.movements).toContainEqual(
      expect.objectContaining({ reference: purchase.id, reason: "goods receipt" }),
    );
    expect(() => placePurchase(plant.world, findItem(plant.world, "FP-100"), 1, "Eva")).toThrow(/list_materials/);
  });

  it("delays, expedites and hands over shipments", () => {
    const { plant, found } = twinsWith((world) =>
      [...world.shipments.values()].find(
        (it) => it.status === "planned" && it.orderId !== null && it.delayReason === null,
      ),
    );
    const { world } = plant;
    expect(changeCarrier(world, found.id, "Maas Express").carrierId).toBe("K-04");
    const eta = found.eta;
    delayShipment(world, found.id, 600, "Snow");
    expect(found.eta).toBe(eta + 600);
    const { saved } = expediteShipment(world, found.id);
    expect(found.eta).toBe(eta + 600 - saved);
    expect(() => expediteShipment(world, found.id)).toThrow(/already expedited/);
    minutesUntil(plant, () => found.status === "delivered");
    expect(() => delayShipment(world, found.id, 1, "Snow")).toThrow(/list_shipments/);
  });

  it("records an audit once", () => {
    const { plant, found } = twinsWith((world) => [...world.audits.values()].find((it) => it.completedAt === null));
    const result = { auditId: found.id, scorePercent: 91, findings: 2, by: "Eva" };
    expect(completeAudit(plant.world, result)).toMatchObject({ scorePercent: 91, completedAt: plant.world.now });
    expect(() => completeAudit(plant.world, result)).toThrow(/already done/);
  });

  it("names all machines when one is unknown", () => {
    const { world } = createPlant({ seed: 2, start: new Date("2026-03-12T09:00:00Z") });
    expect(() => findMachine(world, "M-999")).toThrow(/M-203 \(CNC mill 3\)/);
    expect(findMachine(world, "cnc MILL 3").id).toBe("M-203");
  });
});
